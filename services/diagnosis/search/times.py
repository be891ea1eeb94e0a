"""Parse a time as people write it ("yesterday at two") in one time zone. Pure."""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, available_timezones

AROUND = timedelta(minutes=30)
_ANY_TIME = datetime(2026, 11, 28, 12, tzinfo=UTC)

_HOUR_WORDS = "one two three four five six seven eight nine ten eleven twelve"
_HOURS = {word: hour for hour, word in enumerate(_HOUR_WORDS.split(), 1)}
_NUMBERS = {**_HOURS, "a": 1, "an": 1, "couple": 2, "few": 3}
_UNITS = {"minute": 1, "min": 1, "hour": 60, "hr": 60, "h": 60, "day": 1440, "week": 10080}
_DAYS = {"today": 0, "tonight": 0, "this": 0, "yesterday": 1, "last night": 1}
_WEEKDAYS = [name.lower() for name in calendar.day_name]
_MONTHS = [name.lower() for name in calendar.month_name if name]
_HALVES = {
    "morning": (0, 12),
    "noon": (11, 15),
    "afternoon": (12, 19),
    "evening": (16, 24),
    "night": (0, 24),
}
_MONTH = rf"(?P<month>{'|'.join(f'{name[:3]}(?:{name[3:]})?' for name in _MONTHS)})"
_FILLERS = re.compile(
    r"\b(?:at|on|around|about|approximately|circa|ca|the|in|from|since|of)\b|[,~]"
)
_AGO = re.compile(
    rf"(?P<count>half|\d{{1,4}}|{'|'.join(_NUMBERS)})\s*(?:an?\s+|of\s+)?"
    rf"(?P<unit>{'|'.join(_UNITS)})s? ago"
)
_DAY = re.compile(
    r"(?P<iso>20\d\d-\d{1,2}-\d{1,2})(?:t(?=\d))?"
    r"|(?P<dotted>\d{1,2}\.\d{1,2}\.20\d\d)"
    rf"|(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)? {_MONTH}(?: (?P<year>20\d\d))?)"
    r"|(?P<before>day before yesterday)"
    rf"|(?P<named>{'|'.join(_DAYS)})"
    rf"|(?:last )?(?P<weekday>{'|'.join(_WEEKDAYS)})"
)
_HOUR = rf"(?P<hour>\d{{1,2}}|{'|'.join(_HOURS)})"
_CLOCK = re.compile(
    rf"(?:(?P<fraction>half past|quarter past|quarter to) )?{_HOUR}"
    r"(?:(?::|h|\.)(?P<minute>\d\d)(?::\d\d(?:\.\d{1,9})?)?)?"
    r"\s*(?P<mark>o'?clock|h|am|pm|a\.m\.|p\.m\.|z|\+00:00)?"
)
_FIXED = {"noon": time(12), "midday": time(12), "midnight": time(0)}
_FRACTIONS = {"half past": 30, "quarter past": 15, "quarter to": -15}


@dataclass(frozen=True)
class Span:
    """A span of time with its middle."""

    begin: datetime
    end: datetime
    middle: datetime


def spans(text: str, now: datetime, time_zone: str) -> tuple[Span, ...]:
    """Parse the spans that a text may mean, the likeliest first; none where it names no time.

    `now` is time-zone aware. An hour that may be before or after noon gives both.
    """
    line = " ".join(text.lower().split())
    if len(line) > 60:
        return ()
    zone = ZoneInfo(time_zone) if time_zone in available_timezones() else UTC
    try:
        return _ago(line, now) or _named(line, now.astimezone(zone))
    except (ValueError, OverflowError):
        # 31 February, hour 25.
        return ()


def names_time(text: str) -> bool:
    """Whether a text is a time, whatever the clock shows."""
    return bool(spans(text, _ANY_TIME, "UTC"))


def _ago(line: str, now: datetime) -> tuple[Span, ...]:
    if line in ("now", "just now"):
        return (_around(now),)
    found = _AGO.fullmatch(_FILLERS.sub(" ", line).strip())
    if found is None:
        return ()
    count = found["count"]
    amount = 0.5 if count == "half" else float(_NUMBERS.get(count) or count)
    minutes = amount * _UNITS[found["unit"]]
    # "Three days ago" is no exact time: the longer ago, the wider.
    spread = max(AROUND, timedelta(minutes=_UNITS[found["unit"]] / 2))
    middle = now - timedelta(minutes=minutes)
    return (Span(middle - spread, middle + spread, middle),)


