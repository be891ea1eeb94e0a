"""The faults that a test or a demonstration orders, and which request each one falls on.

A rule without an operation falls on every request of its provider when it is an answer fault
(`throttle`, `server_error` …), and on creates and generates alone when it belongs to a prediction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class FaultName(StrEnum):
    """Everything that can be made to go wrong."""

    SLOW = "slow"
    COLD_START = "cold_start"
    THROTTLE = "throttle"
    LOW_CREDIT = "low_credit"
    NO_FUNDS = "no_funds"
    UNAUTHORIZED = "unauthorized"
    SERVER_ERROR = "server_error"
    MALFORMED = "malformed"
    DROP_BEFORE_CREATE = "drop_before_create"
    DROP_AFTER_CREATE = "drop_after_create"
    REFUSE_CONTENT = "refuse_content"
    REFUSE_OUTPUT = "refuse_output"
    FEWER_OUTPUTS = "fewer_outputs"
    ABORTED = "aborted"
    PUBLISH_FAILED = "publish_failed"
    EXPIRED_OUTPUTS = "expired_outputs"
    STUCK = "stuck"
    PLATFORM_ERROR = "platform_error"
    OUT_OF_MEMORY = "out_of_memory"
    TRUNCATED_OUTPUT = "truncated_output"
    CUT_OUTPUT = "cut_output"
    FOREIGN_OUTPUT_HOST = "foreign_output_host"
    DUPLICATE_WEBHOOK = "duplicate_webhook"
    REORDER_WEBHOOK = "reorder_webhook"
    BUSY = "busy"
    SETUP_FAILED = "setup_failed"
    LINKED_OUTPUT = "linked_output"


class Operation(StrEnum):
    """The kinds of request that a rule can name."""

    CREATE = "create"
    GET = "get"
    LIST = "list"
    CANCEL = "cancel"
    FILES = "files"
    DELIVERY = "delivery"
    GENERATE = "generate"
    ACCOUNT = "account"


ANSWER_FAULTS = frozenset(
    {
        FaultName.THROTTLE,
        FaultName.UNAUTHORIZED,
        FaultName.SERVER_ERROR,
        FaultName.MALFORMED,
        FaultName.BUSY,
        FaultName.SETUP_FAILED,
    }
)
PROVIDERS = ("replicate", "gemini", "huggingface", "cog")
_MATCH_KEYS = frozenset({"provider", "model", "prompt_contains", "operation"})
_RULE_KEYS = frozenset({"match", "fault", "times", "seconds", "status"})
_STARTS_WORK = frozenset({Operation.CREATE, Operation.GENERATE})


@dataclass(frozen=True)
class Call:
    """What is known of a request when the rules are asked."""

    provider: str
    operation: Operation
    model: str = ""
    prompt: str = ""


@dataclass(frozen=True)
class Fault:
    """One fault that falls on one request; `seconds` is its delay, `status` its HTTP code."""

    name: FaultName
    seconds: float | None = None
    status: int | None = None


@dataclass
class Rule:
    """An ordered fault: which calls it matches and how often it still applies (None = for ever)."""

    fault: Fault
    match: Mapping[str, str]
    times: int | None
    hits: int = 0

    def applies(self, call: Call) -> bool:
        """Whether this rule falls on `call`."""
        match = self.match
        operation = match.get("operation")
        if self.times == 0 or match.get("provider", call.provider) != call.provider:
            return False
        if match.get("model", call.model) != call.model:
            return False
        if match.get("prompt_contains", "").lower() not in call.prompt.lower():
            return False
        if operation is None:
            return self.fault.name in ANSWER_FAULTS or call.operation in _STARTS_WORK
        return operation == call.operation

    def as_json(self) -> dict[str, Any]:
        """The rule as it was ordered, with what is left of it."""
        fault = self.fault
        return {
            "match": dict(self.match),
            "fault": fault.name.value,
            "times": self.times,
            "seconds": fault.seconds,
            "status": fault.status,
            "hits": self.hits,
        }


def parse_rule(raw: Any) -> Rule:
    """Read one rule from JSON; raises ValueError with a sentence that names the problem."""
    if not isinstance(raw, dict) or not set(raw) <= _RULE_KEYS:
        raise ValueError(f"a rule is an object with the keys {sorted(_RULE_KEYS)}")
    match = raw.get("match") or {}
    if not isinstance(match, dict) or not set(match) <= _MATCH_KEYS:
        raise ValueError(f"match has the keys {sorted(_MATCH_KEYS)}")
    if match.get("provider") not in (None, *PROVIDERS):
        raise ValueError(f"provider is one of {', '.join(PROVIDERS)}")
    if match.get("operation") is not None:
        Operation(match["operation"])
    fault = Fault(FaultName(str(raw.get("fault"))), raw.get("seconds"), raw.get("status"))
    return Rule(
        fault,
        {key: str(value) for key, value in match.items() if value is not None},
        raw.get("times"),
    )


class FaultBook:
    """The rules in force."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []

    def add(self, rules: list[Rule]) -> None:
        """Put more rules in force, after those already there."""
        self._rules.extend(rules)

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        self._rules.clear()

    def as_json(self) -> list[dict[str, Any]]:
        """Every rule, spent ones too."""
        return [rule.as_json() for rule in self._rules]

    def take(self, call: Call) -> dict[FaultName, Fault]:
        """The faults that fall on `call`; each one uses up one of its rule's times."""
        taken: dict[FaultName, Fault] = {}
        for rule in self._rules:
            if rule.fault.name in taken or not rule.applies(call):
                continue
            taken[rule.fault.name] = rule.fault
            rule.hits += 1
            rule.times = None if rule.times is None else rule.times - 1
        return taken
