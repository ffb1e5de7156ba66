"""One replica of a plugin: docs/protocol.md with redis-py and the project's own Lua scripts.

It hears every lane; how replicas share lanes is left out. Several may run all the same: the fence in Redis lets each
event count once, whoever is first.
"""
import collections, json, os, pathlib, secrets, signal, socket, time

import redis

from bus import SPACE, clock, connect, lane_count
from events import address, check, events_of

SCRIPTS = pathlib.Path(
    os.environ.get("OUTBOARD_SCRIPTS") or pathlib.Path(__file__).parents[2] / "Sources/OutboardRedis/Scripts")
PATIENCE = 4  # probes, one a second: until so many are back, at least 3 s, what is absent may still come
FAR = 1 << 20  # no event is that far ahead of its publisher's record


def increment(name, field=None):
    """One more in a counter, or in a field of a family: kind, key and field of the effect, as apply.lua takes them."""
    if field is None:
        return "counter", "counters", name
    return "family", f"counters:{name}", str(field).encode()[:256].decode(errors="ignore")


class Source:
    """One sequence of numbered events, named /<publisher>/<type>/<lane>."""

    def __init__(self, held=()):
        self.held = dict(held)  # number -> effects of an event that is not applied yet, None where it failed
        self.fence = None  # the highest number that is dealt with; None where Redis has no fence
        self.recorded = None  # the last number sent, as the publisher's record says
        self.proven = 0  # the last number that should have come: a probe came back behind that record
        self.waits = 0  # probes that have come back while something was absent

    def is_absurd(self, number):
        return number > max(self.recorded or 0, self.fence or 0) + FAR

    def last_absent(self):
        return min(self.held) - 1 if self.held else self.proven

    def ready(self):
        """The events right behind the fence, up to the first hole."""
        events, number = [], -1 if self.fence is None else self.fence + 1
        while number in self.held:
            events.append(self.held[number])
            number += 1
        return events


