"""The dialogs that apply a remedy to one subject or to many, and a bulk fix's progress.

A component's button only stores what was clicked: dialogs open outside of fragments, in the next
run. A person decides on a dry run; what is applied is bound to the dry run that was shown.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import astuple, replace

import streamlit as st

from pages.kit.backend import clear_cached_reads, services
from pages.kit.components import elements
from pages.kit.components.rows import facts
from pages.kit.forms import change_row, close_when_done
from pages.kit.frame import action, require_role
from pages.kit.wording import escaped
from services.core.actors import Actor
from services.core.errors import InvalidRequestError
from services.core.humanize import about_dollars, credits_of
from services.core.states import OperationState, Role
from services.remedies.base import BulkDryRun, BulkRefusal, DryRun, RemedyOffer
from services.remedies.bulk import OperationSummary
from services.remedies.registry import REMEDIES

OPERATION = "operation"
"""The query parameter of a bulk fix, so that a reload or a colleague's link shows it."""
NOT_SHOWN = "The input changed. Check the preview, then apply it."
_ONE, _MANY, _OPEN, _ARGUMENT = "remedy", "bulk", "remedy_open", "remedy_argument"


def ask(offer: RemedyOffer) -> None:
    """Open a remedy's dialog in the next run."""
    _store(_ONE, offer)


def ask_bulk(remedy_id: str, subject_ids: Sequence[str]) -> None:
    """Open the dialog of a remedy for many subjects in the next run."""
    _store(_MANY, (remedy_id, list(subject_ids)))


def offer_id(offer: RemedyOffer) -> str:
    """Return an offer as the id of a component's button."""
    return json.dumps(astuple(offer))


def offer_of(button_id: str) -> RemedyOffer:
    """Return the offer of a clicked button; the service checks it like any other."""
    return RemedyOffer(*json.loads(button_id))


def open_requested() -> None:
    """Open the dialog that was asked for, if any; call it outside of fragments."""
    one = st.session_state.pop(f"{_ONE}_asked", None)
    many = st.session_state.pop(f"{_MANY}_asked", None)
    _close()
    if one is not None:
        if one.suggestion:
            st.session_state[_ARGUMENT] = one.suggestion
        _open(one.remedy_id, "", lambda: _draw_one(one))
    elif many is not None:
        remedy_id, subject_ids = many
        count = f": {len(subject_ids):,}"
        _open(remedy_id, count, lambda: _draw_many(remedy_id, subject_ids))


def is_dialog_open() -> bool:
    """Return whether a dialog is open; a rerun of the page would close it."""
    return bool(st.session_state.get(_OPEN))


def _store(name: str, value: object) -> None:
    st.session_state[f"{name}_asked"] = value
    st.rerun()


def _open(remedy_id: str, suffix: str, draw: Callable[[], None]) -> None:
    remedy = REMEDIES[remedy_id]
    st.session_state[_OPEN] = True
    title = f"{remedy.label}{suffix}"
    st.dialog(title, icon=f":material/{remedy.icon}:", on_dismiss=_close)(draw)()


def _close() -> None:
    for name in (_OPEN, f"{_ONE}_shown", f"{_MANY}_shown"):
        st.session_state.pop(name, None)


def _draw_one(offer: RemedyOffer) -> None:
    remedy = REMEDIES[offer.remedy_id]
    close_when_done()
    st.caption(remedy.consequence)
    if remedy.argument and not offer.argument:
        field = st.text_area if offer.suggestion else st.text_input
        field(remedy.argument, key=_ARGUMENT, max_chars=4000 if offer.suggestion else 500)
    completed = _completed(offer)
    dry_run = _dry_run(completed) if completed else None
    if dry_run and dry_run.problem:
        st.error(escaped(dry_run.problem), icon=":material/block:")
    elif dry_run:
        st.write(escaped(dry_run.sentence))
        _draw_costs(dry_run.credits, dry_run.cost_usd)

    def save(actor: Actor, reason: str) -> str:
        return _apply(actor, offer, reason)

    # Without a dry run the click asks for one: the click that leaves the argument must not be lost.
    is_refused = dry_run is not None and dry_run.problem is not None
    change_row(_ONE, remedy.label, save, remedy.role, dismiss="Not now", is_disabled=is_refused)


def _draw_many(remedy_id: str, subject_ids: list[str]) -> None:
    remedy = REMEDIES[remedy_id]
    close_when_done()
    st.caption(remedy.consequence)
    dry_run = _bulk_dry_run(remedy_id, subject_ids)
    count = len(dry_run.items) if dry_run else 0
    if dry_run:
        total = count + sum(one.count for one in dry_run.refusals)
        st.write(f"**{count:,} of {total:,}** can be done now.")
        _draw_costs(dry_run.credits, dry_run.cost_usd)
        _draw_refusals(dry_run.refusals)
    label = f"{remedy.label}: {count:,}"
    change_row(_MANY, label, _start, remedy.role, dismiss="Not now", is_disabled=not count)


def _draw_costs(credits: int, cost_usd: float) -> None:
    """Draw `**30 credits** back to the customer · about $0.04 at the provider`; or nothing."""
    costs = []
    if credits:
        way = "back to the customer" if credits > 0 else "charged to the customer"
        costs.append(f"**{credits_of(abs(credits))}** {way}")
    if cost_usd:
        costs.append(f"{about_dollars(cost_usd)} at the provider")
    if costs:
        st.markdown(" · ".join(costs).replace("$", r"\$"))


