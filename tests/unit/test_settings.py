"""The settings: names, defaults, and what is said about a wrong one."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.core.errors import SettingsError
from services.core.redaction import masked
from services.core.settings import Settings
from services.core.settings_loader import contradictions, load_settings, settings_table


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for names, _, _ in settings_table():
        for name in names:
            monkeypatch.delenv(name, raising=False)


def problem_with(monkeypatch: pytest.MonkeyPatch, **values: str) -> str:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings(env_file=None)
    return caught.value.sentence


def test_nothing_set_gives_the_documented_defaults() -> None:
    settings = load_settings(env_file=None)
    assert settings.replicate_pose_model == "fofr/consistent-character"
    assert settings.worker_concurrency == 5
    assert settings.port == 8501
    assert settings.redis_url is None
    assert settings.database_url is None
    assert not settings.stores_in_s3
    assert not settings.is_simulated


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        load_settings(env_file=None).port = 1


def test_environment_wins_over_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("ATELIER_PORT=9001\nWORKER_CONCURRENCY=7\nREDIS_URL=\n")
    monkeypatch.setenv("ATELIER_PORT", "9002")
    settings = load_settings(env_file)
    assert (settings.port, settings.worker_concurrency) == (9002, 7)
    assert settings.redis_url is None


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_database_url_takes_every_postgres_scheme(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"{scheme}://someone:pw@db.example/atelier")
    url = load_settings(env_file=None).database_url
    assert url is not None
    assert url.get_secret_value() == "postgresql+psycopg://someone:pw@db.example/atelier"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"REDIS_URL": "redis://a:1/2"}, "redis://a:1/2"),
        ({"CELERY_BROKER_URL": "redis://b:1/0"}, "redis://b:1/0"),
        ({"REDIS_URL": "redis://a:1/2", "CELERY_BROKER_URL": "redis://b:1/0"}, "redis://a:1/2"),
        ({"REDIS_HOST": "c"}, "redis://c:6379/0"),
        (
            {"REDIS_HOST": "c", "REDIS_PORT": "7", "REDIS_PASSWORD": "p@/w"},
            "redis://:p%40%2Fw@c:7/0",
        ),
        ({"REDIS_HOST": "::1"}, "redis://[::1]:6379/0"),
    ],
)
def test_redis_is_found_under_every_name(
    given: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    url = load_settings(env_file=None).redis_url
    assert url is not None
    assert url.get_secret_value() == expected


def test_second_names_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "AIza-some-key")
    monkeypatch.setenv("AWS_STORAGE_BUCKET_NAME", "pictures")
    settings = load_settings(env_file=None)
    assert settings.gemini_api_key is not None
    assert settings.s3_bucket == "pictures"
    assert settings.stores_in_s3


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("S3_ENDPOINT_URL", "minio:9000", "lacks its beginning; write https:// or http://"),
        ("S3_ENDPOINT_URL", "minio.example", "lacks its beginning"),
        ("PUBLIC_URL", "https://desk.example:99999", "no readable host and port"),
        ("PUBLIC_URL", "https://[::1", "no readable host and port"),
        ("PUBLIC_URL", "https://", "no readable host and port"),
        ("PUBLIC_URL", "https://desk example", "no readable host and port"),
        ("GEMINI_BASE_URL", "ftp://files.example", "is not a web address"),
        ("HUGGINGFACE_BASE_URL", '"https://router.example"', "begins with a quote"),
        ("REPLICATE_BASE_URL", "https://gpu.example#x", "has a ? or a #"),
        ("HTTP_PROXY", "http://", "names no host"),
        ("https_proxy", "http://proxy:port", "no readable host and port"),
    ],
)
def test_a_wrong_address_is_explained(
    name: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = problem_with(monkeypatch, **{name: value})
    assert problem.startswith(f"{name.upper()} ") and words in problem


def test_the_port_of_a_platform_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "5000")
    monkeypatch.setenv("ATELIER_ADDRESS", "0.0.0.0")
    settings = load_settings(env_file=None)
    assert (settings.port, settings.web_address) == (5000, "http://127.0.0.1:5000")
    monkeypatch.setenv("ATELIER_ADDRESS", "::")
    assert load_settings(env_file=None).web_address == "http://[::1]:5000"


def test_a_proxy_of_the_file_reaches_every_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("HTTPS_PROXY=proxy.example:3128\nNO_PROXY=minio\n")
    load_settings(tmp_path / ".env")
    assert os.environ["HTTPS_PROXY"] == "http://proxy.example:3128"
    assert os.environ["NO_PROXY"] == "minio"
    monkeypatch.delenv("HTTPS_PROXY")
    monkeypatch.delenv("NO_PROXY")


def test_two_names_of_one_setting_that_differ_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://one")
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://one")
    assert contradictions(env_file=None) == []
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://two")
    assert contradictions(env_file=None) == [
        "REDIS_URL and CELERY_BROKER_URL are names of one setting and differ; REDIS_URL is used."
    ]


def test_the_environment_wins_under_whichever_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("REDIS_URL=redis://of-the-file\n")
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://of-the-environment")
    url = load_settings(tmp_path / ".env").redis_url
    assert url is not None and url.get_secret_value() == "redis://of-the-environment/0"


def test_use_s3_false_keeps_pictures_local_in_spite_of_a_bucket(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("S3_BUCKET", "pictures")
    monkeypatch.setenv("USE_S3", "false")
    assert not load_settings(env_file=None).stores_in_s3


def test_each_wrong_setting_has_its_own_line(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = problem_with(
        monkeypatch,
        WORKER_CONCURRENCY="many",
        ATELIER_PORT="70000",
        REPLICATE_BASE_URL="api.replicate.com",
    )
    assert {line.split()[0] for line in problem.splitlines()} == {
        "WORKER_CONCURRENCY",
        "ATELIER_PORT",
        "REPLICATE_BASE_URL",
    }
    assert "WORKER_CONCURRENCY is a text of 4 characters. Use a whole number" in problem


def test_shape_names_a_well_known_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = problem_with(monkeypatch, ATELIER_PORT="http://localhost:8501")
    assert "a text of 21 characters beginning with http. " in problem


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REPLICATE_API_TOKEN", "r8_secret token"),
        ("GEMINI_API_KEY", "short"),
        ("WORKER_CONCURRENCY", "r8_pasted_into_the_wrong_box"),
    ],
)
def test_the_shape_of_a_wrong_value_is_shown(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = problem_with(monkeypatch, **{name: value})
    assert problem.startswith(f"{name} is a text of {len(value)} characters")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REPLICATE_API_TOKEN", "r8_secret token"),
        ("WORKER_CONCURRENCY", "r8_pasted_into_the_wrong_box"),
        ("DATABASE_URL", "mysql://root:hunter2@db/x"),
        ("DATABASE_URL", "postgres://a:hunter2#x@db/x"),
        ("REDIS_URL", "http://:hunter2@redis"),
        ("CELERY_BROKER_URL", "redis://:hunter2/x@redis:6379/0"),
        ("REPLICATE_BASE_URL", "https://user:hunter2@gpu.example"),
        ("S3_ENDPOINT_URL", "hunter2.secret.example:9000"),
        ("PUBLIC_URL", "https://hunter2:secret"),
        ("GEMINI_BASE_URL", "https://gemini.example?key=hunter2"),
        ("HTTPS_PROXY", "socks5://ana:hunter2@proxy:1080"),
        ("HTTPS_PROXY", "http://ana:hunter2#x@proxy:3128"),
        ("ALLOWED_HOSTS", "https://hunter2.secret"),
        ("ATELIER_ADDRESS", "hunter2.secret"),
    ],
)
def test_no_character_of_a_value_is_repeated(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = problem_with(monkeypatch, **{name: value})
    assert problem.startswith(f"{name} ")
    for part in (value, "hunter2", "secret", "pasted", "mysql"):
        assert part not in problem


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"REDIS_PASSWORD": "x"}, "REDIS_HOST"),
        ({"USE_S3": "true"}, "S3_BUCKET"),
        ({"AWS_ACCESS_KEY_ID": "AKIA1234"}, "AWS_SECRET_ACCESS_KEY"),
        ({"LEASE_SECONDS": "10", "LEASE_RENEW_SECONDS": "8"}, "LEASE_RENEW_SECONDS"),
        ({"DATABASE_READONLY_URL": "postgres://a@b/c"}, "DATABASE_URL"),
    ],
)
def test_half_set_pairs_are_refused(
    given: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert named in problem_with(monkeypatch, **given)


def test_secrets_print_as_stars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLICATE_API_TOKEN", "r8_very_secret_value")
    monkeypatch.setenv("DATABASE_URL", "postgres://a:hunter2@b/c")
    shown = repr(load_settings(env_file=None))
    assert "very_secret" not in shown
    assert "hunter2" not in shown


def test_masked_tokens_differ_without_showing_them() -> None:
    token = Settings(REPLICATE_API_TOKEN="r8_" + "a" * 35 + "zz").replicate_api_token  # type: ignore[call-arg]
    assert masked(token) == "r8_…zz"
    assert masked(None) == "not set"


def test_simulated_only_when_a_provider_is_pointed_at_the_simulator(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ATELIER_SIMULATOR_URL", "http://127.0.0.1:9")
    assert not load_settings(env_file=None).is_simulated
    monkeypatch.setenv("GEMINI_BASE_URL", "http://127.0.0.1:9/")
    assert load_settings(env_file=None).is_simulated


def test_a_relative_home_lies_in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_HOME", "state")
    assert load_settings(env_file=None).home == Path(__file__).parents[2] / "state"
    monkeypatch.setenv("ATELIER_HOME", "~/x")
    assert load_settings(env_file=None).home == Path(os.path.expanduser("~/x"))


def test_the_table_has_a_meaning_for_each_setting_and_names_it_once() -> None:
    rows = settings_table()
    every_name = [name for names, _, _ in rows for name in names]
    assert len(every_name) == len(set(every_name))
    assert all(names and meaning for names, _, meaning in rows)
    assert ("WORKER_CONCURRENCY",) in [names for names, _, _ in rows]
