"""The trainings: progress, loss and log, and their pictures and actions."""

from dataclasses import replace

import streamlit as st

from pages.kit.backend import clear_cached_reads, services, trained_models
from pages.kit.batches import ask_action, open_asked
from pages.kit.components import elements
from pages.kit.components.rows import Line, facts
from pages.kit.components.tile_grid import Tile
from pages.kit.frame import action, flash, require_role
from pages.kit.widgets import CANCEL, RETRY, badge, open_diagnosis, picture_grid, picture_tile
from pages.kit.wording import RETRY_LABEL, TRAINING_BADGES, escaped
from services.core.actors import Actor
from services.core.humanize import duration, file_size
from services.core.states import Role
from services.recipes.training.request import MAX_NAME_CHARACTERS
from services.recipes.training.trained_models import TaughtPicture, TrainedModelCard, TrainingState

CHART_HEIGHT = 160
MIN_LOSSES = 2
LOG_HEIGHT = 240


def trainings(account_id: str) -> None:
    """The account's trainings; they tick fast only while one of them is live."""
    actor = require_role(Role.VIEWER)
    open_asked()
    with action("read_trainings", is_page=True):
        is_live = any(card.is_live for card in trained_models(actor, account_id))
    (_live if is_live else _calm)(account_id, is_live)


def _draw(account_id: str, was_live: bool) -> None:
    actor = require_role(Role.VIEWER)
    with action("read_trainings", is_page=True):
        cards = trained_models(actor, account_id)
    if not cards:
        st.caption("Your first model will appear here with its progress, loss and log.")
    for card in cards:
        with st.container(border=True, key=f"model_{card.id}"):
            _card(card, actor)
    if any(card.is_live for card in cards) != was_live:
        st.rerun()


_live = st.fragment(_draw, run_every=2)
_calm = st.fragment(_draw, run_every=10)


def _card(card: TrainedModelCard, actor: Actor) -> None:
    facts(_lines(card), title=card.name, head=_head(card), key=f"model_facts_{card.id}")
    if card.is_live:
        st.progress(card.progress, text=_progress(card))
    if card.is_live:
        _losses(card)
    with st.container(horizontal=True, vertical_alignment="center", key=f"model_do_{card.id}"):
        _actions(card, actor)
    # Its body is drawn, and its log sent, only while it is open.
    more = st.expander("Loss, log and pictures", key=f"model_more_{card.id}", on_change="rerun")
    if more.open:
        with more:
            _details(card)


def _details(card: TrainedModelCard) -> None:
    if not card.is_live:
        _losses(card)
    if card.log:
        st.code(card.log, language=None, height=LOG_HEIGHT, wrap_lines=True)
    tiles = [_tile(picture) for picture in card.taught]
    key = f"model_taught_grid_{card.id}"
    picture_grid(tiles, key=key, label="Training pictures", is_titled=False)


def _head(card: TrainedModelCard) -> list[elements.Element]:
    head = [badge(TRAINING_BADGES[card.state])]
    if card.is_canceling:
        head.append(elements.badge("Canceling", "gray", "block"))
    if card.undecided_run_id:
        head.append(elements.badge("Action required", "violet", "front_hand"))
    if card.is_archived:
        head.append(elements.badge("Archived", "struck", "inventory_2"))
    what = " · ".join(word for word in (card.subject_type, card.gender) if word)
    head += [
        elements.text(what.capitalize()),
        elements.time(card.created_at),
        elements.chip(card.generation_id, name="id"),
    ]
    return head


def _lines(card: TrainedModelCard) -> list[Line]:
    lines: list[Line] = [
        ("Trigger word", [elements.chip(card.trigger_word, name="the trigger word")])
    ]
    if card.version:
        shown = elements.shortened(card.version.partition(":")[2] or card.version)
        lines.append(("Version", [elements.chip(card.version, name="the version", shown=shown)]))
    if card.weights_bytes is not None:
        weights = [elements.text(file_size(card.weights_bytes), "strong")]
        if card.weights_key:
            url = services().signer.url(card.weights_key, download_name=card.name)
            weights.append(elements.link("Download", url, is_download=True))
        lines.append(("Weights", weights))
    if card.failure:
        lines.append(("Why", [elements.text(card.failure, "strong")]))
    if card.web_url:
        lines.append(("Provider", [elements.link("Open at Replicate", card.web_url)]))
    return lines


def _progress(card: TrainedModelCard) -> str:
    """`Training · 42% · about 12 min left`."""
    words = [card.stage.capitalize() or TRAINING_BADGES[card.state].label]
    if card.state is TrainingState.TRAINING:
        words.append(f"{card.progress:.0%}")
    if card.seconds_left is not None:
        words.append(f"about {duration(card.seconds_left)} left")
    return " · ".join(escaped(word) for word in words)


def _losses(card: TrainedModelCard) -> None:
    if len(card.losses) < MIN_LOSSES:
        return
    st.line_chart(
        {
            "Step": [step for step, _ in card.losses],
            "Loss": [loss for _, loss in card.losses],
        },
        x="Step",
        y="Loss",
        height=CHART_HEIGHT,
    )


def _actions(card: TrainedModelCard, actor: Actor) -> None:
    if card.is_ready:
        st.page_link(
            "studio/page.py",
            label="Try it in the Studio",
            icon=":material/brush:",
            query_params={"model": card.id},
        )
    if actor.role is Role.VIEWER:
        return
    if card.undecided_run_id and st.button("Decide", key=f"model_decide_{card.id}"):
        open_diagnosis(card.generation_id)
    if card.is_live:
        if not card.is_canceling and st.button(
            "Cancel", type="tertiary", key=f"model_cancel_{card.id}"
        ):
            ask_action(f"{CANCEL}:{card.generation_id}")
        return
    has_ended = card.state in (TrainingState.FAILED, TrainingState.CANCELED)
    if has_ended and st.button(RETRY_LABEL, icon=":material/replay:", key=f"model_retry_{card.id}"):
        ask_action(f"{RETRY}:{card.generation_id}")
    with st.popover("Rename", type="tertiary"):
        st.text_input("Name", card.name, key=f"model_name_{card.id}", max_chars=MAX_NAME_CHARACTERS)
        st.button("Save", key=f"model_save_{card.id}", on_click=_rename, args=(card.id,))
    st.button(
        "Take back" if card.is_archived else "Archive",
        type="tertiary",
        key=f"model_archive_{card.id}",
        on_click=_archive,
        args=(card.id, card.is_archived),
    )


def _tile(picture: TaughtPicture) -> Tile:
    tile = picture_tile(
        picture.asset_id,
        picture.filename,
        picture.thumbnail_key or None,
        picture.placeholder,
        sub=picture.caption or picture.auto_caption or "auto-caption",
        asset_id=picture.asset_id if picture.thumbnail_key else None,
    )
    return replace(tile, note="" if picture.thumbnail_key else "Erased")


def _rename(model_id: str) -> None:
    with action("rename_model"):
        actor = require_role(Role.OPERATOR)
        name = str(st.session_state.get(f"model_name_{model_id}") or "")
        services().trained_models.rename(actor, model_id, name)
        clear_cached_reads()
        flash("Renamed.")


def _archive(model_id: str, is_archived: bool) -> None:
    with action("archive_model"):
        actor = require_role(Role.OPERATOR)
        models = services().trained_models
        (models.restore if is_archived else models.archive)(actor, model_id)
        clear_cached_reads()
        flash("Restored." if is_archived else "Archived. Its pictures are not deleted.")
