"""A studio in trouble: cases of a dozen causes, groups of forty, and missing pictures."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.core.states import (
    GenerationState,
    Kind,
    MissingCause,
    ReconciliationScope,
    ReconciliationState,
)
from services.diagnosis.cause import Evidence, Finding, Severity
from services.diagnosis.detail import CheckedSource, Diagnosis, NoteDetail, Subject, TimelineRow
from services.diagnosis.missing import MissingGroup, MissingReport, ReconciliationSummary
from services.diagnosis.missing_items import MissingItem
from services.diagnosis.registry import BY_ID
from services.diagnosis.stalled import StalledGroup, StalledItem, StalledReport
from services.remedies.base import RemedyOffer

NOW = datetime.now(UTC)
GENERATION = f"gen_{1:026d}"
RUN = "run_01k9vq3m8zt4x7y2w6s5r1p0n9"
SLOT = "slot_01k9vq3m8zt4x7y2w6s5r1p0n8"
PREDICTION = "p7xk2rjpd5rgp0ck3m9s0m8k6w"


def ago(minutes: float) -> datetime:
    """So many minutes before now."""
    return NOW - timedelta(minutes=minutes)


def offer(kind: str, argument: str | None = None, subject_id: str = RUN) -> RemedyOffer:
    """A remedy for the made-up run."""
    return RemedyOffer(kind, subject_id, argument)


def finding(
    cause: str,
    severity: Severity,
    sentence: str,
    *kinds: str,
    minutes: float = 41,
    is_healing: bool = False,
) -> Finding:
    """One cause of the made-up run, with two pieces of evidence."""
    found = BY_ID[cause].finding(
        sentence,
        Evidence("database", "The run waits since 14:02:03; its seq is 4.", ago(minutes)),
        Evidence("replicate", f"Prediction {PREDICTION} is succeeded.", ago(minutes - 1)),
        severity=severity,
        offers=[offer(kind) for kind in kinds],
        since=ago(minutes),
        is_healing=is_healing,
    )
    return replace(found, run_id=RUN)


FINDINGS = {
    one.cause: one
    for one in (
        finding(
            "worker_died",
            Severity.ACT,
            "Replicate finished at 14:02:11, and the worker that saved the picture died. The file is"
            " there for 38 more minutes.",
            "redownload",
            "fail_and_refund",
        ),
        finding(
            "never_enqueued",
            Severity.ACT,
            "It is due for 12 minutes, and nobody put it into the queue.",
            "requeue",
        ),
        finding(
            "redis_lost_job",
            Severity.ACT,
            "It was enqueued at 13:20 and its job is in no queue. It is enqueued again within 30 s.",
            "requeue",
            is_healing=True,
        ),
        finding(
            "cold_start",
            Severity.WAIT,
            "Replicate boots the model since 40 s; that takes up to 5 min. Nothing is lost.",
            "poll_now",
            minutes=1,
        ),
        finding(
            "provider_paused",
            Severity.ACT,
            "Replicate said at 12:48 that the account is out of funds. Add credit there, then"
            " resume it; 12 runs wait for it.",
            "resume_provider",
        ),
        finding(
            "provider_stuck",
            Severity.ACT,
            "It stands at 62% for 38 minutes, 30 longer than its deadline.",
            "poll_now",
            "cancel_and_restart",
            "fail_and_refund",
        ),
        finding(
            "submit_unknown",
            Severity.ACT,
            "The create was sent, and its answer was lost. Two predictions there look like it.",
            "adopt_prediction",
            "declare_lost",
            "fail_and_refund",
        ),
        finding(
            "output_expired",
            Severity.ACT,
            "Replicate deleted the picture at 13:02. It must be regenerated.",
            "regenerate",
        ),
        finding(
            "refund_missing",
            Severity.ACT,
            "Two pictures failed, and one of them was never refunded: 30 credits.",
            "settle_refund",
        ),
        finding(
            "throttled",
            Severity.WAIT,
            "Replicate takes 6 a minute for now, as its account has little credit left.",
            minutes=2,
        ),
        finding(
            "ended_failed",
            Severity.INFO,
            "Replicate's safety check refused the prompt. The 30 credits are back.",
            "regenerate",
        ),
        finding(
            "healthy",
            Severity.INFO,
            "All 12 pictures are stored, and the credits add up.",
        ),
    )
}

CHECKED = (
    CheckedSource("database", True, "12 slots, 12 runs and the ledger agree."),
    CheckedSource("queue", True, "Redis answered in 2 ms; the job is in no queue."),
    CheckedSource("replicate", True, "The prediction succeeded at 14:02:11 with one output."),
    CheckedSource("storage", False, "The bucket refused a write at 14:02:14: disk quota exceeded."),
    CheckedSource("worker", None, "It runs on another host, which cannot be checked."),
)


def timeline(rows: int = 34) -> tuple[TimelineRow, ...]:
    """What happened to two runs, reported by five sources with two clocks."""
    text = [
        ("database", "Started by You: 12 pictures, 360 credits charged", "", ""),
        ("database", "Queued, seq 1", "", ""),
        ("queue", "Enqueued: job run_01k9…-1 in high", '{"queue": "high", "position": 2}', ""),
        ("worker", "worker-1 took it", "pid 4121 on studio-1, thread 3 of 5", ""),
        ("database", "Attempt 1 committed, about to be sent", "", ""),
        ("replicate", "Created", f"id {PREDICTION}\nmodel fofr/consistent-character", ""),
        ("replicate", "Booting", "", "warn"),
        (
            "replicate",
            "Predicting: 62%",
            "\n".join(f"{n:3d}%|######| step {n}/25" for n in range(25)),
            "",
        ),
        ("database", "Polled: still processing", "", ""),
        ("replicate", "Succeeded after 23.1 s with one output", "", "good"),
        ("storage", "Refused the write", "OSError: [Errno 122] Disk quota exceeded", "bad"),
        ("database", "A step failed: storage. Will retry in 4 s", "", "warn"),
    ]
    clocks = {"replicate": "Replicate's clock", "queue": "Redis' clock"}
    return tuple(
        TimelineRow(
            at=ago(60) + timedelta(seconds=7.3 * n + (90 if n > 6 else 0)),
            source=(one := text[n % len(text)])[0],
            clock=clocks.get(one[0], "our database"),
            text=one[1],
            detail=one[2],
            tone=one[3],
            run_id=f"{RUN[:-1]}{n // 12}" if n else None,
            link="https://replicate.com/p/abc" if one[1] == "Created" else None,
        )
        for n in range(rows)
    )


def case(
    cause: str = "worker_died",
    *others: str,
    state: GenerationState = GenerationState.RUNNING,
    rows: int = 34,
) -> Diagnosis:
    """A generation whose verdict is this cause."""
    found = tuple(FINDINGS[one] for one in (cause, *others))
    return Diagnosis(
        subject=Subject(
            GENERATION,
            Kind.POSES.value,
            "Pip the fox · waving with both hands",
            state.value,
            "acc_01k9vq3m8zt4x7y2w6s5r1p0n7",
            "<b>Orchid</b> Studio",
            "Mira",
            ago(61),
            None if state is GenerationState.RUNNING else ago(50),
            7,
            12,
        ),
        verdict=found[0],
        findings=found,
        checked=CHECKED,
        timeline=timeline(rows),
        notes=(
            NoteDetail(
                ago(20), "Mira", "Customer writes every ten minutes.\nDoes she *know*?", None
            ),
            NoteDetail(ago(5), "You", "Handed over to nights.", "https://tickets.example/4711"),
        ),
        customer_answer="Your picture was made at 14:02 and could not be saved. We are fetching it"
        " now; it costs you nothing more.",
        provider_report=f"# Prediction {PREDICTION}\n\n- created 14:01:48 UTC\n- succeeded 14:02:11",
        seconds=0.14,
    )


def _item(number: int, cause: str) -> StalledItem:
    accounts = ("Orchid Studio", "Blue Fox", "Otto & Sons", "Nine", "Ten")
    return StalledItem(
        generation_id=f"gen_{number:026d}",
        run_id=f"run_{number:026d}",
        title=("Pip the fox · waving", "Olga · Mascots", "<b>Bold</b> *Otto*")[number % 3],
        kind=(Kind.POSES, Kind.MASCOTS, Kind.STUDIO)[number % 3],
        account_name=accounts[number % 5],
        since=ago(41 - number / 2),
        sentence=FINDINGS[cause].sentence,
        offers=tuple(
            replace(one, subject_id=f"run_{number:026d}") for one in FINDINGS[cause].remedies
        ),
    )


def group(cause: str, count: int, remedy: str | None) -> StalledGroup:
    """So many generations with one cause."""
    items = tuple(_item(n, cause) for n in range(1, count + 1))
    return StalledGroup(
        cause=cause,
        severity=FINDINGS[cause].severity,
        count=count,
        oldest_at=items[0].since,
        accounts=(("Orchid Studio", count), ("Blue Fox", 3), ("Otto & Sons", 2), ("Nine", 1))[
            : min(4, count)
        ],
        items=items,
        remedy=remedy,
        subjects=tuple(
            offer.subject_id for item in items for offer in item.offers if offer.remedy_id == remedy
        ),
    )


def stalled_report() -> StalledReport:
    """Forty of one cause, some of others, some that only wait."""
    return StalledReport(
        groups=(
            group("redis_lost_job", 40, "requeue"),
            group("provider_stuck", 3, "cancel_and_restart"),
            group("submit_unknown", 1, None),
            group("cold_start", 6, None),
            group("throttled", 12, None),
        ),
        total=74,
        at=ago(0.1),
        unanswered=("Hugging Face",),
    )


def missing_item(number: int) -> MissingItem:
    """A picture whose file is gone."""
    return MissingItem(
        title=f"waving with both hands {number}",
        since=ago(300 - number),
        account_name="Orchid Studio",
        generation_id=f"gen_{number:026d}",
        slot_id=f"slot_{number:026d}",
        run_id=f"run_{number:026d}",
        storage_key=f"originals/ab/cd/{'ab' * 32}.webp",
        missing_cause=MissingCause.GONE,
    )


def missing_report() -> MissingReport:
    """One group of each sort, and a finished comparison."""
    accounts = (("Orchid Studio", 2), ("Blue Fox", 1))
    gone = tuple(missing_item(n) for n in range(6))
    expiring = tuple(replace(item, minutes_left=n * 6 + 4) for n, item in enumerate(gone[:2]))
    orphan = MissingItem(
        "A file without a row", ago(1500), storage_key="originals/ab/x.webp", byte_count=1_204_331
    )
    round_ = ReconciliationSummary(
        ReconciliationScope.FULL, ReconciliationState.DONE, ago(190), ago(182), ago(182), 12_481, 16, 1, None, None,
        ago(182),
    )  # fmt: skip
    return MissingReport(
        groups=(
            MissingGroup("output_not_fetched", 2, ago(50), accounts, None, expiring),
            MissingGroup("object_missing", 14, ago(302), accounts, None, gone),
            MissingGroup("wrong_bucket", 2, ago(9000), accounts, None, gone[:2]),
            MissingGroup("orphaned_file", 1, ago(1500), (), 1_204_331, (orphan,)),
        ),
        reconciliations=(round_,),
    )
