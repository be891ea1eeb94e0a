"""Numbers, money, durations and sizes in words, for sentences of services and pages alike."""

from collections.abc import Sequence


def count_of(number: int, one: str, many: str = "") -> str:
    """`1 picture`, `1,204 pictures`; `many` where the plural is not formed with an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(names: Sequence[str]) -> str:
    """`Gemini, Hugging Face and Replicate`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def credits_of(number: int) -> str:
    """`1 credit`, `360 credits`."""
    return count_of(number, "credit")


def dollars(amount: float) -> str:
    """`$0.59`; below a cent `under $0.01`."""
    return "under $0.01" if 0 < amount < 0.01 else f"${amount:,.2f}"


def about_dollars(amount: float) -> str:
    """`about $0.59`; below a cent `under $0.01`."""
    return dollars(amount) if 0 < amount < 0.01 else f"about {dollars(amount)}"


def duration(seconds: float) -> str:
    """`8 s`, `2 min`, `1 h 5 min`: for an estimate; at least a second."""
    if seconds < 59.5:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def span(seconds: float) -> str:
    """`8 s`, `3 min`, `2 h 5 min`, `3 days`: for how long something has lasted."""
    rounded = max(0, round(seconds))
    if rounded < 90:
        return f"{rounded} s"
    minutes = round(rounded / 60)
    if minutes < 90:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{hours // 24} days"


def exact_seconds(seconds: float) -> str:
    """`23.1 s` or `2 min 5 s`: for what was measured."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def file_size(byte_count: int) -> str:
    """`842 KB`, `1.2 MB`."""
    if byte_count < 1_000_000:
        return f"{max(1, round(byte_count / 1000))} KB"
    return f"{byte_count / 1_000_000:.1f} MB"


def pixel_size(width: int, height: int) -> str:
    """`1024 × 1024`."""
    return f"{width} × {height}"
