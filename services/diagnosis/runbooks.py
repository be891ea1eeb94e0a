"""Read the runbooks of causes and of docs/runbooks/: by name, and by an error text that they quote."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = (Path(__file__).parent / "causes", ROOT / "docs" / "runbooks")
MAX_HITS = 5
MIN_CHARACTERS = 10
_HEADING = re.compile(r"^# (.+)$", re.MULTILINE)
_ERROR_TEXTS = re.compile(r"^\*\*Error texts\.\*\*(.*?)(?=^\*\*|^#|\Z)", re.MULTILINE | re.DOTALL)
_QUOTED = re.compile(r"^- `([^`\n]+)`", re.MULTILINE)
# What varies between messages: `<mascot-id>`, `…`, `${event.error}`, numbers and ids.
_VARYING = re.compile(
    r"<[^<>\s]{1,40}>|\$\{[^{}]{1,40}\}|…|\b(?:\w*_)?x{2,}\b|\b[Xx]\b|\b\w*\d\w*\b"
)
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Runbook:
    """One page; `slug` is a cause's id, or the name of its file without the suffix."""

    slug: str
    title: str
    path: str
    """Below the root of the repository."""
    body_markdown: str
    error_texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunbookHit:
    """A page that an error message leads to, and what it quotes."""

    slug: str
    title: str
    path: str
    excerpt: str = ""
    """The error text that was found in the message."""


@dataclass(frozen=True)
class _Pattern:
    """The fixed words of an error text, in pieces between the words that vary."""

    hit: RunbookHit
    pieces: tuple[str, ...]

    @property
    def weight(self) -> int:
        return sum(map(len, self.pieces))

    def fits(self, message: str) -> bool:
        """Whether the message contains every piece in order, or is contained in one."""
        at = 0
        for piece in self.pieces:
            found = message.find(piece, at)
            if found < 0:
                return any(message in piece for piece in self.pieces)
            at = found + len(piece) - 1
        return True


def runbook(slug: str) -> Runbook | None:
    """Return the page with this name, or None."""
    return _runbooks().get(slug)


def runbook_path(slug: str) -> str:
    """Return a page's path below the root of the repository."""
    return _runbooks()[slug].path


def find_by_error(text: str) -> tuple[RunbookHit, ...]:
    """Find pages that quote this message or a section of it, the closest first; ids do not count."""
    message = _fixed(_VARYING.sub(" ", text))
    if len(message.strip()) < MIN_CHARACTERS or message.count(" ") < 3:
        return ()
    fitting = [pattern for pattern in _patterns() if pattern.fits(message)]
    found: dict[str, RunbookHit] = {}
    for pattern in sorted(fitting, key=lambda one: -one.weight):
        found.setdefault(pattern.hit.slug, pattern.hit)
    return tuple(found.values())[:MAX_HITS]


@cache
def _runbooks() -> dict[str, Runbook]:
    paths = [path for folder in FOLDERS for path in sorted(folder.glob("*.md"))]
    return {path.stem: _read(path) for path in paths if path.stem != "README"}


def _read(path: Path) -> Runbook:
    text = path.read_text(encoding="utf-8")
    heading = _HEADING.search(text)
    quoted = _ERROR_TEXTS.search(text)
    return Runbook(
        slug=path.stem,
        path=str(path.relative_to(ROOT)),
        title=heading[1] if heading else path.stem,
        body_markdown=text[heading.end() :].strip() if heading else text,
        error_texts=tuple(_QUOTED.findall(quoted[1])) if quoted else (),
    )


@cache
def _patterns() -> tuple[_Pattern, ...]:
    return tuple(
        _Pattern(RunbookHit(page.slug, page.title, page.path, text), _pieces(text))
        for page in _runbooks().values()
        for text in (page.title, *page.error_texts)
        if _pieces(text)
    )


def _pieces(text: str) -> tuple[str, ...]:
    fixed = (_fixed(piece) for piece in _VARYING.split(text))
    return tuple(piece for piece in fixed if piece.strip())


def _fixed(text: str) -> str:
    """Reduce a text to words between spaces, so that a match ends at the edge of a word."""
    return f" {' '.join(_WORD.findall(text.lower()))} "
