"""How to reach Redis, and what all on a bus agree on: its clock and the number of lanes."""
import os

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

SPACE = os.environ.get("OUTBOARD_NAMESPACE", "outboard")


def connect(**options):
    """A client that sends nothing twice by itself: after a broken connection there is something to do first."""
    url = os.environ.get("OUTBOARD_REDIS_URL", "redis://127.0.0.1:6379").replace("redis+unix:", "unix:", 1)
    return redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_timeout=5, **options)


def clock(client):
    """Milliseconds of Redis's clock."""
    seconds, microseconds = client.time()
    return seconds * 1000 + microseconds // 1000


def lane_count(client):
    """How many lanes a type has: whoever comes first says it for all."""
    client.hsetnx(f"{SPACE}:bus", "lanes", 256)
    return int(client.hget(f"{SPACE}:bus", "lanes"))
