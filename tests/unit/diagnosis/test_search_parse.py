"""Which kind of input a pasted text is taken for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.diagnosis.search.parse import InputKind, read

ULID = "01jd3k5m7n9p1q3r5s7t9v1w3x"
SHA256 = "abcd" + "0" * 60
KEY = f"originals/ab/cd/{SHA256}.png"
PREDICTION = "rrr4z55ocneqzikepnug6xezpe"

TEXTS = [
    (f"gen_{ULID}", InputKind.GENERATION, f"gen_{ULID}"),
    (f"  'GEN_{ULID.upper()}' ", InputKind.GENERATION, f"gen_{ULID}"),
    (f"Hi, mine (gen_{ULID}) does not move.", InputKind.GENERATION, f"gen_{ULID}"),
    (f"batch_{ULID}", InputKind.GENERATION, f"gen_{ULID}"),
    ("[Mascot] Starting to poll for batch variations: batch_xxx", InputKind.WORDS, None),
    ("batch_xxx", InputKind.GENERATION, "gen_xxx"),
    (f"run_{ULID}", InputKind.RUN, f"run_{ULID}"),
    (f"run_{ULID}-12", InputKind.JOB, f"run_{ULID}"),
    (f"rq:job:run_{ULID}-0", InputKind.JOB, f"run_{ULID}"),
    (f"slot_{ULID}", InputKind.SLOT, f"slot_{ULID}"),
    (f"att_{ULID}", InputKind.ATTEMPT, f"att_{ULID}"),
    (f"ast_{ULID}", InputKind.ASSET, f"ast_{ULID}"),
    (f"msc_{ULID}", InputKind.MASCOT, f"mas_{ULID}"),
    (f"mod_{ULID}", InputKind.MODEL, f"mod_{ULID}"),
    (f"led_{ULID}", InputKind.ENTRY, f"led_{ULID}"),
    ("acc_studio", InputKind.ACCOUNT, "acc_studio"),
    ("pose_waving", InputKind.POSE, "pose_waving"),
    ("projection-level-2", InputKind.SCENARIO, "projection-level-2"),
    (f"bulk_{ULID}", InputKind.OPERATION, f"bulk_{ULID}"),
    ("job 5", InputKind.NUMBER, "5"),
    ("#12", InputKind.NUMBER, "12"),
    (PREDICTION, InputKind.PREDICTION, PREDICTION),
    (f"https://replicate.com/p/{PREDICTION}", InputKind.PREDICTION, PREDICTION),
    (
        f"Prediction created: https://replicate.com/p/{PREDICTION}.",
        InputKind.PREDICTION,
        PREDICTION,
    ),
    (f"http://127.0.0.1:9/v1/trainings/{PREDICTION}/cancel", InputKind.PREDICTION, PREDICTION),
    (f"http://localhost:8501/picture?id=ast_{ULID}", InputKind.ASSET, f"ast_{ULID}"),
    (f"http://localhost:8501/diagnose?id={PREDICTION}&x=1", InputKind.PREDICTION, PREDICTION),
    (f"http://localhost:8501/img/{KEY}?e=1&s=abc", InputKind.KEY, KEY),
    (f"https://bucket.s3.amazonaws.com/{KEY}?X-Amz-Signature=f00", InputKind.KEY, KEY),
    (f"s3://bucket/{KEY}", InputKind.KEY, KEY),
    (f"file:///home/me/storage/{KEY}", InputKind.KEY, KEY),
    (KEY, InputKind.KEY, KEY),
    (SHA256.upper(), InputKind.SHA256, SHA256),
    (f"owner/atelier-mira:{SHA256}", InputKind.VERSION, f"owner/atelier-mira:{SHA256}"),
    (
        "https://replicate.com/fofr/consistent-character",
        InputKind.VERSION,
        "fofr/consistent-character",
    ),
    ("Ana <Ana@Example.com> writes", InputKind.EMAIL, "ana@example.com"),
    ("Try again (err_0a1b2c3d)", InputKind.ERROR, "err_0a1b2c3d"),
    ("Reference `ERR_0A1B2C3D`", InputKind.ERROR, "err_0a1b2c3d"),
    ("An error of ours (reference 683065ca).", InputKind.ERROR, "err_683065ca"),
    ("683065ca", InputKind.ERROR, "err_683065ca"),
    ("https://example.com/a", InputKind.LINK, "example.com"),
    ("http://[", InputKind.WORDS, None),
    ("a fox with a scarf", InputKind.WORDS, "a fox with a scarf"),
    (" \x00\n ", InputKind.NOTHING, ""),
]


@pytest.mark.parametrize(("text", "what", "value"), TEXTS, ids=[text[:40] for text, *_ in TEXTS])
def test_every_kind_of_text_is_recognized(text: str, what: InputKind, value: str | None) -> None:
    reading = read(text)
    assert reading.kind is what
    assert value is None or reading.value == value


def test_every_kind_has_a_label_of_its_own() -> None:
    assert len(InputKind.__members__) == len(InputKind)


@pytest.mark.parametrize("address", ["https://b.example/x.png", f"https://b.example/{KEY}"])
def test_signature_of_a_link_is_not_kept(address: str) -> None:
    assert "f00dfeed" not in read(f"{address}?X-Amz-Signature=f00dfeed").value


@settings(max_examples=60, deadline=None)
@given(st.text() | st.from_regex(r"[a-z]{2,5}_[0-9a-z]*|https?://\S*|[\w./:-]*"))
def test_no_text_is_too_strange(text: str) -> None:
    assert "\x00" not in read(text).value
