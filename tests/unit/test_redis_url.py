"""REDIS_URL as people have it: read, translated, or refused by name without a character of it."""

from pathlib import Path

import pytest
from pydantic_core import PydanticCustomError
from redis import Redis

from services.core.redis_url import parse_redis_url, redis_server_url

SECRET = "hunter2hunter2"


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("redis://localhost", "redis://localhost/0"),
        ("redis://", "redis:///0"),
        ("REDIS://host:6379/3", "redis://host:6379/3"),
        ("redis://:p%23w@host:6379/0", "redis://:p%23w@host:6379/0"),
        ("redis://default:pw@redis.railway.internal:6379", "redis://default:pw@redis.railway.internal:6379/0"),
        ("rediss://:pw@ec2-1-2-3-4.compute-1.amazonaws.com:6380", "rediss://:pw@ec2-1-2-3-4.compute-1.amazonaws.com:6380/0"),
        ("redis://user:pw@[fd12::1]:6379/0", "redis://user:pw@[fd12::1]:6379/0"),
        ("rediss://host/0?ssl_cert_reqs=CERT_NONE", "rediss://host/0?ssl_cert_reqs=none"),
        ("rediss://host/0?ssl_cert_reqs=required", "rediss://host/0?ssl_cert_reqs=required"),
        ("redis://host/0?ssl=true", "rediss://host/0"),
        ("redis://host/0?ssl=false&family=0", "redis://host/0"),
        ("redis://host/0?socket_timeout=60&max_connections=3&protocol=3", "redis://host/0"),
        ("redis://host?db=2", "redis://host/2"),
        ("redis://host?password=a%23b", "redis://:a%23b@host/0"),
        ("valkeys://host:6380/1", "rediss://host:6380/1"),
        ("unix:///run/redis/redis.sock", "unix:///run/redis/redis.sock"),
        ("unix://:pw@/run/redis.sock?db=2", "unix://:pw@/run/redis.sock?db=2"),
        ("redis+socket:///run/redis.sock?virtual_host=1", "unix:///run/redis.sock?db=1"),
    ],
)  # fmt: skip
def test_an_address_is_read_as_its_platform_writes_it(given: str, read: str) -> None:
    assert parse_redis_url(given) == read
    Redis.from_url(read)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (f"redis://:{SECRET}#x@host:6379/0", "an unescaped #; write # in the user or password as %23"),
        (f"redis://:{SECRET}/x@host:6379/0", "an unescaped /; write / in the user or password as %2F"),
        (f"redis://:{SECRET}?x@host:6379/0", "an unescaped ?"),
        (f"redis://:{SECRET}[x@host:6379/0", "an unescaped ["),
        (f"redis://:{SECRET}@x@host:6379/0", "an unescaped @"),
        (f"redis://:{SECRET}%x@host:6379/0", "an unescaped %"),
        (f"redis://:{SECRET} x@host:6379/0", "a space or a line break"),
        (f"redis://:{SECRET}@host:99999/0", "no readable host and port"),
        (f"redis://:{SECRET}@host:6379/nought", "no number of a database"),
        (f"redis://:{SECRET}@one:6379,two:6379/0", "names several servers"),
        (f"redis://:{SECRET}@one:6379/0;redis://two", "names several servers"),
        (f"sentinel://:{SECRET}@host:26379/0", "Sentinel"),
        (f"amqp://guest:{SECRET}@host//", "RabbitMQ"),
        (f"https://eu1.upstash.io?token={SECRET}", "is a web address"),
        (f"redis+cluster://:{SECRET}@host/0", "begins with redis+cluster://"),
        (f"'redis://:{SECRET}@host/0'", "begins with a quote"),
        (f"redis-cli -u redis://:{SECRET}@host/0", "begins with a quote or a command"),
        (f"mysql://:{SECRET}@host/0", "is not the address of a Redis server"),
        (SECRET, "is not the address of a Redis server"),
        (f"redis://:{SECRET}@host/0?ssl_cert_reqs=none", "needs TLS; write rediss://"),
        (f"rediss://:{SECRET}@host/0?ssl_cert_reqs=maybe", "none of none, optional, required"),
        (f"rediss://:{SECRET}@host/0?ssl_ca_certs=/nowhere/ca.pem", "names no file"),
        (f"redis://:{SECRET}@host/0?sparkle=1", "has the option sparkle, which Redis does not know"),
        (f"redis://:{SECRET}@host/0?{SECRET}=1", "an option after the ? that Redis does not know"),
        (f"redis://:{SECRET}@host/0?ssl=perhaps", "neither true nor false"),
        (f"unix://{SECRET}", "names no socket"),
    ],
)  # fmt: skip
def test_a_wrong_address_is_refused_without_a_character_of_it(given: str, words: str) -> None:
    with pytest.raises(PydanticCustomError) as refused:
        parse_redis_url(given)
    assert words in refused.value.message()
    assert "hunter" not in refused.value.message()


def test_a_file_of_an_authority_is_accepted(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text("")
    url = parse_redis_url(f"rediss://host/0?ssl_ca_certs={authority}")
    assert Redis.from_url(url).connection_pool.connection_kwargs["ssl_ca_certs"] == str(authority)


def test_separate_settings_make_an_address() -> None:
    url = redis_server_url("fd12::1", 6380, "ana", "p#w/?", has_tls=True)
    kwargs = Redis.from_url(url).connection_pool.connection_kwargs
    assert (kwargs["host"], kwargs["port"], kwargs["db"]) == ("fd12::1", 6380, 0)
    assert (kwargs["username"], kwargs["password"]) == ("ana", "p#w/?")
    assert url.startswith("rediss://")
