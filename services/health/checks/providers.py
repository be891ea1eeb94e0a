"""Whose account is each provider's token, may the provider be called, and is our model there?"""

from datetime import date, timedelta

from sqlalchemy import func, select

from services.audit.changes import record_change
from services.core.actors import SYSTEM
from services.core.redaction import masked, shown_address
from services.core.settings import Settings
from services.database.models import ProviderState
from services.health.check import Answer, Question, failed, ok, unknown, warning
from services.health.system_under_check import House
from services.pipeline.rate_limits import resume
from services.providers.base import FailureClass, ModelCatalogue, ProviderError
from services.providers.definition import ModelFacts, ProviderDefinition, environment_name
from services.providers.registry import REMOTE

GROUP = "Providers"
RETIREMENT_NOTICE = timedelta(days=30)
_NO_SUCH_MODEL = frozenset({404, 422})


def provider_questions(house: House) -> list[Question]:
    """Three questions for each provider; one for an optional one that is not set up."""
    questions = []
    for kind in REMOTE:
        questions += _questions(house, kind)
    return questions


def _questions(house: House, kind: ProviderDefinition) -> list[Question]:
    account = Question(f"{kind.label}'s account", GROUP, lambda: _account(house, kind))
    if kind.is_optional and kind.name not in house.providers:
        return [account]
    return [
        account,
        Question(f"{kind.label}'s model", GROUP, lambda: _model(house, kind)),
        Question(f"Calls to {kind.label}", GROUP, lambda: _gate(house, kind)),
    ]


def _account(house: House, kind: ProviderDefinition) -> Answer:
    provider = house.providers.get(kind.name)
    if provider is None and kind.is_optional:
        return ok(f"{kind.token_name} is not set; only work that chooses {kind.label} needs it.")
    if provider is None:
        return failed(
            f"No token for {kind.label} is set, and no simulator answers in its place.",
            f"Set {kind.token_name} (from {kind.token_page}), or start ./run for simulated pictures.",
        )
    try:
        account = provider.account()
    except ProviderError as error:
        return _refusal(house, kind, error)
    whose = f"{account.name} ({account.kind})" if account.kind else account.name
    if kind.name not in house.simulated:
        return ok(f"{_access(house.settings, kind)} belongs to {whose}.")
    told = f"Simulated: the simulator draws the pictures and answers as {whose}."
    if kind.is_optional or house.simulated == {it.name for it in REMOTE} & set(house.providers):
        return ok(told)
    return warning(told, f"Set {kind.token_name}, or know that these pictures are made up.")


def _model(house: House, kind: ProviderDefinition) -> Answer:
    field = next(iter(kind.model_fields.values()))
    model = str(getattr(house.settings, field))
    provider = house.providers.get(kind.name)
    if not isinstance(provider, ModelCatalogue):
        return unknown(f"Whether {model} is there cannot be told without a token.")
    try:
        version = provider.current_version(model)
    except ProviderError as error:
        if not _is_absent(error):
            return unknown(f"Whether {model} is there cannot be told: {_told(error)}")
        return failed(
            f"{kind.label} has no {model} that this token may run: {_told(error)}",
            f"Correct {environment_name(field)}, or use the token of an account that may run it.",
        )
    facts = kind.model(model)
    if facts and facts.retires_on and kind.name not in house.simulated:
        return _retirement(facts, facts.retires_on, environment_name(field))
    return ok(f"{model} is there" + (f", version {version[:12]}." if version else "."))


def _retirement(facts: ModelFacts, retires_on: date, setting: str) -> Answer:
    """Warn before the day on which the provider switches a model off."""
    left = retires_on - date.today()
    if left > RETIREMENT_NOTICE:
        return ok(f"{facts.id} is there until {retires_on:%d %B %Y}.")
    verb = "was to be switched off" if left.days < 0 else "will be switched off"
    return warning(
        f"{facts.id} {verb} on {retires_on:%d %B %Y}.",
        f"Set {setting} to {facts.replacement or 'a current model'}.",
    )


