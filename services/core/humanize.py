"""How long something takes, in words for a sentence."""


def span(seconds: float) -> str:
    """`8 s`, `3 min`, `2 h 5 min`, `3 days`."""
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


def count_of(count: int, noun: str) -> str:
    """`1 credit`, `40 credits`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
