"""Create, get, cancel and find: the same for predictions and trainings."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from replicate.client import Client

from services.providers.base import Prediction, PreparedRequest
from services.providers.replicate.client import ReplicateWire
from services.providers.replicate.errors import Call, unreadable_error
from services.providers.replicate.status import parse_prediction, parse_training, prediction_id
from services.providers.replies import as_object

CLOCK_MARGIN = timedelta(seconds=60)
MAX_PAGES = 50
WEBHOOK_EVENTS = ["start", "completed"]


@dataclass(frozen=True)
class RunKind:
    """Predictions or trainings: where they are, and how they are read."""

    noun: str
    path: str
    create: Call
    held: Call
    parse: Callable[[dict[str, Any], str], Prediction]
    is_filtered_by_time: bool
    """Whether its list takes `created_after`; rows come newest first in any case."""


PREDICTIONS = RunKind("prediction", "/predictions", Call.CREATE, Call.HELD, parse_prediction, True)
TRAININGS = RunKind("training", "/trainings", Call.TRAIN, Call.HELD_TRAINING, parse_training, False)


class ReplicateRuns:
    """One kind of work at one account; thread-safe, raises ProviderError."""

    def __init__(self, wire: ReplicateWire, kind: RunKind) -> None:
        self._wire = wire
        self._kind = kind

    def _post(
        self, send: Callable[[Client], object], headers: Mapping[str, str] | None = None
    ) -> Prediction:
        """POST once through the client; AMBIGUOUS if it may exist without our knowing its id."""
        reply = self._wire.through_client(self._kind.create, send, headers)
        created_id = prediction_id(reply.body)
        if created_id is None:
            raise unreadable_error(self._kind.create, reply, f"a {self._kind.noun}'s id")
        return self._kind.parse(reply.body, created_id)

    def get(self, prediction_id: str) -> Prediction:
        """Read its present state; LOST if it knows no such id."""
        reply = self._wire.read(self._kind.held, self._path(prediction_id))
        if "status" not in reply.body:
            raise unreadable_error(self._kind.held, reply, f"a {self._kind.noun}")
        return self._kind.parse(reply.body, prediction_id)

    def cancel(self, prediction_id: str) -> Prediction:
        """Request its end; safe to repeat. What already ran is charged."""
        reply = self._wire.post(self._kind.held, f"{self._path(prediction_id)}/cancel")
        if "status" not in reply.body:
            raise unreadable_error(self._kind.held, reply, f"a {self._kind.noun}")
        return self._kind.parse(reply.body, prediction_id)

    def find(
        self, prepared: PreparedRequest, created_after: datetime, *, compares_files: bool = True
    ) -> list[Prediction]:
        """Return all since then, less a minute for clocks, that are exactly this request."""
        moment = created_after if created_after.tzinfo else created_after.replace(tzinfo=UTC)
        since = moment.astimezone(UTC) - CLOCK_MARGIN
        return [it for it in self._listed(since) if _is_same(it, prepared, compares_files)]

    def _listed(self, since: datetime) -> Iterator[Prediction]:
        """Newest first, at most `MAX_PAGES` pages; older rows end it, whatever the filter did."""
        for row in self._rows(since):
            row_id = prediction_id(row)
            found = self._kind.parse(row, row_id or "")
            if found.created_at and found.created_at < since:
                return
            if row_id:
                yield found

    def _rows(self, since: datetime) -> Iterator[dict[str, Any]]:
        stamp = since.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        params = {"created_after": stamp} if self._kind.is_filtered_by_time else {}
        for _ in range(MAX_PAGES):
            reply = self._wire.read(Call.ASK, self._kind.path, params)
            rows = reply.body.get("results")
            if not isinstance(rows, list):
                raise unreadable_error(Call.ASK, reply, f"a list of {self._kind.noun}s")
            yield from map(as_object, rows)
            following = _query(reply.body.get("next"))
            if not following or following == params:
                return
            params = following

    def _path(self, prediction_id: str) -> str:
        # Built from the id: the reply to a training's create names a prediction's address (A4).
        return f"{self._kind.path}/{quote(prediction_id, safe='')}"


_ADDRESS = re.compile(r"https?://")


def with_webhook(webhook_url: str | None) -> dict[str, Any]:
    """Return the arguments of a create for its webhook."""
    if not webhook_url:
        return {}
    return {"webhook": webhook_url, "webhook_events_filter": WEBHOOK_EVENTS}


def _is_same(found: Prediction, prepared: PreparedRequest, compares_files: bool) -> bool:
    """Same input, and the same version."""
    theirs, ours = found.input, prepared.payload["input"]
    if not compares_files and isinstance(theirs, Mapping):
        theirs, ours = _without_files(theirs), _without_files(ours)
    return bool(theirs == ours) and found.is_of_model(prepared.model, prepared.version)


def _without_files(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the input without addresses: each upload of a picture gets another one."""
    return {name: value for name, value in inputs.items() if not _ADDRESS.search(str(value))}


def _query(following: Any) -> dict[str, str]:
    """The query alone of a `next` link, so that no reply can send the token to another host."""
    if not isinstance(following, str):
        return {}
    try:
        return dict(parse_qsl(urlsplit(following).query))
    except ValueError:
        return {}