def _access(settings: Settings, kind: ProviderDefinition) -> str:
    """The setting that gives access, with its masked value."""
    return kind.access(settings, masked(getattr(settings, kind.token_field or "")))


def _is_absent(error: ProviderError) -> bool:
    """No such model, or one without any version, for which there is no status."""
    is_ours = error.status_code is None and error.failure is FailureClass.CONFIGURATION
    return error.status_code in _NO_SUCH_MODEL or (is_ours and not error.pauses_provider)


def _refusal(house: House, kind: ProviderDefinition, error: ProviderError) -> Answer:
    settings = house.settings
    if error.failure is FailureClass.CONFIGURATION:
        return failed(
            f"{kind.label} refuses {_access(settings, kind)}: {_told(error)}",
            kind.access_fix(settings),
        )
    if error.failure is FailureClass.FUNDS:
        return failed(
            f"The account of {kind.label}'s token has no funds: {_told(error)}",
            f"Pay in at {kind.label}, or set {kind.token_name} to another account's.",
        )
    # A read that is throttled counts as transient for the pipeline.
    if error.failure is FailureClass.THROTTLED or error.status_code == 429:
        return warning(
            f"{kind.label} throttles this account right now.", "Wait a minute and check again."
        )
    if kind.name in house.simulated:
        return failed(
            f"The simulator that stands in for {kind.label} does not answer: {_told(error)}",
            f"Start ./run, or set {kind.token_name} for real pictures.",
        )
    return failed(
        f"{kind.label} ({shown_address(kind.base_url(settings) or '')}) gives no usable answer: {_told(error)}",
        f"Check this machine's network and {environment_name(kind.base_url_field or '')}; then check again.",
    )


def _told(error: ProviderError) -> str:
    return f"{error.detail.rstrip('.')}."


def _is_put_right(house: House, kind: ProviderDefinition, state: ProviderState) -> bool:
    """Whether the provider that refused our access takes it now; its pause is ended then.

    A pause for want of funds is a person's to end: an account tells nothing of its balance.
    """
    provider = house.providers.get(kind.name)
    if provider is None or state.paused_failure != FailureClass.CONFIGURATION:
        return False
    try:
        provider.account()
    except ProviderError:
        return False
    with house.transaction() as session:
        is_resumed = resume(session, kind.name)
        if is_resumed:
            record_change(
                session,
                SYSTEM,
                "provider.resume",
                kind.name,
                "The check-up found its access in order",
                before={"reason": state.paused_reason},
            )
    return is_resumed


def _gate(house: House, kind: ProviderDefinition) -> Answer:
    with house.transaction() as session:
        found = session.execute(
            select(ProviderState, ProviderState.blocked_until > func.clock_timestamp()).where(
                ProviderState.provider == kind.name
            )
        ).one_or_none()
    if found is None:
        return unknown("No dispatcher has registered it yet.", "Start ./run, or ./run dispatcher.")
    state, is_blocked = found
    if state.paused_at and _is_put_right(house, kind, state):
        return ok(f"It was paused ({state.paused_reason}); its token works now, so it is resumed.")
    if state.paused_at:
        return failed(
            f"{kind.label} is paused: {state.paused_reason or 'no reason was kept.'}",
            f"Put the reason right and resume it on the Overview, or set another {kind.token_name}.",
        )
    ours = house.fingerprints.get(kind.name)
    if ours and state.token_fingerprint and state.token_fingerprint != ours:
        return warning(
            f"The dispatcher works with another token for {kind.label} than the one here.",
            f"Give every process the same {kind.token_name} and start them again.",
        )
    if is_blocked:
        return warning(
            f"{kind.label} has asked to wait; creates go on by themselves.", "Nothing: it passes."
        )
    return ok("Not paused, not throttled.")
