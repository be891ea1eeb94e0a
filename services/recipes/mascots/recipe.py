"""Mascots: variations of one character, each as full body, then avatar and square icon from it.

One picture alone can be regenerated, for the same mascot.
"""

from dataclasses import asdict, dataclass, replace
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.core.actors import Actor, require
from services.core.errors import NotFoundError
from services.core.states import Kind, Role, SlotRole
from services.core.text import clean
from services.database.models import Asset, Mascot, Reference, Slot
from services.providers.base import ModelCapabilities
from services.recipes.base import (
    FinalPrompt,
    GenerationPlan,
    MascotPlan,
    Quote,
    QuoteLine,
    SlotPlan,
    Started,
    prompt_problems,
)
from services.recipes.labels import MASCOT_ROLES, ROLE_LABELS
from services.recipes.mascots.pictures import (
    ASPECT_RATIOS,
    CUSTOM_STYLE,
    TEXTS,
    MascotCard,
    best_picture,
    mascot_prompt,
    mascots_with_pictures,
    styles_of,
)
from services.recipes.prompt_texts import Words, words_of
from services.recipes.recipe import Draft, PriceItem, Recipe

ITEM = "mascot_picture"
MAX_VARIATIONS = 6
MAX_NAME_CHARACTERS = 80
MAX_STYLE_CHARACTERS = 80


@dataclass(frozen=True)
class MascotsRequest:
    """The request of the mascots page."""

    account_id: str
    name: str
    description: str
    style: str
    reference_ids: tuple[str, ...] = ()
    variations: int = 3
    style_words: str = ""
    """The style in words, where `style` is CUSTOM_STYLE."""

    @property
    def style_text(self) -> str:
        """Return the style as the prompt names it."""
        return self.style_words.strip() if self.style == CUSTOM_STYLE else self.style

    def cleaned(self) -> "MascotsRequest":
        """Return the request with its texts as they will be stored."""
        return replace(
            self,
            name=clean(self.name),
            description=clean(self.description),
            style_words=clean(self.style_words) if self.style == CUSTOM_STYLE else "",
        )


class Mascots(Recipe[MascotsRequest]):
    """Quotes and starts mascot batches, and lists the mascots that can be posed."""

    kind = Kind.MASCOTS
    label = "Mascots"
    icon = "pets"
    prices: ClassVar = {ITEM: PriceItem("Mascot picture", 10)}
    tiles_in_group = len(MASCOT_ROLES)
    texts = TEXTS

    def _draft(self, session: Session, request: MascotsRequest, idempotency_key: str = "") -> Draft:
        request, words = request.cleaned(), words_of(session, TEXTS)
        pictures = max(0, request.variations) * len(MASCOT_ROLES)
        line = QuoteLine(ITEM, self._provider_name, self._model, pictures, rounds=2)
        return Draft(
            request.account_id,
            asdict(request),
            (line,),
            self._problems(session, request, words),
            lambda: self._plan(session, request, line, words),
            tuple(
                FinalPrompt(ROLE_LABELS[role], _prompt(words, role, request))
                for role in MASCOT_ROLES
            ),
        )

    def styles(self, actor: Actor) -> tuple[str, ...]:
        """Return the styles that the form offers beside the person's own."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            return styles_of(words_of(session, TEXTS))

    def with_pictures(self, actor: Actor, account_id: str) -> list[MascotCard]:
        """The account's newest mascots that have a picture, each with its best one."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            return mascots_with_pictures(session, account_id)

    def regenerate_quote(self, actor: Actor, slot_id: str, words: str = "") -> Quote:
        """Quote price, time and prompt of one regenerated picture; raises NotFoundError."""
        require(actor, Role.VIEWER)
        return self._quote(lambda session: self._regeneration(session, slot_id, words))

    def regenerate(
        self, actor: Actor, slot_id: str, idempotency_key: str, words: str = ""
    ) -> Started:
        """Start one picture of the same mascot anew, at today's price; the old one stays.

        Raises NotFoundError, and InvalidRequestError before any charge.
        """

        def draft_of(session: Session) -> Draft:
            return self._regeneration(session, slot_id, words)

        return self._start(actor, draft_of, idempotency_key)

    def _regeneration(self, session: Session, slot_id: str, words: str) -> Draft:
        slot = session.get(Slot, slot_id)
        if slot is None or slot.kind is not Kind.MASCOTS or slot.mascot_id is None:
            raise NotFoundError(what="mascot's picture", id=slot_id)
        mascot = session.get_one(Mascot, slot.mascot_id)
        words = clean(words).strip()
        texts = words_of(session, TEXTS)
        prompt = mascot_prompt(
            texts, slot.role, mascot.name, mascot.description, mascot.style, words
        )
        inputs = _inputs(session, mascot, slot)
        problems = prompt_problems("The prompt", prompt, self._capabilities)
        if slot.role is not SlotRole.FULL_BODY and not inputs:
            problems.append("This mascot has no full body to work from. Regenerate that first.")
        request = {
            "account_id": mascot.account_id,
            "again": slot_id,
            "mascot_id": mascot.id,
            "role": slot.role.value,
            "words": words,
        }
        line = QuoteLine(ITEM, self._provider_name, self._model, 1)

        def plan() -> GenerationPlan:
            price, cost = self._priced(session, mascot.account_id, line)
            regenerated = self._slot(slot.role, prompt, price, cost, input_asset_ids=inputs)
            return GenerationPlan(
                kind=Kind.MASCOTS,
                account_id=mascot.account_id,
                title=f"{mascot.name} · {ROLE_LABELS[slot.role]} again",
                request=request,
                slots=(regenerated,),
                mascot_id=mascot.id,
            )

        prompts = (FinalPrompt(ROLE_LABELS[slot.role], prompt),)
        return Draft(mascot.account_id, request, (line,), problems, plan, prompts)

    def _problems(self, session: Session, request: MascotsRequest, words: Words) -> list[str]:
        capabilities = self._capabilities
        problems = _text_problems(request, capabilities, words)
        problems += _style_problems(request, words)
        if not 1 <= request.variations <= MAX_VARIATIONS:
            problems.append(f"Choose 1 to {MAX_VARIATIONS} variations.")
        if len(request.reference_ids) > capabilities.max_images:
            problems.append(
                f"{capabilities.model} looks at {capabilities.max_images} references at most."
                " Take some away."
            )
        if len(_reference_assets(session, request)) != len(set(request.reference_ids)):
            problems.append("A reference that you chose was deleted. Choose another.")
        return problems

    def _plan(
        self, session: Session, request: MascotsRequest, line: QuoteLine, words: Words
    ) -> GenerationPlan:
        price, cost = self._priced(session, request.account_id, line)
        references = tuple(_reference_assets(session, request))
        slots: list[SlotPlan] = []
        for variation in range(request.variations):
            full_body = len(slots)
            for role in MASCOT_ROLES:
                is_full_body = role is SlotRole.FULL_BODY
                slots.append(
                    self._slot(
                        role,
                        _prompt(words, role, request),
                        price,
                        cost,
                        input_asset_ids=references if is_full_body else (),
                        parent=None if is_full_body else full_body,
                        mascot=variation,
                    )
                )
        name, description = request.name.strip(), request.description.strip()
        return GenerationPlan(
            kind=Kind.MASCOTS,
            account_id=request.account_id,
            title=name,
            request=asdict(request),
            slots=tuple(slots),
            mascots=(MascotPlan(name, description, request.style_text),) * request.variations,
        )

    def _slot(
        self,
        role: SlotRole,
        prompt: str,
        price_credits: int,
        cost_usd: float,
        *,
        input_asset_ids: tuple[str, ...],
        parent: int | None = None,
        mascot: int | None = None,
    ) -> SlotPlan:
        return SlotPlan(
            role=role,
            provider=self._provider_name,
            model=self._model,
            prompt=prompt,
            price_credits=price_credits,
            cost_usd=cost_usd,
            aspect_ratio=ASPECT_RATIOS[role],
            input_asset_ids=input_asset_ids,
            parent=parent,
            mascot=mascot,
        )