class Replica:
    """Calls `effects(event)` for each event of a type, and applies once what that yields."""

    def __init__(self, manifest, effects):
        self.manifest, self.effects = manifest, effects
        self.name, self.type = manifest["name"], manifest["subscribes"][0]
        self.id, self.prefix = f"{self.name}-{secrets.token_hex(8)}", f"{SPACE}:{{{self.name}}}:"
        self.probes = f"{self.prefix}probe:{self.id}"
        self.redis, self.subscriber = connect(decode_responses=True), connect()
        self.scripts = {
            name: self.redis.register_script((SCRIPTS / f"{name}.lua").read_text())
            for name in ("admit", "apply", "declare", "since")}
        self.sources = collections.defaultdict(Source)
        self.started = {}  # publisher -> when it started
        self.began, self.is_going = int(time.time() * 1000), False
        self.figures = collections.Counter(received=0, handled=0, failed=0, malformed=0, missed=0)

    def run(self):
        """Works until SIGTERM or SIGINT; after a broken connection a new session begins."""
        signal.signal(signal.SIGTERM, self.go)
        signal.signal(signal.SIGINT, self.go)
        while True:
            try:
                return self.session()
            except redis.RedisError as error:
                print(f"{self.name}: {error}; trying again", flush=True)
                time.sleep(0.2)

    def go(self, *_):
        self.is_going = True
        signal.alarm(7)  # which ends us where Redis is away

    # A session: hear first, read then, and only then take part.

    def session(self):
        for name, source in self.sources.items():
            self.sources[name] = Source(source.held)  # all else is read again
        self.asked = {}  # probe on its way -> source -> what was recorded when the probe was sent
        self.unheard = 0  # probes sent since anything was heard
        self.lanes = lane_count(self.redis)
        self.redis.sadd(f"{SPACE}:plugins", self.name)
        self.redis.set(self.prefix + "manifest", json.dumps(self.manifest))
        with self.subscriber.pubsub() as subscription:
            unconfirmed = {f"{SPACE}:events:{self.type}:{lane}" for lane in range(self.lanes)} | {self.probes}
            subscription.subscribe(*unconfirmed)
            while unconfirmed:
                message = subscription.get_message(timeout=5)
                if not message:
                    raise redis.TimeoutError("subscriptions are not confirmed")
                if message["type"] == "subscribe":
                    unconfirmed.remove(message["channel"].decode())
                self.hear(message)
            now = clock(self.redis)
            time.sleep(0.15)  # records may be that late
            self.read_records()
            unbegun = [name for name, source in self.sources.items() if source.recorded == 0]
            self.since = int(self.call("since", self.type, now, *unbegun))
            for name, fence in self.redis.hgetall(self.prefix + "applied").items():
                self.settle(name, fence)
            self.show("running")
            self.tell("joined")
            while not self.is_going:
                self.work(subscription, 1)
                self.show("running")
                self.ask_for_proof()
            self.show("draining")
            self.tell("left")
            self.work(subscription, 2)
            self.show("stopped")

    def work(self, subscription, seconds):
        """Hears for some seconds, and applies every 50 ms what has come."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            flush = time.monotonic() + 0.05
            while (left := flush - time.monotonic()) > 0:
                self.hear(subscription.get_message(timeout=left))
            self.flush()

    def show(self, state):
        """That we live: the lease, which ends now unless we run, and the hash for people."""
        now, leases, key = clock(self.redis), f"{self.prefix}replicas:{self.type}", f"{self.prefix}replica:{self.id}"
        self.redis.zadd(leases, {self.id: now + 3000 if state == "running" else now})
        self.redis.zremrangebyscore(leases, "-inf", f"({now - 10000}")
        lanes = "" if state == "stopped" else " ".join(f"{self.type}:{lane}" for lane in range(self.lanes))
        self.redis.hset(key, mapping={
            "host": socket.gethostname(), "pid": os.getpid(), "version": self.manifest["version"],
            "started": self.began, "state": state, "lanes": lanes, "error": "", **self.figures})
        self.redis.expire(key, 10)

    def tell(self, kind):
        self.redis.publish(f"{SPACE}:control", json.dumps({"plugin": self.name, "kind": kind, "replica": self.id}))

    def ask_for_proof(self):
        """When the probe comes back, all that the records count now has come, or is absent."""
        if self.unheard == 3:
            raise redis.ConnectionError("the subscription is deaf")
        self.unheard += 1
        self.read_records()
        probe = secrets.token_hex(4)
        self.asked[probe.encode()] = {name: source.recorded or 0 for name, source in self.sources.items()}
        self.redis.publish(self.probes, probe)

    def read_records(self, *publishers):
        for publisher in publishers or self.redis.zrange(f"{SPACE}:publishers", 0, -1):
            for field, value in self.redis.hgetall(f"{SPACE}:publisher:{publisher}").items():
                if field == "started" and value.isdigit():
                    self.started[publisher] = int(value)
                elif field.startswith(self.type + "/") and value.isdigit():
                    self.sources[f"/{publisher}/{field}"].recorded = int(value)

    # Hearing: every message is judged, nothing is applied yet.

    def hear(self, message):
        if not message or message["type"] != "message":
            return
        self.unheard = 0
        channel, payload = message["channel"].decode(), message["data"]
        if channel != self.probes:
            for event in events_of(payload):
                place = address(event, self.type, channel.rpartition(":")[2])
                if not place or not self.take(event, *place):
                    self.figures["malformed"] += 1
        elif payload in self.asked:
            self.judge_absent(self.asked.pop(payload))

    def take(self, event, name, number):
        """Keeps what an event changes; false if its number is absurd."""
        source = self.sources[name]
        if source.is_absurd(number):  # what we know may be old
            self.read_records(name.split("/")[1])
            self.settle(name, self.redis.hget(self.prefix + "applied", name))
            if source.is_absurd(number):
                return False
        self.figures["received"] += 1
        if number > (source.fence or 0) and number not in source.held:
            if not source.held:
                source.waits = 0  # until now we waited for what only the record knew of
            source.held[number] = self.effects_of(event)
        return True

    def effects_of(self, event):
        try:
            check(event)
            return list(self.effects(event))
        except Exception as error:
            print(f"{self.name}: event {event['source']} {event['id']} failed: {error!r}", flush=True)
            return None

    # Applying: the fence decides, so everything here may be done twice, late, or by somebody else.

    def call(self, script, *arguments):
        return self.scripts[script](keys=[self.prefix], args=arguments)

    def settle(self, name, fence):
        """Believes what Redis says of a fence; what it covers goes."""
        source = self.sources[name]
        if fence in (None, ""):
            if source.fence is not None:
                raise redis.RedisError("fences are gone: Redis has lost its data")
        elif int(fence) != source.fence:
            source.fence, source.waits = int(fence), 0
            source.held = {number: effects for number, effects in source.held.items() if number > source.fence}

    def flush(self):
        for name, source in list(self.sources.items()):
            if source.fence is None and (source.held or source.proven):
                self.begin(name, source)
        ready = [(name, events) for name, source in self.sources.items() if (events := source.ready())]
        for start in range(0, len(ready), 100):  # a call may have 200
            self.apply(ready[start:start + 100])

    def begin(self, name, source):
        """The first fence: 0 where the publisher is younger than we, else what was sent before our time."""
        publisher = name.split("/")[1]
        if publisher not in self.started:
            self.read_records(publisher)
        is_new = self.started.get(publisher, 0) > self.since
        if is_new or source.waits >= PATIENCE or source.held and publisher in self.started:
            fence, = self.call("admit", publisher, name, 0 if is_new else source.last_absent())
            if fence:
                self.settle(name, fence)
            else:
                del self.sources[name]  # its publisher was forgotten

    def apply(self, ready):
        """Each source is a group of its own, so none holds up another."""
        arguments = [10000]  # fields of a family
        for name, events in ready:
            first, failed = self.sources[name].fence + 1, events.count(None)
            merged = collections.Counter(effect for event in events for effect in event or [])
            arguments += [1, name, first, first + len(events) - 1, len(events) - failed, failed, len(merged)]
            for (kind, key, field), count in merged.items():
                arguments += [kind, key, field, count, count, 0]
            arguments.append(0)
        for (name, events), reply in zip(ready, self.call("apply", *arguments)):
            if reply == 1:
                self.figures.update(handled=len(events) - events.count(None), failed=events.count(None))
            self.settle(name, self.sources[name].fence + len(events) if reply == 1 else reply[0])

    def judge_absent(self, recorded):
        """A probe is back: what has been absent for some of them is missed. While we stand still, none comes back."""
        for name, source in self.sources.items():
            source.proven = recorded.get(name, 0)
            fence, last = source.fence, source.last_absent()
            source.waits = source.waits + 1 if source.held or last > (fence or 0) else 0
            if source.waits >= PATIENCE and fence is not None and last > fence:
                new, is_ours = self.call("declare", name, fence, last, "missed")
                self.figures["missed"] += (last - fence) * is_ours
                self.settle(name, new)
