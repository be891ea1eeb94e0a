"""Everything that a Redis holds, to compare before with after."""

from collections.abc import Callable
from typing import Any, cast

from redis import Redis

_READ: dict[str, Callable[[Redis, bytes], Any]] = {
    "string": lambda redis, key: redis.get(key),
    "hash": lambda redis, key: redis.hgetall(key),
    "list": lambda redis, key: redis.lrange(key, 0, -1),
    "set": lambda redis, key: redis.smembers(key),
    "zset": lambda redis, key: redis.zrange(key, 0, -1, withscores=True),
    "stream": lambda redis, key: redis.xrange(key),
}


def contents(redis: Redis) -> dict[bytes, Any]:
    """Each key with its value, and whether it ends by itself."""
    keys = sorted(cast(list[bytes], redis.keys()))
    kinds = {key: cast(bytes, redis.type(key)).decode() for key in keys}
    return {key: (_READ[kinds[key]](redis, key), redis.ttl(key) >= 0) for key in keys}
