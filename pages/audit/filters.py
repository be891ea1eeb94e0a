"""Which changes the audit page shows: words of the reason, a subject, a person, an action, days."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from pages.kit.wording import audit_words, escaped
from services.audit.trail import AuditChoices, AuditFilters


def draw_filters(offered: AuditChoices) -> AuditFilters:
    """Draw them; all stand in the address, so that a view can be shared."""
    people = _told_apart({who: name for who, name in offered.people})
    actions = _told_apart({name: audit_words(name) for name in offered.actions})
    words = st.text_input(
        "Words of the reason",
        type="search",
        live="300ms",
        placeholder="Words of the reason",
        max_chars=100,
        key="words",
        bind="query-params",
        label_visibility="collapsed",
        width=200,
    )
    subject = st.text_input(
        "Id of the subject",
        placeholder="Id of the subject",
        max_chars=200,
        key="subject",
        bind="query-params",
        label_visibility="collapsed",
        width=170,
    )
    found = AuditFilters(
        actor_id=_choice("Everyone", people, "who", 150),
        action=_choice("Every change", actions, "what", 200),
        subject_id=(subject or "").strip(),
        words=words or "",
    )
    with st.popover(_days(), icon=":material/calendar_today:", key="audit_days"):
        found = replace(found, since=_midnight("From"), until=_midnight("Until", days=1))
    return found


def _days() -> str:
    """The chosen days as the address holds them, before their fields are drawn."""
    since, until = (escaped(st.query_params.get(name, "")) for name in ("from", "until"))
    if since and until:
        return f"{since} – {until}"
    return f"From {since}" if since else f"Until {until}" if until else "Any time"


def _told_apart(labels: Mapping[str, str]) -> dict[str, str]:
    """Values by label; where two labels are the same, the value stands behind."""
    counts = Counter(labels.values())
    return {
        label if counts[label] == 1 else f"{label} · {value}": value
        for value, label in sorted(labels.items(), key=lambda pair: pair[1])
    }


def _choice(everything: str, values: Mapping[str, str], key: str, width: int) -> str:
    chosen = st.selectbox(
        everything,
        list(values),
        index=None,
        placeholder=everything,
        key=key,
        bind="query-params",
        label_visibility="collapsed",
        width=width,
    )
    return values.get(chosen or "", "")


def _midnight(label: str, days: int = 0) -> datetime | None:
    """The beginning of the chosen day, so many days on, in the visitor's own time zone."""
    chosen = st.date_input(
        label, value=None, key=label.lower(), bind="query-params", format="YYYY-MM-DD"
    )
    if not isinstance(chosen, date):
        return None
    zone = ZoneInfo(st.context.timezone or "UTC")
    return datetime.combine(chosen + timedelta(days=days), time(), zone)
