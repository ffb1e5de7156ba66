"""The class Publisher: docs/protocol.md with redis-py, for one thread."""
import secrets, socket, time

import redis

from bus import SPACE, clock, connect, lane_count
from events import event_text


class Publisher:
    """Numbers events, keeps each until the record counts it, and sends again what no record counts."""

    def __init__(self, name):
        self.redis = connect(decode_responses=True)
        self.lanes = lane_count(self.redis)
        self.lane, self.lane_began = 0, time.monotonic()
        self.waiting = []  # (place, number, text) of each event that no record counts; a place is <type>/<lane>
        self.numbers = {}  # place -> the last number given out
        self.record = {"name": name, "host": socket.gethostname(), "dropped": 0}  # and place -> the last number sent
        self.id = None
        self.register()

    def register(self):
        """The first thing on every connection: the id is ours, and the record says what it counts."""
        while self.id is None:
            id, started = f"{self.record['name']}-{secrets.token_hex(8)}", clock(self.redis)
            if self.redis.hsetnx(f"{SPACE}:publisher:{id}", "started", started):
                self.id, self.record["started"] = id, started
        self.redis.hset(f"{SPACE}:publisher:{self.id}", mapping=self.record)
        self.show()
        self.is_registered = True

    def show(self):
        """The heartbeat, once a second."""
        self.shown = time.monotonic()
        self.redis.zadd(f"{SPACE}:publishers", {self.id: clock(self.redis)})
        self.redis.expire(f"{SPACE}:publisher:{self.id}", 7 * 86400)

    def publish(self, type, data, key=None):
        """Gives an event its lane and number, and keeps it; `flush` sends it."""
        lane = self.lane if key is None else fnv1a(key.encode()) % self.lanes
        place = f"{type}/{lane}"
        number = self.numbers.get(place, 0) + 1
        self.waiting.append((place, number, event_text(f"/{self.id}/{place}", number, type, data, key)))
        self.numbers[place] = number  # only now: an event that cannot be written leaves no hole

    def flush(self):
        """Sends what waits; after a broken connection, everything again that is not recorded."""
        while True:
            try:
                if not self.is_registered:
                    self.register()
                    self.wait_for_receivers()
                if self.waiting:
                    self.send()
                if time.monotonic() - self.shown >= 1:
                    self.show()
                return
            except redis.RedisError as error:
                self.is_registered = False
                if isinstance(error, redis.ResponseError):
                    raise  # Redis is full, say: the next flush tries again
                time.sleep(0.1)

    def send(self):
        new = {place.split("/")[0] for place, _, _ in self.waiting if place not in self.record}
        self.record.update({f"{type}/{lane}": 0 for type in new for lane in range(self.lanes)})
        sent = {place: number for place, number, _ in self.waiting}
        with self.redis.pipeline(transaction=False) as pipeline:
            if new:
                pipeline.hset(f"{SPACE}:publisher:{self.id}", mapping=self.record)  # zeros before the first event
            for place, _, text in self.waiting:
                pipeline.publish(channel(place), text)
            pipeline.hset(f"{SPACE}:publisher:{self.id}", mapping=sent)  # behind the events that it counts
            pipeline.execute()
        self.record.update(sent)
        self.waiting = []
        if time.monotonic() - self.lane_began >= 0.01:  # not sooner: each lane costs consumers a range in every flush
            self.lane, self.lane_began = (self.lane + 1) % self.lanes, time.monotonic()

    def wait_for_receivers(self):
        """They reconnect, too: the first event of each lane is sent until somebody hears it, for 2 s at most."""
        first = {place: text for place, _, text in reversed(self.waiting)}
        end = time.monotonic() + 2
        while first and time.monotonic() < end:
            first = {place: text for place, text in first.items() if not self.redis.publish(channel(place), text)}
            time.sleep(0.05)


def channel(place):
    return f"{SPACE}:events:" + place.replace("/", ":")


def fnv1a(key):
    value = 0xCBF29CE484222325
    for byte in key:
        value = (value ^ byte) * 0x100000001B3 % (1 << 64)
    return value
