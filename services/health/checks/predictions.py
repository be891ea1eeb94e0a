"""Does a provider's token see what this desk ordered lately, or is it another account's?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import select

from services.database.clock import ago
from services.database.models import Attempt, Run
from services.health.check import Answer, Question, failed, ok, unknown, warning
from services.health.system_under_check import House
from services.providers.base import FailureClass, PredictionProvider, ProviderError
from services.providers.definition import ProviderDefinition
from services.providers.registry import REMOTE
from services.recipes.registry import TRAINING_KINDS

RECENT = timedelta(days=7)
LOOKED_AT = 2


@dataclass(frozen=True)
class _Recent:
    """One prediction of ours, and the token that it was ordered with, where that was kept."""

    id: str
    fingerprint: str | None


def prediction_questions(house: House) -> list[Question]:
    """One question for each provider with predictions that can be asked about."""
    return [
        Question(f"{it.label}'s newest predictions", "Providers", partial(_newest, house, it))
        for it in REMOTE
        if not it.is_synchronous and it.name in house.providers
    ]


def _newest(house: House, definition: ProviderDefinition) -> Answer:
    provider = house.providers[definition.name]
    recent = _recent(house, definition.name)
    if not recent or not isinstance(provider, PredictionProvider):
        return ok(f"Nothing was ordered there in the last {RECENT.days} days.")
    try:
        lost = [order for order in recent if not _is_known(provider, order.id)]
        whose = provider.account().name if lost else ""
    except ProviderError as error:
        return unknown(f"It cannot be told: {error.detail.rstrip('.')}.", "Check again later.")
    if not lost:
        return ok(f"The token sees the newest {len(recent)} of this desk's predictions.")
    return _told(house, definition, whose, recent, lost)


def _recent(house: House, provider: str) -> list[_Recent]:
    """Trainings are kept elsewhere, so a picture's predictions alone."""
    query = (
        select(Attempt.prediction_id, Attempt.token_fingerprint)
        .join(Run, Run.id == Attempt.run_id)
        .where(
            Attempt.created_at > ago(RECENT),
            Attempt.provider == provider,
            Attempt.prediction_id.is_not(None),
            Run.kind.not_in(TRAINING_KINDS),
        )
        .order_by(Attempt.created_at.desc())
        .limit(LOOKED_AT)
    )
    with house.transaction() as session:
        rows = session.execute(query)
        return [_Recent(str(prediction), token) for prediction, token in rows]


def _is_known(provider: PredictionProvider, prediction_id: str) -> bool:
    try:
        provider.get(prediction_id)
    except ProviderError as error:
        if error.failure is FailureClass.LOST:
            return False
        raise
    return True


def _told(
    house: House,
    definition: ProviderDefinition,
    whose: str,
    recent: Sequence[_Recent],
    lost: Sequence[_Recent],
) -> Answer:
    if definition.name in house.simulated:
        return ok("Simulated: the simulator forgets its predictions when it starts anew.")
    token = f"The token belongs to {whose}"
    if recent[0] not in lost:
        told = f"{token}. It sees the newest prediction of this desk and not the one before:"
        return warning(f"{told} the token was changed in between.", _fix(definition))
    reason, fix = _reason(definition, house.fingerprints.get(definition.name), lost)
    told = "and the newest predictions of this desk are unknown to it:"
    return failed(f"{token}, {told} {reason}", fix)


def _reason(
    definition: ProviderDefinition, ours: str | None, lost: Sequence[_Recent]
) -> tuple[str, str]:
    made_with = {order.fingerprint for order in lost}
    if made_with == {ours}:
        return (
            "they were ordered with this very token, so they were deleted there.",
            f"Look for them on {definition.label}'s own pages; what still waits for them fails by itself.",
        )
    told = "another account's token was set."
    if None in made_with:
        return told, _fix(definition)
    return f"{told} They were ordered with a token that is not set now.", _fix(definition)


def _fix(definition: ProviderDefinition) -> str:
    return (
        f"Set {definition.token_name} to one of the account that ordered them and start again;"
        " what still waits for them fails otherwise, and is refunded."
    )
