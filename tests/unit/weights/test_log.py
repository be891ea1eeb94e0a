"""A trainer's log is read complete, in pieces and broken; no text makes the reader fail."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.recipes.training.trainer_log import TrainingLog, TrainingStage, read_log

UNPACKED = "Extracted 12 files from zip to input_images\n"
CAPTION_LINES = [
    f"Caption for input_images/{number:02}.jpg: A fox: number {number}, in a hat.\n"
    for number in range(1, 13)
]
CAPTIONS = "".join(CAPTION_LINES)
STARTED = "Starting train job\nDataset: input_images\n  -  Found 12 images\n"
CACHED = (
    "Caching latents for input_images\n"
    "Caching latents:   0%|          | 0/12 [00:00<?, ?it/s]\r"
    "Caching latents:  50%|█████     | 6/12 [00:01<00:01,  5.80it/s]\r"
    "Caching latents: 100%|██████████| 12/12 [00:02<00:00,  5.90it/s]\n"
)
DONE = "Saved to output/flux_train_replicate/flux_train_replicate.safetensors\n"


def bar(step: int, steps: int = 1000, loss: str = "3.852e-01") -> str:
    """The bar as tqdm writes it, without what ends its line."""
    percent, filled = round(step * 100 / steps), "█" * (step * 10 // steps)
    return (
        f"flux_train_replicate: {percent:3d}%|{filled:<10}| {step}/{steps} "
        f"[01:23<12:26,  1.20it/s, lr: 4.0e-04 loss: {loss}]"
    )


TRAINED = "".join(
    f"{bar(step, loss=f'{0.5 - step / 10_000:.3e}')}\r" for step in range(0, 1001, 50)
)
COMPLETE = UNPACKED + CAPTIONS + STARTED + CACHED * 3 + TRAINED + DONE


def stage_and_sentence(text: str, picture_count: int | None = None) -> tuple[TrainingStage, str]:
    """The stage, and the sentence that people read."""
    found = read_log(text, picture_count)
    return found.stage, found.sentence


@pytest.mark.parametrize(
    ("text", "stage", "words"),
    [
        ("", TrainingStage.PREPARING, "Unpacking the pictures"),
        ("Downloading weights\n", TrainingStage.PREPARING, "Unpacking the pictures"),
        (UNPACKED, TrainingStage.PREPARING, "Unpacking the pictures"),
        (UNPACKED + CAPTION_LINES[0], TrainingStage.CAPTIONING, "Writing captions, 1 of 12"),
        (UNPACKED + CAPTIONS, TrainingStage.CAPTIONING, "Writing captions, 12 of 12"),
        (CAPTIONS[200:], TrainingStage.CAPTIONING, "Writing captions, 8 so far"),
        (UNPACKED + STARTED, TrainingStage.CACHING, "Getting the pictures ready"),
        (CACHED, TrainingStage.CACHING, "Getting the pictures ready, 12 of 12"),
        (CACHED[:110], TrainingStage.CACHING, "Getting the pictures ready, 0 of 12"),
        (bar(0), TrainingStage.TRAINING, "Training, step 0 of 1,000"),
        (CACHED + bar(400), TrainingStage.TRAINING, "Training, step 400 of 1,000"),
        (bar(1000), TrainingStage.SAVING, "Saving what was learned"),
        (COMPLETE, TrainingStage.DONE, "The training is finished"),
        (DONE, TrainingStage.DONE, "The training is finished"),
    ],
)
def test_log_shows_the_progress_of_the_training(
    text: str, stage: TrainingStage, words: str
) -> None:
    assert stage_and_sentence(text) == (stage, words)


def test_finished_training_is_read_completely() -> None:
    found = read_log(COMPLETE)

    assert found.progress == 1.0
    assert [step for step, _ in found.losses] == list(range(0, 1001, 50))
    assert found.losses[0] == (0, 0.5) and found.losses[-1] == (1000, 0.4)
    assert list(found.captions) == [f"{number:02}" for number in range(1, 13)]
    assert found.captions["07"] == "A fox: number 7, in a hat."


def test_number_of_pictures_counts_more_than_the_number_of_files() -> None:
    # Seven pictures and five captions are twelve files.
    words = stage_and_sentence(UNPACKED + CAPTION_LINES[0], picture_count=7)

    assert words == (TrainingStage.CAPTIONING, "Writing captions, 1 of 7")


def test_pictures_with_captions_of_their_own_are_counted_and_not_taken() -> None:
    found = read_log(UNPACKED + "01.jpg is already captioned\n" + CAPTION_LINES[5])

    assert found.sentence == "Writing captions, 2 of 12" and len(found.captions) == 1


def test_progress_never_falls_as_the_log_grows() -> None:
    progress = [read_log(COMPLETE[:end]).progress for end in range(0, len(COMPLETE) + 1, 7)]

    assert progress == sorted(progress) and progress[0] == 0.0


def test_stages_come_in_their_order_as_the_log_grows() -> None:
    seen = dict.fromkeys(read_log(COMPLETE[:end]).stage for end in range(0, len(COMPLETE) + 1, 5))

    assert list(seen) == list(TrainingStage)


@pytest.mark.parametrize("end", range(1, len(bar(100))))
def test_cut_off_bar_is_ignored(end: int) -> None:
    found = read_log(bar(50) + "\r" + bar(100)[:end])

    assert found.sentence in ("Training, step 50 of 1,000", "Training, step 100 of 1,000")
    assert found.losses == [(50, 0.3852)]


@pytest.mark.parametrize("begin", range(1, len(bar(100))))
def test_bar_that_begins_in_its_middle_is_left_out(begin: int) -> None:
    found = read_log(bar(100)[begin:] + "\r" + bar(150))

    assert found.sentence == "Training, step 150 of 1,000"
    assert [step for step, _ in found.losses] == [150]


def test_caption_that_breaks_off_is_not_taken_yet() -> None:
    text = CAPTIONS[: len(CAPTIONS) - 5]

    assert "12" not in read_log(text).captions and "11" in read_log(text).captions


def test_words_directly_after_a_bar_are_read() -> None:
    loading = "Loading checkpoint shards: 100%|██████████| 3/3 [00:02<00:00,  1.5it/s]"

    assert read_log(loading + CAPTIONS).captions["01"] == "A fox: number 1, in a hat."
    assert read_log(bar(1000) + DONE).stage is TrainingStage.DONE
    assert read_log(bar(100) + bar(150)).losses == [(100, 0.3852), (150, 0.3852)]


def test_words_of_a_caption_are_not_taken_for_the_trainers() -> None:
    found = read_log(f"Caption for input_images/01.jpg: {DONE.strip()} {bar(900)}\n")

    assert found.stage is TrainingStage.CAPTIONING and found.losses == []
    assert found.captions["01"].startswith("Saved to output/")


def test_copy_saved_on_the_way_is_not_the_end() -> None:
    assert read_log(bar(500) + "\n" + DONE).stage is TrainingStage.TRAINING


def test_repeated_step_keeps_its_last_loss_and_steps_are_in_order() -> None:
    text = "\r".join([bar(2, loss="5.0e-01"), bar(3), bar(2, loss="4.0e-01")])

    assert read_log(text).losses == [(2, 0.4), (3, 0.3852)]


@pytest.mark.parametrize("loss", ["nan", "inf", "-1.0", "1e999", "", "٣.٥", "0x1p3", "1_0"])
def test_loss_that_is_no_number_is_left_out(loss: str) -> None:
    assert read_log(bar(100, loss=loss)).losses == []


@pytest.mark.parametrize(
    "text",
    [
        "flux_train_replicate: 999%|x| 5/0 [00:00<00:00]",
        "flux_train_replicate:  10%|x| 7/5 [00:00<00:00]",
        "flux_train_replicate:  10%|x| " + "9" * 5000 + "/1 [",
        "flux_train_replicate:  10%|x| -1/10 [00:00<00:00]",
        "flux_train_replicate:  10%|x| ١/١٠ [00:00<00:00]",
        "Extracted " + "9" * 5000 + " files from zip",
        "Caption for : \nCaption for x\nCaption for .jpg: y",
        "\0\x1b[2J\ud800\u2028\x85",
        "]" * 1000 + "[" * 1000,
    ],
)
def test_nonsense_is_ignored(text: str) -> None:
    found = read_log(text)

    assert (found.stage, found.progress) == (TrainingStage.PREPARING, 0.0)
    assert found.losses == [] and found.captions == {}


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\n\r\n"])
def test_every_end_of_a_line_is_taken(end: str) -> None:
    text = COMPLETE.replace("\r", "\n").replace("\n", end)

    assert read_log(text) == read_log(COMPLETE)


def test_other_separators_belong_to_the_caption() -> None:
    found = read_log("Caption for input_images/a b.PNG: one\u2028two\x0bthree\x85four\n")

    assert found.captions == {"a b": "one\u2028two\x0bthree\x85four"}


def sound(found: TrainingLog) -> bool:
    """Whether what was read is consistent and can be stored as JSON."""
    json.dumps([found.losses, found.captions, found.progress], allow_nan=False)
    steps = [step for step, _ in found.losses]
    is_finite = all(math.isfinite(loss) for _, loss in found.losses)
    return (
        0.0 <= found.progress <= 1.0
        and bool(found.sentence)
        and is_finite
        and steps == sorted(set(steps))
    )


PIECES = st.sampled_from(
    [UNPACKED, CAPTIONS, STARTED, CACHED, bar(1), bar(500), bar(1000), DONE, "\r", "\n", "|", "["]
)
LOGS = st.lists(
    st.one_of(PIECES, st.text(max_size=20), PIECES.map(lambda text: text[3:-3])), max_size=12
).map("".join)


@settings(max_examples=150)
@given(LOGS, st.none() | st.integers(-5, 100))
def test_any_pieces_in_any_order_are_read(text: str, picture_count: int | None) -> None:
    assert sound(read_log(text, picture_count))


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert sound(read_log(text))


@given(st.binary(max_size=300))
def test_any_bytes_are_read(content: bytes) -> None:
    assert sound(read_log(content.decode("latin-1")))
    assert sound(read_log(content.decode("utf-8", "surrogateescape")))


@settings(max_examples=100)
@given(st.integers(0, len(COMPLETE)), st.integers(0, len(COMPLETE)))
def test_any_section_of_a_real_log_is_read(begin: int, end: int) -> None:
    assert sound(read_log(COMPLETE[begin:end]))
    assert sound(read_log(COMPLETE[:begin] + COMPLETE[end:]))


@pytest.mark.parametrize(
    "piece", ["Caching latents ", "flux_train_replicate:", "]Caption for ", "|", "loss: 1", "<1:1"]
)
def test_long_text_takes_one_pass(piece: str) -> None:
    assert sound(read_log(piece * 20_000))
