"""Read the trainer's log so far. Pure; no text makes it raise.

The text may be the end of a longer log: it begins and breaks off anywhere.
"""

import math
import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath

# Bars are rewritten after a carriage return. Not splitlines: captions may hold other separators.
_LINES = re.compile(r"([^\r\n]*)([\r\n]|\Z)")
# A bar does not end its line: the next words may follow its bracket directly.
_CAPTION = re.compile(
    r"(?:\A|\])Caption for (.{1,500}?\.(?:jpe?g|png|webp|bmp|gif)): (.*)", re.IGNORECASE
)
_CAPTION_BEGINS = re.compile(r"(?:\A|\])Caption for ")
_CAPTIONED = re.compile(r"(.{1,500}?) is already captioned")
_EXTRACTED = re.compile(r"Extracted ([0-9]{1,6}) files? from zip")
_STARTED = re.compile(r"Starting train job")
_CACHING_BEGINS = re.compile(r"Caching latents\b")
# Bounded everywhere, so that no text takes more than one pass. Up to the bracket: in a bar that
# breaks off, the number of steps may have lost its end.
_COUNT = r"\|[^|]{0,400}\| {0,8}([0-9]{1,7})/([0-9]{1,7}) {0,8}\["
_CACHING = re.compile(r"Caching latents[^|]{0,200}" + _COUNT)
_BAR = re.compile(r"flux_train_replicate: {0,8}[0-9]{1,3}%" + _COUNT + r"([^\]]{0,400})(\]?)")
_SAVED = re.compile(r"Saved to output/")
_LOSS = re.compile(r"\bloss:\s*([0-9]{1,10}(?:\.[0-9]{1,20})?(?:e[+-]?[0-9]{1,3})?)(?=[\s,]|\Z)")


class TrainingStage(StrEnum):
    """The stages of a training, in order."""

    PREPARING = "preparing"
    CAPTIONING = "captioning"
    CACHING = "caching"
    TRAINING = "training"
    SAVING = "saving"
    DONE = "done"


# The progress at which each begins, measured on runs of 1,000 steps.
_BEGINS_AT = {
    TrainingStage.PREPARING: 0.0,
    TrainingStage.CAPTIONING: 0.01,
    TrainingStage.CACHING: 0.08,
    TrainingStage.TRAINING: 0.12,
    TrainingStage.SAVING: 0.98,
    TrainingStage.DONE: 1.0,
}
_ORDER = tuple(TrainingStage)


@dataclass(frozen=True)
class TrainingLog:
    """The content of a log. `sentence` is for people; `progress` is 0 to 1 of the training.

    `losses` are (step, loss) in the order of the steps. `captions` are those that the trainer
    wrote itself, by the stem of the picture's file.
    """

    stage: TrainingStage
    sentence: str
    progress: float
    losses: list[tuple[int, float]]
    captions: dict[str, str]


def read_log(text: str, picture_count: int | None = None) -> TrainingLog:
    """Read a complete log or its end.

    `picture_count` is how many pictures the trainer was given; without it the number of files is
    taken, which counts captions too.
    """
    reader = _Reader(total=picture_count if picture_count and picture_count > 0 else None)
    for line in _LINES.finditer(text):
        reader.read(line[1], is_complete=bool(line[2]))
    return reader.result()


@dataclass
class _Reader:
    """The state after the lines read so far."""

    total: int | None
    stage: TrainingStage = TrainingStage.PREPARING
    share: float = 0.0
    counted: tuple[int, int] | None = None
    bar: tuple[int, int] | None = None
    losses: dict[int, float] = field(default_factory=dict)
    captions: dict[str, str] = field(default_factory=dict)
    captioned: set[str] = field(default_factory=set)

    def read(self, line: str, *, is_complete: bool) -> None:
        """Read one line; the last one may be incomplete."""
        if _CAPTION_BEGINS.search(line):
            # The rest is the caption itself, whatever it resembles.
            found = _CAPTION.search(line)
            if found and is_complete:
                self.captions[_stem(found[1])] = found[2].strip()
                self._caption(found[1])
            return
        if is_complete and (found := _CAPTIONED.match(line)):
            self._caption(found[1])
        if found := _EXTRACTED.search(line):
            self.total = self.total or int(found[1])
        self._read_bars(line)
        if _SAVED.search(line):
            self._save()

    def _read_bars(self, line: str) -> None:
        if _STARTED.search(line) or _CACHING_BEGINS.search(line):
            self._reach(TrainingStage.CACHING)
        for found in _CACHING.finditer(line):
            self._cache(int(found[1]), int(found[2]))
        for found in _BAR.finditer(line):
            self._train(int(found[1]), int(found[2]), found[3], is_complete=bool(found[4]))

    def result(self) -> TrainingLog:
        """Return the log's content."""
        after = _BEGINS_AT[_ORDER[min(_ORDER.index(self.stage) + 1, len(_ORDER) - 1)]]
        before = _BEGINS_AT[self.stage]
        return TrainingLog(
            stage=self.stage,
            sentence=self._sentence(),
            progress=before + (after - before) * self.share,
            losses=sorted(self.losses.items()),
            captions=self.captions,
        )

    def _reach(self, stage: TrainingStage, done: int = 0, of: int = 0) -> None:
        """Enter a stage, never an earlier one; within a stage the share never falls."""
        if _ORDER.index(stage) < _ORDER.index(self.stage):
            return
        share = min(1.0, done / of) if of else 0.0
        self.share = share if stage is not self.stage else max(share, self.share)
        self.stage = stage

    def _caption(self, path: str) -> None:
        self.captioned.add(_stem(path))
        self._reach(TrainingStage.CAPTIONING, len(self.captioned), self.total or 0)

    def _cache(self, done: int, of: int) -> None:
        if 0 < of and done <= of:
            self.counted = (done, of)
        self._reach(TrainingStage.CACHING, done, of)

    def _train(self, step: int, steps: int, notes: str, *, is_complete: bool) -> None:
        if not 0 < steps or step > steps:
            return
        self.bar = (step, steps)
        loss = _LOSS.search(notes)
        if loss and is_complete and math.isfinite(float(loss[1])):
            self.losses[step] = float(loss[1])
        self._reach(TrainingStage.TRAINING, step, steps)
        if step == steps:
            self._reach(TrainingStage.SAVING)

    def _save(self) -> None:
        # In the middle of a training it is a copy for safety, not the end.
        if self.bar is None or self.bar[0] == self.bar[1]:
            self._reach(TrainingStage.DONE)

    def _sentence(self) -> str:
        if self.stage is TrainingStage.CAPTIONING:
            return f"Writing captions, {_counted(len(self.captioned), self.total)}"
        if self.stage is TrainingStage.CACHING and self.counted:
            return f"Getting the pictures ready, {_counted(*self.counted)}"
        if self.stage is TrainingStage.TRAINING and self.bar:
            return f"Training, step {_counted(*self.bar)}"
        return _SENTENCES[self.stage]


_SENTENCES = {
    TrainingStage.PREPARING: "Unpacking the pictures",
    TrainingStage.CACHING: "Getting the pictures ready",
    TrainingStage.TRAINING: "Training",
    TrainingStage.SAVING: "Saving what was learned",
    TrainingStage.DONE: "The training is finished",
}


def _counted(done: int, of: int | None) -> str:
    return f"{done:,} of {of:,}" if of and of >= done else f"{done:,} so far"


def _stem(path: str) -> str:
    return PurePosixPath(path).stem
