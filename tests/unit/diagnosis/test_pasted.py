"""What a pasted text is taken for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.diagnosis.search.parse import SENTENCES, What, read

ULID = "01jd3k5m7n9p1q3r5s7t9v1w3x"
SHA256 = "abcd" + "0" * 60
KEY = f"originals/ab/cd/{SHA256}.png"
PREDICTION = "rrr4z55ocneqzikepnug6xezpe"

TEXTS = [
    (f"gen_{ULID}", What.GENERATION, f"gen_{ULID}"),
    (f"  'GEN_{ULID.upper()}' ", What.GENERATION, f"gen_{ULID}"),
    (f"Hi, mine (gen_{ULID}) does not move.", What.GENERATION, f"gen_{ULID}"),
    (f"batch_{ULID}", What.GENERATION, f"gen_{ULID}"),
    ("[Mascot] Starting to poll for batch variations: batch_xxx", What.WORDS, None),
    ("batch_xxx", What.GENERATION, "gen_xxx"),
    (f"run_{ULID}", What.RUN, f"run_{ULID}"),
    (f"run_{ULID}-12", What.JOB, f"run_{ULID}"),
    (f"rq:job:run_{ULID}-0", What.JOB, f"run_{ULID}"),
    (f"slot_{ULID}", What.SLOT, f"slot_{ULID}"),
    (f"att_{ULID}", What.ATTEMPT, f"att_{ULID}"),
    (f"ast_{ULID}", What.ASSET, f"ast_{ULID}"),
    (f"msc_{ULID}", What.MASCOT, f"mas_{ULID}"),
    (f"mod_{ULID}", What.MODEL, f"mod_{ULID}"),
    (f"led_{ULID}", What.ENTRY, f"led_{ULID}"),
    ("acc_studio", What.ACCOUNT, "acc_studio"),
    ("pose_waving", What.POSE, "pose_waving"),
    ("projection-level-2", What.SCENARIO, "projection-level-2"),
    (f"bulk_{ULID}", What.OPERATION, f"bulk_{ULID}"),
    ("job 5", What.NUMBER, "5"),
    ("#12", What.NUMBER, "12"),
    (PREDICTION, What.PREDICTION, PREDICTION),
    (f"https://replicate.com/p/{PREDICTION}", What.PREDICTION, PREDICTION),
    (f"Prediction created: https://replicate.com/p/{PREDICTION}.", What.PREDICTION, PREDICTION),
    (f"http://127.0.0.1:9/v1/trainings/{PREDICTION}/cancel", What.PREDICTION, PREDICTION),
    (f"http://localhost:8501/picture?id=ast_{ULID}", What.ASSET, f"ast_{ULID}"),
    (f"http://localhost:8501/diagnose?id={PREDICTION}&x=1", What.PREDICTION, PREDICTION),
    (f"http://localhost:8501/img/{KEY}?e=1&s=abc", What.KEY, KEY),
    (f"https://bucket.s3.amazonaws.com/{KEY}?X-Amz-Signature=f00", What.KEY, KEY),
    (f"s3://bucket/{KEY}", What.KEY, KEY),
    (f"file:///home/me/storage/{KEY}", What.KEY, KEY),
    (KEY, What.KEY, KEY),
    (SHA256.upper(), What.SHA256, SHA256),
    (f"owner/atelier-mira:{SHA256}", What.VERSION, f"owner/atelier-mira:{SHA256}"),
    ("https://replicate.com/fofr/consistent-character", What.VERSION, "fofr/consistent-character"),
    ("Ana <Ana@Example.com> writes", What.EMAIL, "ana@example.com"),
    ("Try again (err_0a1b2c3d)", What.ERROR, "err_0a1b2c3d"),
    ("https://example.com/a", What.LINK, "example.com"),
    ("http://[", What.WORDS, None),
    ("a fox with a scarf", What.WORDS, "a fox with a scarf"),
    (" \x00\n ", What.NOTHING, ""),
]


@pytest.mark.parametrize(("text", "what", "value"), TEXTS, ids=[text[:40] for text, *_ in TEXTS])
def test_every_kind_of_text_is_told_apart(text: str, what: What, value: str | None) -> None:
    reading = read(text)
    assert reading.what is what
    assert value is None or reading.value == value


def test_every_reading_has_its_sentence() -> None:
    assert set(SENTENCES) == set(What)


@pytest.mark.parametrize("address", ["https://b.example/x.png", f"https://b.example/{KEY}"])
def test_signature_of_a_link_is_not_kept(address: str) -> None:
    assert "f00dfeed" not in read(f"{address}?X-Amz-Signature=f00dfeed").value


@settings(max_examples=60, deadline=None)
@given(st.text() | st.from_regex(r"[a-z]{2,5}_[0-9a-z]*|https?://\S*|[\w./:-]*"))
def test_no_text_is_too_strange(text: str) -> None:
    assert "\x00" not in read(text).value
