"""What a customer is told of each cause, and what a provider should have done. Words alone."""

from dataclasses import dataclass

from services.diagnosis.causes import Cause

FINISHES = "The prediction finishes with all its outputs before its deadline."
ANSWERS = "A request is answered with a prediction, or with an error that says what to change."


@dataclass(frozen=True)
class AnswerWords:
    """`told`: how it stands; `then`: what happens next. Both are whole sentences, without blame."""

    told: str
    then: str
    expected: str = FINISHES
    """Of the provider."""


_QUEUED = "Your order is safe with us and has not begun yet."
_GOES_ON = "It goes on by itself within a few minutes, where it stood; you need not start it again."
_WE_CHECK = "We are looking into it and will write to you again."
_ONCE_MORE = "If you like, we make what is missing once more."

ANSWER_WORDS: dict[Cause, AnswerWords] = {
    Cause.NEVER_ENQUEUED: AnswerWords(_QUEUED, _GOES_ON),
    Cause.REDIS_LOST_JOB: AnswerWords(_QUEUED, _GOES_ON),
    Cause.LOST_AT_DEQUEUE: AnswerWords(_QUEUED, _GOES_ON),
    Cause.WORKER_DIED: AnswerWords("It was interrupted on our side.", _GOES_ON),
    Cause.ZOMBIE_WORKER: AnswerWords("It was held up on our side.", _GOES_ON),
    Cause.NO_WORKER: AnswerWords(
        "Our desk stands still at the moment; your order is safe.",
        "We are starting it again, and yours goes on by itself.",
    ),
    Cause.QUEUE_PAUSED: AnswerWords(
        "We have paused this kind of work for a while; your order is safe.",
        "It begins by itself as soon as we go on.",
    ),
    Cause.QUEUE_AWAY: AnswerWords(
        "Our desk stands still at the moment; your order is safe.",
        "It goes on by itself as soon as that is put right.",
    ),
    Cause.DISPATCHER_DOWN: AnswerWords(
        "Our desk stands still at the moment; your order is safe.",
        "We are starting it again, and yours goes on by itself.",
    ),
    Cause.PROVIDER_PAUSED: AnswerWords(
        "The service that draws takes no orders from us at the moment.",
        "We are putting that right; yours waits and begins by itself.",
        ANSWERS,
    ),
    Cause.TOKEN: AnswerWords(
        "Our access to the service that draws has to be renewed.",
        "We are putting that right and will write to you again.",
        "The token opens the account that this prediction was made in.",
    ),
    Cause.PROVIDER_AWAY: AnswerWords(
        "The service that draws cannot be reached at the moment.",
        "We try again by ourselves; you need not do anything.",
        ANSWERS,
    ),
    Cause.THROTTLED: AnswerWords(
        "Very much is being made at the moment, so that yours has to wait a little.",
        "It is sent by itself as soon as there is room.",
        ANSWERS,
    ),
    Cause.COLD_START: AnswerWords(
        "The model is warming up, which takes a few minutes now and then.",
        "It is made right after that.",
        "The model starts and the prediction begins.",
    ),
    Cause.SLOW_PROVIDER: AnswerWords(
        "It takes longer than usual today.",
        "It is still being made; if it does not end in time, you get the credits back.",
    ),
    Cause.PROVIDER_STUCK: AnswerWords(
        "It did not end in time.",
        "We are ending it; you get the credits back, or we make it once more.",
        "The prediction ends, or is canceled when we ask for it.",
    ),
    Cause.OUTPUT_NOT_FETCHED: AnswerWords(
        "Your picture is finished and is on its way to us.",
        "It appears by itself within a few minutes.",
    ),
    Cause.OUTPUT_EXPIRED: AnswerWords(
        "Your picture was made, but was lost before it was stored.",
        _ONCE_MORE,
        "The outputs stay available for an hour after the prediction has ended.",
    ),
    Cause.STORAGE_REFUSES: AnswerWords(
        "Your picture is made, but our storage does not take it at the moment.",
        "We are putting that right, and it is stored by itself.",
    ),
    Cause.OBJECT_MISSING: AnswerWords(
        "Your picture was made, but its file is missing in our storage.",
        "We are looking for a copy; if there is none, we make it once more.",
    ),
    Cause.ORPHANED_FILE: AnswerWords("A stored file has not found its place yet.", _WE_CHECK),
    Cause.WRONG_BUCKET: AnswerWords(
        "Your picture is there, but cannot be shown at the moment.",
        "We are putting that right; nothing has to be made again.",
    ),
    Cause.PARTLY_FILLED: AnswerWords("Some of the pictures could not be made.", _ONCE_MORE),
    Cause.PARENT_FAILED: AnswerWords(
        "The picture that this one is made from could not be made.", _ONCE_MORE
    ),
    Cause.SUBMIT_UNKNOWN: AnswerWords(
        "The connection broke while your order was being sent.",
        "We are finding out whether it arrived, so that it is made once and not twice.",
        ANSWERS,
    ),
    Cause.REFUND_MISSING: AnswerWords(
        "Credits that are yours have not been given back.", "We are putting that right."
    ),
    Cause.REFUND_DOUBLED: AnswerWords(
        "More credits were given back than had been charged.",
        "We will correct that and tell you when it is done.",
    ),
    Cause.QUOTA_REACHED: AnswerWords(
        "Today's quota of your account is used up.",
        "It begins anew at midnight of your time zone; what has begun goes on.",
    ),
    Cause.TRAINING_AT_ZERO: AnswerWords(
        "Your training is being prepared: its pictures are read and described first.",
        "Its progress shows after that; you need not start it again.",
        "The training begins and its log counts steps.",
    ),
    Cause.WAITING_ITS_TURN: AnswerWords(
        "It is in the queue and waits for its turn.", "It begins by itself."
    ),
    Cause.WORKING: AnswerWords("It is being made right now.", "It appears by itself."),
    Cause.ENDED_FAILED: AnswerWords(
        "It could not be made.", "Other words or another picture often help."
    ),
    Cause.CANCELED: AnswerWords(
        "It was canceled.", "What was finished by then is yours; the rest was not made."
    ),
    Cause.HEALTHY: AnswerWords(
        "Everything that was ordered is there.", "If you do not see it, please reload the page."
    ),
}
