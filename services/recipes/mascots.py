"""Mascots: variations of one character, each as full body, then avatar and square icon from it."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.actors import Actor, require
from services.database.models import Asset, Mascot, Reference, Slot
from services.errors import InvalidRequestError
from services.providers.base import ModelCapabilities
from services.recipes.base import (
    FinalPrompt,
    GenerationPlan,
    MascotPlan,
    Order,
    Quote,
    SlotPlan,
    Started,
    prompt_problems,
)
from services.recipes.recipe import Recipe, RecipeTools, Wish
from services.recipes.text import clean
from services.statuses import Kind, Role, SlotRole, SlotState

STYLES = (
    "Flat vector",
    "Soft 3D",
    "Storybook watercolour",
    "Bold cartoon",
    "Pixel art",
    "Paper cut-out",
)
ITEM = "mascot_picture"
MAX_VARIATIONS = 6
MAX_NAME_CHARACTERS = 80
BOOSTERS = "consistent character design, clean edges, balanced light, high detail"
PICTURES = (SlotRole.FULL_BODY, SlotRole.AVATAR, SlotRole.SQUARE_ICON)
ROLE_PROMPTS = {
    SlotRole.FULL_BODY: "Full body mascot of {subject}, standing, facing the viewer, centered on"
    " a plain light background, {boosters}",
    SlotRole.AVATAR: "Avatar of the same character as in the picture: head and shoulders portrait"
    " of {subject}, plain light background, {boosters}",
    SlotRole.SQUARE_ICON: "Square icon of the same character as in the picture: the face of"
    " {subject}, simple and bold, readable at 32 pixels, {boosters}",
}
ASPECT_RATIOS = {SlotRole.FULL_BODY: "3:4", SlotRole.AVATAR: "1:1", SlotRole.SQUARE_ICON: "1:1"}
BEST_PICTURE = {role: rank for rank, role in enumerate(PICTURES)}
RECENT = 200


@dataclass(frozen=True)
class MascotsRequest:
    """What the form asks for."""

    account_id: str
    name: str
    description: str
    style: str
    reference_ids: tuple[str, ...] = ()
    variations: int = 3

    def cleaned(self) -> "MascotsRequest":
        """The same request with its texts as they will be kept."""
        return replace(self, name=clean(self.name), description=clean(self.description))


@dataclass(frozen=True)
class MascotCard:
    """A mascot that has at least one picture; the thumbnail is its best one."""

    id: str
    name: str
    variation: int
    label: str
    generation_id: str
    thumbnail_key: str
    placeholder: str
    created_at: datetime


class Mascots(Recipe):
    """Quotes and starts mascot batches, and lists what poses can be made of."""

    kind = Kind.MASCOTS

    def __init__(self, tools: RecipeTools, provider_name: str, model: str) -> None:
        super().__init__(tools)
        self._provider_name = provider_name
        self._model = model

    @property
    def _capabilities(self) -> ModelCapabilities:
        """Asked when it is needed: a provider's library is slow to load."""
        return self._providers[self._provider_name].capabilities(self._model)

    def quote(self, actor: Actor, request: MascotsRequest) -> Quote:
        """Price, time and prompts of a batch; incomplete input becomes `problems`."""
        require(actor, Role.VIEWER)
        request = request.cleaned()
        pictures = max(0, request.variations) * len(PICTURES)
        prompts = tuple(
            FinalPrompt(role.value.replace("_", " ").capitalize(), _prompt(role, request))
            for role in PICTURES
        )
        with self._database.transaction() as session:
            problems = self._problems(session, request)
            order = Order(ITEM, self._provider_name, self._model, pictures, rounds=2)
            return self._quoted(
                session, Wish(request.account_id, asdict(request), (order,), problems, prompts)
            )

    def start(self, actor: Actor, request: MascotsRequest, idempotency_key: str) -> Started:
        """Start the batch; raises InvalidRequestError with the first problem, before any charge."""
        require(actor, Role.OPERATOR)
        request = request.cleaned()
        with self._database.transaction() as session:
            problems = self._problems(session, request)
            if problems:
                raise InvalidRequestError(problem=problems[0])
            plan = self._plan(session, request)
        return self._starter.start(actor, plan, idempotency_key)

    def with_pictures(self, actor: Actor, account_id: str) -> list[MascotCard]:
        """The account's newest mascots that have a picture, each with its best one."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            rows = session.execute(
                select(Mascot, Slot.role, Asset.thumbnail_key, Asset.placeholder)
                .join(Slot, Slot.mascot_id == Mascot.id)
                .join(Asset, Asset.id == Slot.asset_id)
                .where(
                    Mascot.account_id == account_id,
                    Slot.kind == Kind.MASCOTS,
                    Slot.state == SlotState.FILLED,
                    Asset.deleted_at.is_(None),
                )
                .order_by(Mascot.created_at.desc(), Mascot.variation)
                .limit(RECENT * len(PICTURES))
            ).all()
        best: dict[str, tuple[int, MascotCard]] = {}
        for mascot, role, thumbnail_key, placeholder in rows:
            rank = BEST_PICTURE[role]
            if mascot.id not in best or rank < best[mascot.id][0]:
                best[mascot.id] = (rank, _card(mascot, thumbnail_key, placeholder))
        return [card for _, card in best.values()]

    def _problems(self, session: Session, request: MascotsRequest) -> list[str]:
        capabilities = self._capabilities
        problems = _text_problems(request, capabilities)
        if request.style not in STYLES:
            problems.append("Choose one of the styles.")
        if not 1 <= request.variations <= MAX_VARIATIONS:
            problems.append(f"Choose 1 to {MAX_VARIATIONS} variations.")
        if len(request.reference_ids) > capabilities.max_images:
            problems.append(
                f"{capabilities.model} looks at {capabilities.max_images} references at most."
                " Take some away."
            )
        if len(_reference_assets(session, request)) != len(set(request.reference_ids)):
            problems.append("A reference that you chose was deleted. Choose again.")
        return problems

    def _plan(self, session: Session, request: MascotsRequest) -> GenerationPlan:
        price = self._price(session, request.account_id, ITEM)
        cost = self._cost_usd(session, self._provider_name, self._model)
        references = tuple(_reference_assets(session, request))
        slots: list[SlotPlan] = []
        for variation in range(request.variations):
            full_body = len(slots)
            slots += [
                SlotPlan(
                    role=role,
                    provider=self._provider_name,
                    model=self._model,
                    prompt=_prompt(role, request),
                    price_credits=price,
                    cost_usd=cost,
                    aspect_ratio=ASPECT_RATIOS[role],
                    input_asset_ids=references if role is SlotRole.FULL_BODY else (),
                    parent=None if role is SlotRole.FULL_BODY else full_body,
                    mascot=variation,
                )
                for role in PICTURES
            ]
        return GenerationPlan(
            kind=Kind.MASCOTS,
            account_id=request.account_id,
            title=request.name.strip(),
            request=asdict(request),
            slots=tuple(slots),
            mascots=(MascotPlan(request.name.strip(), request.description.strip(), request.style),)
            * request.variations,
        )


def _card(mascot: Mascot, thumbnail_key: str, placeholder: str) -> MascotCard:
    return MascotCard(
        id=mascot.id,
        name=mascot.name,
        variation=mascot.variation,
        label=f"{mascot.name} · variation {mascot.variation}",
        generation_id=mascot.generation_id,
        thumbnail_key=thumbnail_key,
        placeholder=placeholder,
        created_at=mascot.created_at,
    )


def _text_problems(request: MascotsRequest, capabilities: ModelCapabilities) -> list[str]:
    problems = []
    if not request.name.strip():
        problems.append("Give the mascot a name.")
    if len(request.name) > MAX_NAME_CHARACTERS:
        problems.append(f"The name is longer than {MAX_NAME_CHARACTERS} characters. Shorten it.")
    if not request.description.strip():
        problems.append("The description is empty: say what the mascot looks like.")
        return problems
    longest = max((_prompt(role, request) for role in PICTURES), key=len)
    return problems + prompt_problems("The description", longest, capabilities)


def _prompt(role: SlotRole, request: MascotsRequest) -> str:
    subject = f"{request.name.strip()}, {request.description.strip()}, {request.style} style"
    return ROLE_PROMPTS[role].replace("{boosters}", BOOSTERS).replace("{subject}", subject)


def _reference_assets(session: Session, request: MascotsRequest) -> list[str]:
    """The chosen references' assets, in the order of choosing."""
    rows = session.execute(
        select(Reference.id, Reference.asset_id).where(
            Reference.id.in_(request.reference_ids),
            Reference.account_id == request.account_id,
            Reference.deleted_at.is_(None),
        )
    )
    found = {reference_id: asset_id for reference_id, asset_id in rows}
    return [found[chosen] for chosen in dict.fromkeys(request.reference_ids) if chosen in found]
