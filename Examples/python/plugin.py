"""A plugin in Python: counts requests, and requests by status.

    pip install redis
    OUTBOARD_REDIS_URL=redis://127.0.0.1:6390 python plugin.py
    redis-cli -p 6390 hgetall 'outboard:{python-counter}:counters'
"""
from replica import Replica, increment

MANIFEST = {
    "name": "python-counter", "version": "1.0.0", "protocol": 1, "summary": "Counts requests by status, in Python.",
    "subscribes": ["http.request"], "delivery": "shared", "config": {},
    "effects": [
        {"kind": "counter", "name": "requests", "key": "counters"},
        {"kind": "family", "name": "status", "key": "counters:status"},
    ],
}


def effects(event):
    """What one event changes: no other side effect, since it may run twice and must count once."""
    yield increment("requests")
    yield increment("status", event["data"]["status"])


if __name__ == "__main__":
    Replica(MANIFEST, effects).run()
