"""Whose account is each provider's token, may the provider be called, and is our model there?"""

from dataclasses import dataclass

from sqlalchemy import func, select

from services.audit.changes import record_change
from services.core.actors import SYSTEM
from services.core.settings import Settings, masked
from services.database.models import ProviderState
from services.health.check import Answer, Question, failed, ok, unknown, warning
from services.health.setting_rows import shown_address
from services.health.system_under_check import House
from services.pipeline.rate_limits import resume
from services.providers.base import LOCAL, FailureClass, ModelCatalogue, ProviderError

GROUP = "Providers"
_NO_SUCH_MODEL = frozenset({404, 422})


@dataclass(frozen=True)
class _Kind:
    """One provider: its words, and the names of its settings."""

    name: str
    label: str
    token: str
    model: str
    where: str
    is_optional: bool = False
    """Whether a desk is whole without it: it is used only where it is chosen."""

    def access(self, settings: Settings) -> str:
        """The setting that opens it, with its masked value."""
        if self.name == "gemini" and settings.uses_vertex:
            return f"GOOGLE_CLOUD_PROJECT_ID {settings.google_cloud_project_id}"
        return f"{self.token} {masked(getattr(settings, self.token.lower()))}"

    def remedy(self, settings: Settings) -> str:
        """What to set when the access is refused."""
        if self.name == "gemini" and settings.uses_vertex:
            return (
                "Give the service account of GOOGLE_APPLICATION_CREDENTIALS the role Vertex AI"
                " User in that project, and start again."
            )
        return f"Set {self.token} to a valid one from {self.where} and start again."

    def base_url(self, settings: Settings) -> str:
        return shown_address(getattr(settings, f"{self.name}_base_url"))

    def model_name(self, settings: Settings) -> str:
        return str(getattr(settings, self.model.lower()))


_KINDS = (
    _Kind(
        "replicate",
        "Replicate",
        "REPLICATE_API_TOKEN",
        "REPLICATE_POSE_MODEL",
        "https://replicate.com/account/api-tokens",
    ),
    _Kind(
        "gemini",
        "Gemini",
        "GEMINI_API_KEY",
        "GEMINI_IMAGE_MODEL",
        "https://aistudio.google.com/apikey",
    ),
    _Kind(
        "huggingface",
        "Hugging Face",
        "HUGGINGFACE_API_KEY",
        "HUGGINGFACE_POSE_MODEL",
        "https://huggingface.co/settings/tokens",
        is_optional=True,
    ),
)


def provider_questions(house: House) -> list[Question]:
    """Three questions for each provider; one for an optional one that is not set up."""
    questions = []
    for kind in _KINDS:
        questions += _questions(house, kind)
    return questions


def _questions(house: House, kind: _Kind) -> list[Question]:
    account = Question(f"{kind.label}'s account", GROUP, lambda: _account(house, kind))
    if kind.is_optional and kind.name not in house.providers:
        return [account]
    return [
        account,
        Question(f"{kind.label}'s model", GROUP, lambda: _model(house, kind)),
        Question(f"Calls to {kind.label}", GROUP, lambda: _gate(house, kind)),
    ]


def _account(house: House, kind: _Kind) -> Answer:
    provider = house.providers.get(kind.name)
    if provider is None and kind.is_optional:
        return ok(f"{kind.token} is not set; only work that chooses {kind.label} needs it.")
    if provider is None:
        return failed(
            f"No token for {kind.label} is set, and no simulator answers in its place.",
            f"Set {kind.token} (from {kind.where}), or start ./run for simulated pictures.",
        )
    try:
        account = provider.account()
    except ProviderError as error:
        return _refusal(house, kind, error)
    whose = f"{account.name} ({account.kind})" if account.kind else account.name
    if kind.name not in house.simulated:
        return ok(f"{kind.access(house.settings)} belongs to {whose}.")
    told = f"Simulated: the simulator draws the pictures and answers as {whose}."
    if kind.is_optional or house.simulated == set(house.providers) - {LOCAL}:
        return ok(told)
    return warning(told, f"Set {kind.token}, or know that these pictures are made up.")


def _model(house: House, kind: _Kind) -> Answer:
    model = kind.model_name(house.settings)
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
            f"Correct {kind.model}, or use the token of an account that may run it.",
        )
    return ok(f"{model} is there" + (f", version {version[:12]}." if version else "."))


def _is_absent(error: ProviderError) -> bool:
    """No such model, or one without any version, for which there is no status."""
    is_ours = error.status_code is None and error.failure is FailureClass.CONFIGURATION
    return error.status_code in _NO_SUCH_MODEL or (is_ours and not error.pauses_provider)


def _refusal(house: House, kind: _Kind, error: ProviderError) -> Answer:
    settings = house.settings
    if error.failure is FailureClass.CONFIGURATION:
        return failed(
            f"{kind.label} refuses {kind.access(settings)}: {_told(error)}",
            kind.remedy(settings),
        )
    if error.failure is FailureClass.FUNDS:
        return failed(
            f"The account of {kind.label}'s token has no funds: {_told(error)}",
            f"Pay in at {kind.label}, or set {kind.token} to another account's.",
        )
    # A read that is throttled counts as transient for the pipeline.
    if error.failure is FailureClass.THROTTLED or error.status_code == 429:
        return warning(
            f"{kind.label} throttles this account right now.", "Wait a minute and check again."
        )
    if kind.name in house.simulated:
        return failed(
            f"The simulator that stands in for {kind.label} does not answer: {_told(error)}",
            f"Start ./run, or set {kind.token} for real pictures.",
        )
    return failed(
        f"{kind.label} ({kind.base_url(settings)}) gives no usable answer: {_told(error)}",
        f"Check this machine's network and {kind.name.upper()}_BASE_URL; then check again.",
    )


def _told(error: ProviderError) -> str:
    return f"{error.detail.rstrip('.')}."


def _is_put_right(house: House, kind: _Kind, state: ProviderState) -> bool:
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


def _gate(house: House, kind: _Kind) -> Answer:
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
            f"Put the reason right and resume it on the Overview, or set another {kind.token}.",
        )
    ours = house.fingerprints.get(kind.name)
    if ours and state.token_fingerprint and state.token_fingerprint != ours:
        return warning(
            f"The dispatcher works with another token for {kind.label} than the one here.",
            f"Give every process the same {kind.token} and start them again.",
        )
    if is_blocked:
        return warning(
            f"{kind.label} has asked to wait; creates go on by themselves.", "Nothing: it passes."
        )
    return ok("Not paused, not throttled.")
