"""What edited pictures are called, and their file names."""

import pytest

from services.core.states import Kind, SlotRole
from services.database.models import Slot
from services.recipes.labels import edit_label, edit_title, file_name


def export(kind: Kind = Kind.EDITS, preset: str = "tiktok") -> Slot:
    return Slot(kind=kind, role=SlotRole.EXPORT, prompt="", options={"preset": preset})


def background(prompt: str) -> Slot:
    return Slot(kind=Kind.EDITS, role=SlotRole.BACKGROUND, prompt=prompt, options={})


@pytest.mark.parametrize(
    ("slot", "pose", "number", "count", "label"),
    [
        (export(), None, 1, 1, "TikTok"),
        (export(), None, 2, 3, "Picture 2 · TikTok"),
        (export(), "Waving", 1, 1, "Waving · TikTok"),
        (export(Kind.POSES), "Waving", 2, 3, "Waving · 2 · TikTok"),
        (export(Kind.POSES), None, 1, 1, "Pose 1 · TikTok"),
        (export(preset="gone"), None, 1, 1, "Export"),
        (background(""), None, 1, 1, "Background removed"),
        (background("Replace it"), None, 1, 1, "Background replaced"),
    ],
)
def test_label(slot: Slot, pose: str | None, number: int, count: int, label: str) -> None:
    assert edit_label(slot, pose, number, count) == label


@pytest.mark.parametrize(
    ("slot", "title", "mascot", "pose", "expected"),
    [
        (export(), "Fennel: Waving · TikTok, Shopee", "Fennel", "Waving", "Fennel: Waving · TikTok"),
        (export(), "me · background removed, TikTok", None, None, "me · TikTok"),
        (export(), "Fennel · Avatar · TikTok", "Fennel", None, "Fennel · Avatar · TikTok"),
        (export(Kind.POSES), "Fennel: in rain · at dusk", "Fennel", None, "Fennel: in rain · at dusk · TikTok"),
    ],
)  # fmt: skip
def test_title(slot: Slot, title: str, mascot: str | None, pose: str | None, expected: str) -> None:
    assert edit_title(slot, title, mascot, pose) == expected


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Fennel: Waving · Instagram story", "fennel-waving-instagram-story.jpg"),
        ("../../etc/passwd · TikTok", "etc-passwd-tiktok.jpg"),
        ("Zoë 狐 · TikTok", "zoë-狐-tiktok.jpg"),
        ("···", "picture.jpg"),
        ("x" * 300, "x" * 80 + ".jpg"),
    ],
)
def test_file_name(title: str, name: str) -> None:
    assert file_name(title, "jpg") == name
