-- Views of what simulations need beside the pipeline: scenarios and consents.
--
-- People are ids here, and photographs are assets: neither is named.

CREATE VIEW diagnostics.scenarios AS
SELECT id, name, description, strength, position, version, updated_at, archived_at
FROM app.scenarios;
COMMENT ON VIEW diagnostics.scenarios IS 'Which scenarios are there, how strong is each, and when was it changed?';

CREATE VIEW diagnostics.consents AS
SELECT consent.id, consent.account_id, consent.asset_id, consent.wording_version,
  consent.given_by, consent.given_at, consent.withdrawn_at,
  (
    SELECT count(*) FROM app.simulations AS simulation
    WHERE simulation.consent_id = consent.id
  ) AS simulations
FROM app.consents AS consent;
COMMENT ON VIEW diagnostics.consents IS 'Which consent was given for which photograph, under which wording, and was it withdrawn?';
