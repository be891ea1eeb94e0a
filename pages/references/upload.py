"""Upload references from files, a folder or the camera, and show each file's result."""

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
MAX_LISTED, FEW = 12, 4
PLAIN = 3
FILES, FOLDER, CAMERA = "Files", "Folder", "Camera"
ICONS = {FILES: "upload_file", FOLDER: "folder_open", CAMERA: "photo_camera"}
REFUSED = Badge("Refused", "red", "block")
KNOWN = Badge("Duplicate", "gray", "content_copy")
SIMILAR = Badge("Saved", "amber", "filter_none")
SAVED = Badge("Saved", "green", "check")


def draw_upload(actor: Actor, account_id: str) -> None:
    """Draw the upload; each file is stored or refused at once, then the widget is emptied."""
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
    _draw_results(st.session_state.get(VERDICTS, []))


def _files(way: str, number: str) -> list[tuple[str, Any]]:
    """Return the files of this run with their names; the camera opens only when it is chosen."""
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
        + (" Other files in the folder are ignored." if is_folder else "")
    )
    return [(file.name, file) for file in given or []]


def _store(actor: Actor, account_id: str, files: Sequence[tuple[str, Any]]) -> list[dict[str, Any]]:
    bar = st.progress(0.0, text=f"0 of {len(files)}")
    results = []
    for number, (name, file) in enumerate(files, start=1):
        with action("upload_reference"):
            results.append(
                _result(
                    services().reference_uploads.upload(actor, account_id, name, file.getvalue())
                )
            )
        bar.progress(number / len(files), text=f"{number} of {len(files)}")
    return results


def _result(verdict: UploadVerdict) -> dict[str, Any]:
    """Return the verdict as plain values, which outlive a reload of the code."""
    if not verdict.is_accepted:
        status, rank = REFUSED, 0
    elif verdict.is_duplicate:
        status, rank = KNOWN, 2
    else:
        status, rank = (SIMILAR, 1) if verdict.similar else (SAVED, PLAIN)
    card, similar = verdict.reference, verdict.similar
    sharpness = card.sharpness if card and not verdict.is_duplicate else None
    return {
        "rank": rank,
        "status": tuple(status),
        "filename": verdict.filename,
        "sentence": verdict.sentence,
        "sharpness": sharpness.value if sharpness else "",
        "asset_id": similar.asset_id if similar else (card.asset_id if card and rank == 2 else ""),
        "similar": _similar_words(similar.filename, similar.is_mirrored) if similar else "",
    }


def _similar_words(filename: str, is_mirrored: bool) -> str:
    """Return `Similar to IMG_12.jpg, mirrored`."""
    return f"Similar to {filename}{', mirrored' if is_mirrored else ''}"


def _draw_results(verdicts: list[dict[str, Any]]) -> None:
    """Draw refused and duplicate files first; of a large upload's rest only the counts."""
    if not verdicts:
        return
    notable = [result for result in verdicts if result["rank"] < PLAIN]
    plain = [result for result in verdicts if result["rank"] == PLAIN]
    ranked = [*sorted(notable, key=lambda result: int(result["rank"])), *plain]
    shown = max(FEW, min(len(notable), MAX_LISTED))
    lines = [("", _line(result)) for result in ranked[:shown]]
    rest = Counter(str(result["status"][0]).lower() for result in ranked[shown:])
    if rest:
        counts = ", ".join(f"{count:,} {word}" for word, count in rest.items())
        lines.append(("", [elements.text(f"and {count_of(rest.total(), 'more file')}: {counts}")]))
    open_picture(facts(lines, key="verdicts"))
    st.button("Clear this list", type="tertiary", key="clear_verdicts", on_click=_clear)


def _line(result: dict[str, Any]) -> list[elements.Element]:
    line = [
        badge(Badge(*result["status"])),
        elements.text(result["filename"], "strong"),
        elements.text(result["sentence"]),
    ]
    if result["sharpness"]:
        line.append(elements.text(result["sharpness"]))
    if result["asset_id"]:
        line.append(elements.button(result["similar"] or "Open", result["asset_id"]))
    return line


def _clear() -> None:
    st.session_state.pop(VERDICTS, None)
