"""Checks of the settings: which are set, and do related ones agree?"""

from collections.abc import Iterator
from dataclasses import dataclass

from services.core.redaction import shown_value
from services.core.settings import Settings
from services.core.settings_fields import default_text, names
from services.core.settings_loader import contradictions, unused
from services.health.check import Answer, Check, CheckUpTargets, ok, warning
from services.providers.base import POLICY

GROUP = "Settings"


@dataclass(frozen=True)
class SettingRow:
    """One setting as it may be shown; `value` is its default in words where it is not set."""

    names: tuple[str, ...]
    meaning: str
    value: str
    is_set: bool


def setting_rows(settings: Settings) -> tuple[SettingRow, ...]:
    """Return all settings in the order of the README's table."""
    rows = []
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        is_set = name in settings.model_fields_set and value is not None
        shown = shown_value(value) if is_set else default_text(field)
        rows.append(SettingRow(names(field), field.description or "", shown or "not set", is_set))
    return tuple(rows)


def _present(targets: CheckUpTargets) -> Answer:
    rows = setting_rows(targets.settings)
    given = [f"{row.names[0]} {row.value}" for row in rows if row.is_set]
    if not given:
        return ok(f"All {len(rows)} settings have their defaults.")
    return ok(f"{len(given)} of {len(rows)} are set: {', '.join(given)}.")


def _related(targets: CheckUpTargets) -> Answer:
    return related_settings(targets.settings)


def related_settings(settings: Settings) -> Answer:
    """Name every setting that needs another one, or that another one overrides."""
    halves = [*_storage_halves(settings), *_other_halves(settings)]
    halves += [(sentence, "Remove one of the two.") for sentence in contradictions()]
    halves += [
        (f"{name} is set and not used: {instead}.", f"Remove {name}.") for name, instead in unused()
    ]
    if not halves:
        return ok("No setting is incomplete.")
    return warning(" ".join(finding for finding, _ in halves), " ".join(fix for _, fix in halves))


def _storage_halves(its: Settings) -> Iterator[tuple[str, str]]:
    if its.s3_bucket and its.use_s3 is False:
        yield (
            "S3_BUCKET is set and USE_S3=false stores pictures on this machine.",
            "Remove one of the two.",
        )
    if its.stores_in_s3 and not its.aws_access_key_id:
        yield (
            "The bucket has no AWS_ACCESS_KEY_ID, so this machine's own role is used.",
            "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY if it has none.",
        )
    if not its.s3_bucket and (its.s3_endpoint_url or its.aws_access_key_id):
        yield (
            "S3 is half set up: there is an address or a key, and no bucket.",
            "Set S3_BUCKET, or remove S3_ENDPOINT_URL and the AWS keys.",
        )


def _other_halves(its: Settings) -> Iterator[tuple[str, str]]:
    most = max(policy.attempts for policy in POLICY.values())
    if its.queue_max_retries > most:
        yield (
            f"QUEUE_MAX_RETRIES is {its.queue_max_retries}; no failure is tried over {most} times.",
            f"Lower it to {most}, or leave it out.",
        )
    if its.redis_address and its.redis_host:
        yield "REDIS_URL is used and REDIS_HOST is not.", "Remove one of the two."
    if "redis_port" in its.model_fields_set and not its.redis_host:
        yield "REDIS_PORT is set and nothing uses it.", "Set REDIS_HOST too, or remove it."
    if its.google_cloud_project_id and its.gemini_api_key:
        yield (
            "Gemini has a project and a key; one of them is not used.",
            "Remove GOOGLE_CLOUD_PROJECT_ID or GEMINI_API_KEY.",
        )


CHECKS = (
    Check("Settings", GROUP, _present),
    Check("Related settings", GROUP, _related),
)