def _inputs(session: Session, mascot: Mascot, slot: Slot) -> tuple[str, ...]:
    """Return what a picture is made from: references, or the newest full body."""
    if slot.role is not SlotRole.FULL_BODY:
        full_body = best_picture(session, mascot.id, (SlotRole.FULL_BODY,))
        return (full_body,) if full_body else ()
    there = session.scalars(
        select(Asset.id).where(Asset.id.in_(slot.input_asset_ids), Asset.deleted_at.is_(None))
    )
    known = set(there)
    return tuple(asset_id for asset_id in slot.input_asset_ids if asset_id in known)


def _text_problems(
    request: MascotsRequest, capabilities: ModelCapabilities, words: Words
) -> list[str]:
    problems = []
    if not request.name.strip():
        problems.append("Give the mascot a name.")
    if len(request.name) > MAX_NAME_CHARACTERS:
        problems.append(f"The name is longer than {MAX_NAME_CHARACTERS} characters. Shorten it.")
    if not request.description.strip():
        problems.append("The description is empty: say what the mascot looks like.")
        return problems
    longest = max((_prompt(words, role, request) for role in MASCOT_ROLES), key=len)
    return problems + prompt_problems("The description", longest, capabilities)


def _style_problems(request: MascotsRequest, words: Words) -> list[str]:
    if request.style != CUSTOM_STYLE:
        return [] if request.style in styles_of(words) else ["Choose one of the styles."]
    if not request.style_text:
        return ["The style is empty: say in words what it looks like."]
    if len(request.style_text) > MAX_STYLE_CHARACTERS:
        return [f"The style is longer than {MAX_STYLE_CHARACTERS} characters. Shorten it."]
    return []


def _prompt(words: Words, role: SlotRole, request: MascotsRequest) -> str:
    return mascot_prompt(words, role, request.name, request.description, request.style_text)


def _reference_assets(session: Session, request: MascotsRequest) -> list[str]:
    """Return the chosen references' assets, in the order of choosing."""
    rows = session.execute(
        select(Reference.id, Reference.asset_id).where(
            Reference.id.in_(request.reference_ids),
            Reference.account_id == request.account_id,
            Reference.deleted_at.is_(None),
        )
    )
    found = {reference_id: asset_id for reference_id, asset_id in rows}
    return [found[chosen] for chosen in dict.fromkeys(request.reference_ids) if chosen in found]
