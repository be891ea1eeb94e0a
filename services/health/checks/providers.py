"""Checks of each provider: its token's account, its model, its pause, its newest predictions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from sqlalchemy import select

from services.audit.changes import record_change
from services.core.actors import SYSTEM
from services.core.redaction import masked, shown_address
from services.core.settings import Settings
from services.database.clock import ago
from services.database.models import Attempt, Run
from services.health.check import Answer, Check, CheckUpTargets, failed, ok, unknown, warning
from services.monitoring.providers import ProviderReader, ProviderStatus
from services.pipeline.rate_limits import resume
from services.providers.base import (
    FailureClass,
    ModelCapabilities,
    ModelCatalogue,
    PredictionProvider,
    ProviderError,
)
from services.providers.definition import ConfiguredModel, ProviderDefinition, environment_name
from services.providers.registry import REMOTE
from services.recipes.registry import TRAINING_KINDS

GROUP = "Providers"
RECENT = timedelta(days=7)
MAX_PREDICTIONS = 2
ENDED_BY_ACCESS = (FailureClass.CONFIGURATION, FailureClass.TRANSIENT)
"""Failures whose pause is over once the provider answers for our account."""


def provider_checks(targets: CheckUpTargets) -> Iterator[Check]:
    """Yield the checks of each provider; one alone for an optional one without a token."""
    for it in REMOTE:
        if not it.exists(targets.settings):
            continue
        yield Check(f"{it.label}'s account", GROUP, partial(_account, it))
        is_configured = it.name in targets.providers
        if it.is_optional and not is_configured:
            continue
        for model in it.configured_models(targets.settings):
            yield Check(f"{it.label}'s model {model.model}", GROUP, partial(_model, it, model))
        yield Check(f"Calls to {it.label}", GROUP, partial(_calls, it))
        if is_configured and not it.is_synchronous:
            yield Check(f"{it.label}'s newest predictions", GROUP, partial(_newest, it))


def _account(definition: ProviderDefinition, targets: CheckUpTargets) -> Answer:
    provider = targets.providers.get(definition.name)
    if provider is None and definition.is_optional:
        return ok(
            f"{definition.token_name} is not set; it is needed only where {definition.label} is chosen."
        )
    if provider is None:
        return failed(
            f"No token for {definition.label} is set, and no simulator answers in its place.",
            f"Set {definition.token_name} (from {definition.token_page}),"
            " or start ./run for simulated pictures.",
        )
    try:
        account = provider.account()
    except ProviderError as error:
        return _refusal(targets, definition, error)
    whose = f"{account.name} ({account.kind})" if account.kind else account.name
    if definition.name not in targets.simulated:
        return ok(f"{_access(targets.settings, definition)} belongs to {whose}.")
    finding = f"Simulated: the simulator draws the pictures and answers as {whose}."
    if definition.is_optional or targets.simulated == {it.name for it in REMOTE} & set(
        targets.providers
    ):
        return ok(finding)
    return warning(finding, f"Set {definition.token_name}, or accept simulated pictures.")


def _model(
    definition: ProviderDefinition, configured: ConfiguredModel, targets: CheckUpTargets
) -> Answer:
    model, names = configured.model, " and ".join(configured.settings)
    provider = targets.providers.get(definition.name)
    if not isinstance(provider, ModelCatalogue):
        return unknown(f"Whether {model} exists is unknown without a token.")
    try:
        version = provider.current_version(model)
    except ProviderError as error:
        if not _is_absent(error):
            return unknown(f"Whether {model} exists is unknown: {_sentence(error)}")
        return failed(
            f"{definition.label} has no {model} that this token may run: {_sentence(error)}",
            f"Set {names} to {configured.facts.replacement or 'a model that exists'}, or use the token of an account that may run it.",
        )
    notice = configured.facts.retirement(date.today())
    if notice and definition.name not in targets.simulated:
        return warning(notice, f"Set {names} to {configured.facts.replacement}.")
    known = f", version {version[:12]}" if version else ""
    return ok(f"{model} exists{known}; it takes {_taken(provider.capabilities(model))}.")


def _taken(can: ModelCapabilities) -> str:
    """List what a model can be given: `words, a picture, a pose's skeleton; steps, guidance`."""
    pictures = "a picture" if can.max_images == 1 else f"up to {can.max_images} pictures"
    inputs = (
        "words" if can.takes_prompt else "",
        pictures if can.max_images else "",
        "a pose's skeleton" if can.takes_control_image else "",
        *can.options,
    )
    return ", ".join(filter(None, inputs)) or "nothing that is known"


def _access(settings: Settings, definition: ProviderDefinition) -> str:
    """Name the setting that gives access, with its masked value."""
    return definition.access(settings, masked(getattr(settings, definition.token_field or "")))


def _is_absent(error: ProviderError) -> bool:
    """Return whether there is no such model, or one without any version, which has no status."""
    is_ours = error.status_code is None and error.failure is FailureClass.CONFIGURATION
    return error.failure is FailureClass.MODEL_RETIRED or (is_ours and not error.pauses_provider)


def _refusal(
    targets: CheckUpTargets, definition: ProviderDefinition, error: ProviderError
) -> Answer:
    settings = targets.settings
    if error.failure is FailureClass.CONFIGURATION:
        return failed(
            f"{definition.label} refuses {_access(settings, definition)}: {_sentence(error)}",
            definition.access_fix(settings),
        )
    if error.failure is FailureClass.FUNDS:
        return failed(
            f"The account of {definition.label}'s token has no funds: {_sentence(error)}",
            f"Pay in at {definition.label}, or set {definition.token_name} to another account's.",
        )
    # A read that is throttled counts as transient for the pipeline.
    if error.failure is FailureClass.THROTTLED or error.status_code == 429:
        return warning(
            f"{definition.label} rate limits this account at the moment.",
            "Wait a minute and check again.",
        )
    if definition.name in targets.simulated:
        return failed(
            f"The simulator that stands in for {definition.label} does not answer: {_sentence(error)}",
            f"Start ./run, or set {definition.token_name} for real pictures.",
        )
    return failed(
        f"{definition.label} ({shown_address(definition.base_url(settings) or '')}) gives no usable"
        f" answer: {_sentence(error)}",
        f"Check this machine's network and {environment_name(definition.base_url_field or '')};"
        " then check again.",
    )


def _sentence(error: ProviderError) -> str:
    return f"{error.detail.rstrip('.')}."


def _calls(definition: ProviderDefinition, targets: CheckUpTargets) -> Answer:
    reader = ProviderReader(fingerprints=targets.fingerprints)
    with targets.transaction() as session:
        status = reader.read(session).get(definition.name)
    if status is None:
        return unknown("No dispatcher has registered it yet.", "Start ./run, or ./run dispatcher.")
    if status.paused_at and _resumed(targets, status):
        return ok(f"It was paused ({status.paused_reason}); it accepts us now: resumed.")
    if status.paused_at:
        return failed(
            f"{definition.label} is paused: {status.paused_reason or 'no reason recorded.'}",
            f"Correct the reason and resume it on the Overview,"
            f" or set another {definition.token_name}.",
        )
    registered = status.dispatcher_fingerprint
    if status.fingerprint and registered and registered != status.fingerprint:
        return warning(
            f"The dispatcher uses another token for {definition.label} than this process.",
            f"Give every process the same {definition.token_name} and restart them.",
        )
    if status.blocked_until:
        return warning(
            f"{definition.label} limits our rate; creates continue automatically.",
            "No action needed.",
        )
    return ok("Not paused, not rate limited.")


def _resumed(targets: CheckUpTargets, status: ProviderStatus) -> bool:
    """Resume a provider that was paused because nothing could be sent to it, and takes it now.

    A pause for missing funds is for a person to end: an account does not report its balance.
    """
    provider = targets.providers.get(status.name)
    if provider is None or status.paused_failure not in ENDED_BY_ACCESS:
        return False
    try:
        provider.account()
    except ProviderError:
        return False
    with targets.transaction() as session:
        is_resumed = resume(session, status.name)
        if is_resumed:
            record_change(
                session,
                SYSTEM,
                "provider.resume",
                status.name,
                "The check-up found that its access works",
                before={"reason": status.paused_reason},
            )
    return is_resumed


@dataclass(frozen=True)
class _Sent:
    """One prediction of ours, and the token that created it, where that was recorded."""

    id: str
    fingerprint: str | None


def _newest(definition: ProviderDefinition, targets: CheckUpTargets) -> Answer:
    provider = targets.providers[definition.name]
    recent = _recent(targets, definition.name)
    if not recent or not isinstance(provider, PredictionProvider):
        return ok(f"Nothing was sent there in the last {RECENT.days} days.")
    try:
        lost = [sent for sent in recent if not _is_known(provider, sent.id)]
        whose = provider.account().name if lost else ""
    except ProviderError as error:
        return unknown(f"Unknown: {_sentence(error)}", "Check again later.")
    if not lost:
        return ok(f"The token sees the newest {len(recent)} of our predictions.")
    return _unseen(targets, definition, whose, recent, lost)


def _recent(targets: CheckUpTargets, provider: str) -> list[_Sent]:
    """Read the newest predictions of pictures; trainings have another address there."""
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
        .limit(MAX_PREDICTIONS)
    )
    with targets.transaction() as session:
        rows = session.execute(query)
        return [_Sent(str(prediction), token) for prediction, token in rows]


def _is_known(provider: PredictionProvider, prediction_id: str) -> bool:
    try:
        provider.get(prediction_id)
    except ProviderError as error:
        if error.failure is FailureClass.LOST:
            return False
        raise
    return True


def _unseen(
    targets: CheckUpTargets,
    definition: ProviderDefinition,
    whose: str,
    recent: Sequence[_Sent],
    lost: Sequence[_Sent],
) -> Answer:
    if definition.name in targets.simulated:
        return ok("Simulated: the simulator forgets its predictions when it restarts.")
    token = f"The token belongs to {whose}"
    if recent[0] not in lost:
        finding = f"{token}. It sees our newest prediction and not the one before:"
        return warning(f"{finding} the token was changed in between.", _fix(definition))
    reason, fix = _reason(definition, targets.fingerprints.get(definition.name), lost)
    return failed(f"{token}, and our newest predictions are unknown to it: {reason}", fix)


def _reason(
    definition: ProviderDefinition, ours: str | None, lost: Sequence[_Sent]
) -> tuple[str, str]:
    tokens = {sent.fingerprint for sent in lost}
    if tokens == {ours}:
        return (
            "they were created with this token, so they were deleted there.",
            f"Search for them at {definition.label}; runs that wait for them fail and are refunded.",
        )
    finding = "another account's token was set."
    if None in tokens:
        return finding, _fix(definition)
    return f"{finding} They were created with a token that is not set now.", _fix(definition)


def _fix(definition: ProviderDefinition) -> str:
    return (
        f"Set {definition.token_name} to one of the account that created them and restart;"
        " otherwise runs that wait for them fail and are refunded."
    )
