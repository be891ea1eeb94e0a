"""Bringing references in: files, a folder or the camera, and what became of each file."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from pages.kit.backend import services
from pages.kit.components import elements
from pages.kit.components.rows import facts
from pages.kit.fields import segments
from pages.kit.frame import action
from pages.kit.widgets import badge, open_picture
from pages.kit.wording import Badge
from services.core.actors import Actor
from services.core.humanize import count_of
from services.core.states import Role
from services.references.summaries import UploadVerdict

TYPES = ["jpg", "jpeg", "png", "webp", "heic", "heif"]
LIMIT_MB = 25
ROUND = "upload_round"
VERDICTS = "upload_verdicts"
MOST_TOLD, FEW = 12, 4
PLAIN = 3
FILES, FOLDER, CAMERA = "Files", "Folder", "Camera"
ICONS = {FILES: "upload_file", FOLDER: "folder_open", CAMERA: "photo_camera"}
REFUSED = Badge("Refused", "red", "block")
KNOWN = Badge("Duplicate", "gray", "content_copy")
ALIKE = Badge("Saved", "amber", "filter_none")
KEPT = Badge("Saved", "green", "check")


def draw_upload(actor: Actor, account_id: str) -> None:
    """The ways in; each file is stored or refused at once, then the widget is emptied."""
    if actor.role is Role.VIEWER:
        st.caption("Viewers cannot upload. Ask an admin for the operator role.")
        return
    way = segments(
        "Add pictures from",
        ICONS,
        "upload_way",
        is_in_address=False,
        format_func=lambda name: f":material/{ICONS[name]}: {name}",
    )
    files = _files(way, f"{st.session_state.get(ROUND, 0)}")
    if files:
        st.session_state[VERDICTS] = _store(actor, account_id, files)
        st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
        st.rerun()
    _tell(st.session_state.get(VERDICTS, []))


def _files(way: str, number: str) -> list[tuple[str, Any]]:
    """What was given in this run, with names; the camera is asked for only when it is chosen."""
    if way == CAMERA:
        with st.container(width=480, key="camera_frame"):
            shot = st.camera_input(
                "Take a picture",
                key=f"camera_{number}",
                resolution="1080p",
                label_visibility="collapsed",
            )
        return [(f"camera {datetime.now(UTC):%Y-%m-%d %H.%M.%S}.jpg", shot)] if shot else []
    is_folder = way == FOLDER
    given = st.file_uploader(
        "Add a folder of pictures" if is_folder else "Add pictures",
        type=TYPES,
        accept_multiple_files="directory" if is_folder else True,
        max_upload_size=LIMIT_MB,
        key=f"upload_{way}_{number}",
        label_visibility="collapsed",
    )
    st.caption(
        "Location and other camera data are removed."
        + (" Other files in the folder are left out." if is_folder else "")
    )
    return [(file.name, file) for file in given or []]


def _store(actor: Actor, account_id: str, files: Sequence[tuple[str, Any]]) -> list[dict[str, Any]]:
    bar = st.progress(0.0, text=f"0 of {len(files)}")
    told = []
    for number, (name, file) in enumerate(files, start=1):
        with action("upload_reference"):
            told.append(
                _told(services().reference_uploads.upload(actor, account_id, name, file.getvalue()))
            )
        bar.progress(number / len(files), text=f"{number} of {len(files)}")
    return told


def _told(verdict: UploadVerdict) -> dict[str, Any]:
    """The verdict as plain values, which outlive a reload of the code."""
    if not verdict.is_accepted:
        look, rank = REFUSED, 0
    elif verdict.is_duplicate:
        look, rank = KNOWN, 2
    else:
        look, rank = (ALIKE, 1) if verdict.similar else (KEPT, PLAIN)
    card, alike = verdict.reference, verdict.similar
    sharpness = card.sharpness if card and not verdict.is_duplicate else None
    return {
        "rank": rank,
        "look": tuple(look),
        "filename": verdict.filename,
        "sentence": verdict.sentence,
        "sharpness": sharpness.value if sharpness else "",
        "asset_id": alike.asset_id if alike else (card.asset_id if card and rank == 2 else ""),
        "alike": looks_like(alike.filename, alike.is_mirrored) if alike else "",
    }


def looks_like(filename: str, is_mirrored: bool) -> str:
    """`Looks like IMG_12.jpg, mirrored`."""
    return f"Looks like {filename}{', mirrored' if is_mirrored else ''}"


def _tell(verdicts: list[dict[str, Any]]) -> None:
    """What needs a look comes first; of the rest of a large upload only the number is told."""
    if not verdicts:
        return
    notable = [told for told in verdicts if told["rank"] < PLAIN]
    plain = [told for told in verdicts if told["rank"] == PLAIN]
    ranked = [*sorted(notable, key=lambda told: int(told["rank"])), *plain]
    shown = max(FEW, min(len(notable), MOST_TOLD))
    lines = [("", _line(told)) for told in ranked[:shown]]
    rest = Counter(str(told["look"][0]).lower() for told in ranked[shown:])
    if rest:
        counts = ", ".join(f"{count:,} {word}" for word, count in rest.items())
        lines.append(("", [elements.text(f"and {count_of(rest.total(), 'more file')}: {counts}")]))
    open_picture(facts(lines, key="verdicts"))
    st.button("Clear this list", type="tertiary", key="clear_verdicts", on_click=_clear)


def _line(told: dict[str, Any]) -> list[elements.Element]:
    line = [
        badge(Badge(*told["look"])),
        elements.text(told["filename"], "strong"),
        elements.text(told["sentence"]),
    ]
    if told["sharpness"]:
        line.append(elements.text(told["sharpness"]))
    if told["asset_id"]:
        line.append(elements.button(told["alike"] or "Show it", told["asset_id"]))
    return line


def _clear() -> None:
    st.session_state.pop(VERDICTS, None)
