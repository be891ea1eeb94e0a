"""How one simulator is set up: who may call it, how fast it is, and how much it stores."""

from dataclasses import dataclass

GEMINI_SECONDS = 10.0
HUGGINGFACE_SECONDS = 12.0
COG_SECONDS = 8.0


@dataclass(frozen=True)
class Options:
    """Settings fixed at the start; durations are in real seconds unless stated otherwise."""

    token: str = ""
    """The one accepted Replicate token; empty accepts any that begins with `r8_`."""
    speed: float = 1.0
    """Divides every model's typical duration; `POST /_simulator/speed` changes it later."""
    seconds: float | None = None
    """The complete duration of every prediction and Gemini reply; not divided by the speed."""
    creates_per_minute: int = 600
    reads_per_minute: int = 3000
    create_burst: int = 10
    """How many creates are admitted at once before the even pace applies; 0 a minute = no limit."""
    create_answer_seconds: float = 0.0
    """How long the answer to an admitted create takes; its prediction is at work meanwhile."""
    expiry_seconds: float = 3600.0
    """How long after completion a prediction has its input, logs and pictures."""
    file_expiry_seconds: float = 86400.0
    predrawn: int = 0
    """How many pictures are drawn at the start and served for everything; 0 draws each one."""
    gemini_per_minute: int = 0
    """How many Gemini replies may be begun; 0 = no limit."""
    gemini_burst: int = 10
    max_predictions: int = 20_000
    max_trainings: int = 2_000
    max_source_bytes: int = 64 * 1024 * 1024
    max_picture_bytes: int = 96 * 1024 * 1024
    max_file_bytes: int = 100 * 1024 * 1024
    max_files_bytes: int = 1024 * 1024 * 1024
    webhook_first_retry_seconds: float = 1.0


class Pace:
    """The current speed of the simulated models."""

    def __init__(self, options: Options) -> None:
        self.speed = options.speed
        self.fixed_seconds = options.seconds

    def scaled(self, seconds: float) -> float:
        """Turn a model's typical `seconds` into real ones."""
        return seconds / self.speed
