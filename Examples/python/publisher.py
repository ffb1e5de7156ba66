"""A publisher in Python: OUTBOARD_EVENTS events of type http.request.

    pip install redis
    OUTBOARD_REDIS_URL=redis://127.0.0.1:6390 OUTBOARD_EVENTS=100 python publisher.py
"""
import datetime, json, os, secrets, socket, time

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry


class Publisher:
    """Numbers events, keeps each until the record counts it, and sends again what no record counts."""

    def __init__(self, name):
        url = os.environ.get("OUTBOARD_REDIS_URL", "redis://127.0.0.1:6379").replace("redis+unix:", "unix:", 1)
        # A connection is never reopened behind our back: every new one registers first.
        self.redis = redis.Redis.from_url(url, decode_responses=True, retry=Retry(NoBackoff(), 0))
        self.space = os.environ.get("OUTBOARD_NAMESPACE", "outboard")
        self.name, self.id, self.started = name, f"{name}-{secrets.token_hex(8)}", None
        self.numbers, self.record = {}, {}  # "type/lane" -> the last number given out, the last one recorded
        self.waiting, self.lane, self.beat = [], 0, 0
        self.redis.hsetnx(f"{self.space}:bus", "lanes", 256)
        self.lanes = int(self.redis.hget(f"{self.space}:bus", "lanes"))
        self.register()

    def register(self):
        """The first thing on every connection: claim the id once, say what is recorded, live."""
        now = self.now()
        while self.started is None:
            if self.redis.hsetnx(f"{self.space}:publisher:{self.id}", "started", now):
                self.started = now
            else:
                self.id = f"{self.name}-{secrets.token_hex(8)}"
        host = socket.gethostname()
        self.write(self.redis, started=self.started, name=self.name, host=host, dropped=0, **self.record)
        self.heartbeat()

    def publish(self, type, data, key=None):
        """Gives an event its lane and number, and keeps it; `flush` sends it."""
        if f"{type}/0" not in self.record:
            self.record.update({f"{type}/{lane}": 0 for lane in range(self.lanes)})
            self.write(self.redis, **self.record)  # before the first event of a type
        lane = self.lane if key is None else fnv1a(key.encode()) % self.lanes
        place = f"{type}/{lane}"
        number = self.numbers.get(place, 0) + 1
        event = {
            "specversion": "1.0", "source": f"/{self.id}/{place}", "id": str(number), "type": type,
            "time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="microseconds")[:26] + "Z",
            "datacontenttype": "application/json", "data": data, **({} if key is None else {"partitionkey": key})}
        text = json.dumps(event, separators=(",", ":"))
        if len(text) > 1 << 20:
            raise ValueError("an event of more than 1 MiB")  # and it has no number
        self.numbers[place] = number
        self.waiting.append((place, number, f"{self.space}:events:{type}:{lane}", text))

    def flush(self):
        """Sends what waits and records it behind; after a broken connection everything that is not recorded again."""
        while True:
            try:
                with self.redis.pipeline(transaction=False) as pipeline:
                    for _, _, channel, text in self.waiting:
                        pipeline.publish(channel, text)
                    sent = {place: number for place, number, _, _ in self.waiting}
                    self.write(pipeline, **{"dropped": 0, **sent})
                    pipeline.execute()
                self.record.update(sent)
                self.waiting, self.lane = [], (self.lane + 1) % self.lanes
                if time.monotonic() - self.beat >= 1:
                    self.heartbeat()
                return
            except redis.ConnectionError:
                time.sleep(0.1)
                self.reconnect()

    def reconnect(self):
        try:
            self.register()
            first = {place: (channel, text) for place, _, channel, text in reversed(self.waiting)}
            end = time.monotonic() + 2  # subscribers reconnect, too
            while first and time.monotonic() < end:
                first = {place: one for place, one in first.items() if not self.redis.publish(*one)}
                time.sleep(0.05 if first else 0)
        except redis.ConnectionError:
            pass  # `flush` finds out

    def write(self, to, **fields):
        to.hset(f"{self.space}:publisher:{self.id}", mapping=fields)
        to.expire(f"{self.space}:publisher:{self.id}", 7 * 86400)

    def heartbeat(self):
        self.beat = time.monotonic()
        self.redis.zadd(f"{self.space}:publishers", {self.id: self.now()})

    def now(self):
        seconds, microseconds = self.redis.time()
        return seconds * 1000 + microseconds // 1000


def fnv1a(text):
    value = 0xCBF29CE484222325
    for byte in text:
        value = (value ^ byte) * 0x100000001B3 % (1 << 64)
    return value


def publish_requests(publisher, count):
    for number in range(1, count + 1):
        publisher.publish("http.request", {
            "method": "GET", "path": f"/hello/{number}", "route": "/hello/:number", "status": 200, "duration_us": 250,
            "request_bytes": 0, "response_bytes": 5, "request_id": f"r-{number}",
        }, key=None if number % 3 else f"customer-{number % 17}")
        if number % 10 == 0:
            publisher.flush()
    publisher.flush()


if __name__ == "__main__":
    publish_requests(Publisher("python"), int(os.environ.get("OUTBOARD_EVENTS", 100)))
