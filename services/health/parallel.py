"""Asks all questions at once, each in a thread, and waits for none of them beyond the limit."""

import logging
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic

from services.core.errors import AtelierError, DatabaseUnavailableError, QueueUnavailableError
from services.health.check import Answer, Check, CheckStatus, Question, unknown

logger = logging.getLogger(__name__)

Answers = SimpleQueue[tuple[int, Check]]


def ask_all(
    questions: Sequence[Question],
    limit_seconds: float,
    on_answer: Callable[[], None] = lambda: None,
) -> tuple[Check, ...]:
    """The checks in the questions' order; what did not answer in time is unknown.

    `on_answer` is called as soon as each one is known.
    """
    answers: Answers = SimpleQueue()
    began = monotonic()
    for place, question in enumerate(questions):
        # Daemons: a question that hangs must not keep the process from ending.
        Thread(target=_ask, args=(place, question, answers), daemon=True).start()
    known: dict[int, Check] = {}
    while len(known) < len(questions):
        try:
            place, check = answers.get(timeout=max(0.0, began + limit_seconds - monotonic()))
        except Empty:
            break
        known[place] = check
        on_answer()
    return tuple(
        known.get(place) or _without_answer(question, limit_seconds)
        for place, question in enumerate(questions)
    )


def _ask(place: int, question: Question, answers: Answers) -> None:
    began = monotonic()
    answer = _answer(question)
    seconds = round(monotonic() - began, 3)
    check = Check(question.name, question.group, answer.status, answer.finding, answer.fix, seconds)
    answers.put((place, check))


def _answer(question: Question) -> Answer:
    try:
        return question.ask()
    except DatabaseUnavailableError:
        return unknown("Cannot be told while the database does not answer.")
    except QueueUnavailableError:
        return unknown("Cannot be told while Redis does not answer.")
    except AtelierError as error:
        return Answer(CheckStatus.FAILED, error.sentence, "Put right what the sentence names.")
    except Exception as error:
        # The thread's boundary: a check that fails itself would else look like a part that hangs.
        logger.exception("doctor.check_failed %s", question.name)
        kind = type(error).__name__
        return unknown(f"The check itself failed ({kind}); the log has the details.")


def _without_answer(question: Question, limit_seconds: float) -> Check:
    return Check(
        question.name,
        question.group,
        CheckStatus.UNKNOWN,
        f"No answer within {limit_seconds:g} seconds.",
        "Check again; if it stays, look at the network and the load of what is asked here.",
        limit_seconds,
    )