def _draw_refusals(refusals: Sequence[BulkRefusal]) -> None:
    for one in refusals:
        st.caption(f"{one.count:,} not possible: {escaped(one.problem)}")


def _completed(offer: RemedyOffer) -> RemedyOffer | None:
    """Return the offer with the argument that a person typed; None while it is missing."""
    if offer.argument or not REMEDIES[offer.remedy_id].argument:
        return offer
    argument = str(st.session_state.get(_ARGUMENT) or "").strip()
    return replace(offer, argument=argument) if argument else None


def _dry_run(offer: RemedyOffer) -> DryRun | None:
    shown: DryRun | None = st.session_state.get(f"{_ONE}_shown")
    if shown is None or shown.offer != offer:
        shown = None
        with action("dry_run_remedy"):
            shown = services().remedies.dry_run(require_role(Role.OPERATOR), offer)
        st.session_state[f"{_ONE}_shown"] = shown
    return shown


def _bulk_dry_run(remedy_id: str, subject_ids: list[str]) -> BulkDryRun | None:
    shown: BulkDryRun | None = st.session_state.get(f"{_MANY}_shown")
    if shown is None:
        with action("preview_bulk"), st.spinner("Checking each of them"):
            shown = services().bulk.preview(require_role(Role.OPERATOR), remedy_id, subject_ids)
        st.session_state[f"{_MANY}_shown"] = shown
    return shown


def _apply(actor: Actor, offer: RemedyOffer, reason: str) -> str:
    """Apply what the dry run showed; the argument may have been typed anew since."""
    completed, shown = _completed(offer), st.session_state.pop(f"{_ONE}_shown", None)
    # Even when it fails, the next decision needs a new dry run.
    if completed is None or shown is None or shown.offer != completed:
        raise InvalidRequestError(problem=NOT_SHOWN)
    outcome = services().remedies.apply(actor, completed, reason, shown.expected)
    return escaped(outcome.sentence)


def _start(actor: Actor, reason: str) -> str:
    shown: BulkDryRun | None = st.session_state.get(f"{_MANY}_shown")
    if shown is None:
        raise InvalidRequestError(problem=NOT_SHOWN)
    started = services().bulk.start(actor, shown.remedy_id, shown.items, reason)
    st.query_params[OPERATION] = started
    return "Started. It continues when you leave this page."


def draw_progress() -> None:
    """Draw the progress of the bulk fix in the address; nothing without one."""
    operation_id = st.query_params.get(OPERATION)
    if not operation_id:
        return
    with action("bulk_progress"):
        progress = services().bulk.progress(require_role(Role.OPERATOR), operation_id)
        is_running = progress.state is OperationState.RUNNING
        (_live_progress if is_running else _static_progress)(operation_id, is_running)


def _progress(operation_id: str, was_running: bool) -> None:
    with action("bulk_progress"):
        progress = services().bulk.progress(require_role(Role.OPERATOR), operation_id)
        is_running = progress.state is OperationState.RUNNING
        with st.container(border=True, key="bulk_progress", gap="xsmall"):
            facts([("", _counts(progress))], key="bulk_facts")
            if is_running:
                st.progress(progress.progress)
            _draw_refusals(progress.refusals)
            _draw_progress_buttons(progress)
        if was_running and not is_running and not is_dialog_open():
            clear_cached_reads()
            st.rerun()


_live_progress = st.fragment(_progress, run_every=1)
_static_progress = st.fragment(_progress)


def _counts(progress: OperationSummary) -> list[elements.Element]:
    line = [
        elements.text(REMEDIES[progress.remedy_id].label, "strong"),
        elements.text(f"{progress.total - progress.pending:,} of {progress.total:,}"),
    ]
    counts = (("done", "green", progress.done), ("refused", "amber", progress.refused))
    for word, tone, count in (*counts, ("failed", "red", progress.failed)):
        line += [elements.badge(f"{count:,} {word}", tone)] if count else []
    if progress.state is OperationState.STOPPED:
        line.append(elements.badge("Stopped", "gray", "block"))
    if progress.is_stalled:
        line.append(elements.badge("Its process died", "red", "heart_broken"))
    line.append(elements.text(f"by {progress.actor}: {progress.reason}"))
    return [*line, elements.time(progress.created_at), elements.chip(progress.id, name="bulk id")]


def _draw_progress_buttons(progress: OperationSummary) -> None:
    with st.container(horizontal=True):
        if progress.is_stalled:
            st.button("Continue", key="bulk_resume", on_click=_resume, args=(progress.id,))
        if progress.state is OperationState.RUNNING:
            st.button("Stop", key="bulk_stop", on_click=_stop, args=(progress.id,))
        elif st.button("Close", key="bulk_close", type="tertiary"):
            st.query_params.pop(OPERATION, None)
            st.rerun()


def _resume(operation_id: str) -> None:
    with action("resume_bulk"):
        services().bulk.resume(require_role(Role.OPERATOR), operation_id)


def _stop(operation_id: str) -> None:
    with action("stop_bulk"):
        services().bulk.stop(require_role(Role.OPERATOR), operation_id)
