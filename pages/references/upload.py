"""Upload references from files, a folder or the camera, and show each file's result."""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, NamedTuple

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
from services.references.upload import MAX_MEGABYTES, NOT_STORED, SEND_AGAIN

ROUND = "upload_round"
VERDICTS = "upload_verdicts"
STORED = "upload_stored"
"""Results of a round that is not finished, by the file's id: an interrupted one goes on from them."""
AT_ONCE = 2
MAX_LISTED, FEW = 12, 4
SCROLLED_PIXELS = 480
FAILED, NOTABLE, PLAIN = 0, 1, 3
FILES, FOLDER, CAMERA = "Files", "Folder", "Camera"
ICONS = {FILES: "upload_file", FOLDER: "folder_open", CAMERA: "photo_camera"}
# What systems leave in folders, and nobody means to upload.
SYSTEM_FILES = ("._", ".DS_Store", "Thumbs.db", "desktop.ini", ".picasa.ini")
REFUSED = Badge("Refused", "red", "block")
LOST = Badge("Not stored", "red", "cloud_off")
KNOWN = Badge("Duplicate", "gray", "content_copy")
SIMILAR = Badge("Saved", "amber", "filter_none")
SAVED = Badge("Saved", "green", "check")


class _File(NamedTuple):
    """A file of the widget; its id stays the same while the widget shows it."""

    id: str
    name: str
    content: bytes


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
        del st.session_state[STORED]
        st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
        st.rerun()
    _draw_results(st.session_state.get(VERDICTS, []))


def _files(way: str, number: str) -> list[_File]:
    """Return the files of this run; the camera opens only when it is chosen."""
    if way == CAMERA:
        with st.container(width=480, key="camera_frame"):
            shot = st.camera_input(
                "Take a picture",
                key=f"camera_{number}",
                resolution="1080p",
                label_visibility="collapsed",
            )
        name = f"camera {datetime.now(UTC):%Y-%m-%d %H.%M.%S}.jpg"
        return [_File(shot.file_id, name, shot.getvalue())] if shot else []
    # Any name is taken: the content decides.
    given = st.file_uploader(
        "Add a folder of pictures" if way == FOLDER else "Add pictures",
        accept_multiple_files="directory" if way == FOLDER else True,
        max_upload_size=MAX_MEGABYTES,
        key=f"upload_{way}_{number}",
        label_visibility="collapsed",
    )
    st.caption(
        f"JPEG, PNG, WebP, HEIC or AVIF, {MAX_MEGABYTES} MB at most."
        " Location and other camera data are removed."
    )
    return [
        _File(file.file_id, file.name, file.getvalue())
        for file in given or []
        if not file.name.rsplit("/", 1)[-1].startswith(SYSTEM_FILES)
    ]


def _store(actor: Actor, account_id: str, files: Sequence[_File]) -> list[dict[str, Any]]:
    """Store the files that have no result yet; a click elsewhere interrupts it between two."""
    results: dict[str, dict[str, Any]] = st.session_state.setdefault(STORED, {})
    waiting = [file for file in files if file.id not in results]
    bar = st.progress(0.0, text=f"{len(results)} of {len(files)}")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for some in _in_groups(waiting):
            asked = [
                pool.submit(
                    services().reference_uploads.upload, actor, account_id, it.name, it.content
                )
                for it in some
            ]
            for file, future in zip(some, asked, strict=True):
                with action("upload_reference"):
                    results[file.id] = _result(future.result())
                results.setdefault(file.id, _result(_not_stored(file.name)))
            bar.progress(len(results) / len(files), text=f"{len(results)} of {len(files)}")
    return list(results.values())


def _in_groups(files: Sequence[_File]) -> Iterator[Sequence[_File]]:
    for at in range(0, len(files), AT_ONCE):
        yield files[at : at + AT_ONCE]


def _not_stored(name: str) -> UploadVerdict:
    sentence = f"Not stored: something unexpected went wrong. {SEND_AGAIN}"
    return UploadVerdict(name, False, NOT_STORED, sentence, None, False)


def _result(verdict: UploadVerdict) -> dict[str, Any]:
    """Return the verdict as plain values, which outlive a reload of the code."""
    if not verdict.is_accepted:
        status, rank = LOST if verdict.reason == NOT_STORED else REFUSED, FAILED
    elif verdict.is_duplicate:
        status, rank = KNOWN, 2
    else:
        status, rank = (SIMILAR, NOTABLE) if verdict.similar else (SAVED, PLAIN)
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
    """Draw every file that failed with its reason; of a large upload's rest only the counts."""
    if not verdicts:
        return
    if len(verdicts) > FEW:
        st.caption(f"{count_of(len(verdicts), 'file')}: {_counted(verdicts)}")
    ranked = sorted(verdicts, key=lambda result: int(result["rank"]))
    failed = sum(result["rank"] == FAILED for result in ranked)
    notable = sum(result["rank"] < PLAIN for result in ranked)
    shown = max(failed, FEW, min(notable, MAX_LISTED))
    lines = [("", _line(result)) for result in ranked[:shown]]
    if rest := ranked[shown:]:
        words = f"and {count_of(len(rest), 'more file')}: {_counted(rest)}"
        lines.append(("", [elements.text(words)]))
    is_long = len(lines) > MAX_LISTED + 1
    with st.container(
        height=SCROLLED_PIXELS if is_long else "content", border=False, key="upload_results"
    ):
        open_picture(facts(lines, key="verdicts"))
    st.button("Clear this list", type="tertiary", key="clear_verdicts", on_click=_clear)


def _counted(results: Sequence[dict[str, Any]]) -> str:
    """`47 saved, 3 refused`."""
    counts = Counter(str(result["status"][0]).lower() for result in results)
    return ", ".join(f"{count:,} {word}" for word, count in counts.most_common())


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
