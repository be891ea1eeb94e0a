"""Views of what simulations need beside the pipeline: scenarios and consents.

People are ids here, and photographs are assets: neither is named.
"""

from services.database.views.view import View

SCENARIOS = View(
    "scenarios",
    "Which scenarios are there, how strong is each, and when was it changed?",
    """
    SELECT id, name, description, strength, position, version, updated_at, archived_at
    FROM app.scenarios
    """,
)

CONSENTS = View(
    "consents",
    "Which consent was given for which photograph, under which wording, and was it withdrawn?",
    """
    SELECT consent.id, consent.account_id, consent.asset_id, consent.wording_version,
      consent.given_by, consent.given_at, consent.withdrawn_at,
      (
        SELECT count(*) FROM app.simulations AS simulation
        WHERE simulation.consent_id = consent.id
      ) AS simulations
    FROM app.consents AS consent
    """,
)

SIMULATION_VIEWS = (SCENARIOS, CONSENTS)