def _named(line: str, now: datetime) -> tuple[Span, ...]:
    """Parse a day, an hour, or both, in the time zone of `now`."""
    is_hour = re.search(r"\b(?:at|around|about) ", line) is not None
    rest, day = _day_of(line, now.date())
    rest = " ".join(_FILLERS.sub(" ", rest).split())
    half = next((name for name in _HALVES if re.search(rf"\b{name}\b", rest)), None)
    if half and rest not in _FIXED:
        rest = " ".join(rest.replace(half, " ").split())
    if not rest:
        if day is None:
            return ()
        return (_day_span(day, now.tzinfo or UTC, _HALVES[half] if half else (0, 24)),)
    clocks = _clocks(rest, _HALVES.get(half or "", (0, 24)), is_hour=is_hour or day is not None)
    days = (day,) if day else (now.date(), now.date() - timedelta(days=1))
    found = [datetime.combine(one, clock, _zone(rest, now)) for one in days for clock in clocks]
    past = [moment for moment in found if moment <= now + AROUND] or found
    nearest = sorted(past, key=lambda moment: abs(now - moment))
    return tuple(_around(moment) for moment in nearest[: 2 if day else len(clocks)])


def _zone(rest: str, now: datetime) -> tzinfo:
    return UTC if rest.endswith(("z", "+00:00")) else now.tzinfo or UTC


def _day_of(line: str, today: date) -> tuple[str, date | None]:
    """Split the day off a line; a day in the future means the year before."""
    found = _DAY.search(line)
    if found is None:
        return line, None
    rest = f"{line[: found.start()]} {line[found.end() :]}"
    if found["named"] == "last night":
        rest += " night"
    return rest, _date(found, today)


def _date(found: re.Match[str], today: date) -> date:
    if found["iso"]:
        return date(*map(int, found["iso"].split("-")))
    if found["dotted"]:
        return date(*reversed([int(number) for number in found["dotted"].split(".")]))
    if found["weekday"]:
        back = (today.weekday() - _WEEKDAYS.index(found["weekday"])) % 7
        return today - timedelta(days=back or 7)
    if found["month"]:
        month = next(n for n, name in enumerate(_MONTHS, 1) if name.startswith(found["month"][:3]))
        named = date(int(found["year"] or today.year), month, int(found["day"]))
        return named if named <= today or found["year"] else named.replace(year=named.year - 1)
    return today - timedelta(days=2 if found["before"] else _DAYS[found["named"]])


def _clocks(rest: str, hours: tuple[int, int], *, is_hour: bool) -> list[time]:
    """Parse the times of day that a text may mean; `is_hour`: a bare number is an hour."""
    if rest in _FIXED:
        return [_FIXED[rest]]
    found = _CLOCK.fullmatch(rest)
    if found is None or not (is_hour or found["minute"] or found["mark"] or found["fraction"]):
        return []
    hour = _NUMBERS.get(found["hour"]) or int(found["hour"])
    minute = int(found["minute"] or 0) + _FRACTIONS.get(found["fraction"] or "", 0)
    mark = (found["mark"] or "").replace(".", "")
    if mark in ("am", "pm"):
        hour = hour % 12 + (12 if mark == "pm" else 0)
    # A clock's form is exact: 02:00 is never 14:00.
    is_exact = bool(found["minute"]) and not found["fraction"]
    is_either = hour <= 12 and mark not in ("am", "pm", "z") and not is_exact
    both = [hour % 12 + 12, hour % 12] if is_either else [hour]
    fitting = [one for one in both if hours[0] <= one < hours[1]] or both
    return [_shifted(one, minute) for one in fitting]


def _shifted(hour: int, minute: int) -> time:
    if minute < 0:
        return time((hour - 1) % 24, 60 + minute)
    return time(hour, minute)


def _around(moment: datetime) -> Span:
    return Span(moment - AROUND, moment + AROUND, moment)


def _day_span(day: date, zone: tzinfo, hours: tuple[int, int]) -> Span:
    begin = datetime.combine(day, time(hours[0]), zone)
    last = day + timedelta(days=1) if hours[1] == 24 else day
    end = datetime.combine(last, time(hours[1] % 24), zone)
    return Span(begin, end, begin + (end - begin) / 2)
