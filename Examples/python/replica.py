"""One replica of an Outboard plugin: docs/protocol.md with redis-py and the project's own Lua scripts.

It hears every lane and leaves out how replicas share lanes. Several may run all the same: the fence in Redis lets each
event count once, whoever is first.
"""
import collections, datetime, json, os, pathlib, re, secrets, signal, socket, time

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

SCRIPTS = pathlib.Path(
    os.environ.get("OUTBOARD_SCRIPTS") or pathlib.Path(__file__).parents[2] / "Sources/OutboardRedis/Scripts")
LIMIT = 1 << 20  # bytes of a message, and numbers by which an event may be ahead of record and fence
NEVER = float("inf")
PATIENCE = 3  # seconds for which what is absent may still come
TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def refuse(word):
    raise ValueError(f"{word} is not JSON")


class Replica:
    """Calls `effects(event)` for each event of a type; it yields (counter, field or None), each raised by one."""

    def __init__(self, name, version, summary, type, effects):
        self.name, self.version, self.summary, self.type, self.effects = name, version, summary, type, effects
        url = os.environ.get("OUTBOARD_REDIS_URL", "redis://127.0.0.1:6379").replace("redis+unix:", "unix:", 1)
        once = Retry(NoBackoff(), 0)  # a connection is never reopened behind our back: a new one is a new session
        self.redis = redis.Redis.from_url(url, decode_responses=True, retry=once)
        self.subscriber = redis.Redis.from_url(url, retry=once)
        self.space = os.environ.get("OUTBOARD_NAMESPACE", "outboard")
        self.prefix = f"{self.space}:{{{name}}}:"
        self.id = f"{name}-{secrets.token_hex(8)}"
        self.script = {
            file.stem: self.redis.register_script(file.read_text()) for file in SCRIPTS.glob("*.lua")}
        if not self.script.keys() >= {"admit", "apply", "declare", "since"}:
            raise SystemExit(f"{name}: no Lua scripts in {SCRIPTS}; let OUTBOARD_SCRIPTS name their folder")
        self.held = collections.defaultdict(dict)  # source -> number -> effects, or None where the event failed
        self.fence = {}  # source -> the highest number that is dealt with
        self.recorded, self.started = {}, {}  # source -> number, publisher -> time: what the records say
        self.began = int(time.time() * 1000)
        self.figures = collections.Counter(received=0, handled=0, failed=0, malformed=0, missed=0)
        self.end = NEVER  # when to stop, once SIGTERM has come

    def run(self):
        """Works until SIGTERM or SIGINT; every lost connection is followed by a new session."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: setattr(self, "end", min(self.end, time.monotonic() + 2)))
        while time.monotonic() < self.end:
            try:
                self.session()
            except redis.RedisError as error:
                print(f"{self.name}: {error}; trying again", flush=True)
                time.sleep(0.2)

    # One life of the connections: hear first, read then, and only then take part.

    def session(self):
        self.redis.hsetnx(f"{self.space}:bus", "lanes", 256)
        self.lanes = int(self.redis.hget(f"{self.space}:bus", "lanes"))
        self.redis.sadd(f"{self.space}:plugins", self.name)
        self.redis.set(self.prefix + "manifest", json.dumps({
            "name": self.name, "version": self.version, "protocol": 1, "summary": self.summary,
            "subscribes": [self.type], "delivery": "shared", "config": {}}))
        channels = [f"{self.space}:events:{self.type}:{lane}" for lane in range(self.lanes)]
        channels.append(f"{self.prefix}probe:{self.id}")
        with self.subscriber.pubsub() as subscription:
            subscription.subscribe(*channels)
            while channels:
                message = subscription.get_message(timeout=5)
                if message and message["type"] == "subscribe":
                    channels.remove(message["channel"].decode())
                else:
                    self.hear(message)
            began = self.now()
            time.sleep(0.15)  # a record may be 50 ms behind
            self.read_records()
            unbegun = [source for source, number in self.recorded.items() if number == 0]
            self.since = int(self.script["since"](keys=[self.prefix], args=[self.type, began, *unbegun]))
            self.fence = {}
            for source, fence in self.redis.hgetall(self.prefix + "applied").items():
                self.settle(source, fence)
            self.serve(subscription)

    def serve(self, subscription):
        self.asked, self.proven, self.stuck = {}, {}, {}
        beat = flush = last = self.heard = time.monotonic()
        self.beat("running")
        self.tell("joined")
        while (now := time.monotonic()) < self.end:
            if now - last > 1:
                self.stuck = {}  # we stood still: what is absent may lie unread
            last = now
            if self.end < NEVER and beat < NEVER:
                beat = NEVER
                self.beat("draining")
                self.tell("left")
            elif now >= beat:
                beat = now + 1
                self.beat("running")
                self.ask_for_proof()
            self.hear(subscription.get_message(timeout=0.05))
            if now >= flush:
                flush = now + 0.05
                self.flush()
                self.judge_absent(now)
        self.flush()
        self.beat("stopped")

    def beat(self, state):
        """Shows that we live: lease and hash."""
        now, leases, key = self.now(), f"{self.prefix}replicas:{self.type}", f"{self.prefix}replica:{self.id}"
        self.redis.zadd(leases, {self.id: now + 3000 if state == "running" else now})
        self.redis.zremrangebyscore(leases, "-inf", f"({now - 10000}")
        lanes = "" if state == "stopped" else " ".join(f"{self.type}:{lane}" for lane in range(self.lanes))
        self.redis.hset(key, mapping={
            "host": socket.gethostname(), "pid": os.getpid(), "version": self.version, "started": self.began,
            "state": state, "lanes": lanes, "error": "", **self.figures})
        self.redis.expire(key, 10)

    def ask_for_proof(self):
        """When the probe is back, all that the records count now has come, or is absent."""
        if time.monotonic() - self.heard > 3:
            raise redis.ConnectionError("the subscription is deaf")  # not even what we said each second has come
        self.read_records()
        probe = secrets.token_hex(4)
        self.asked = {probe.encode(): dict(self.recorded)}
        self.redis.publish(f"{self.prefix}probe:{self.id}", probe)

    def tell(self, kind):
        self.redis.publish(
            f"{self.space}:control", json.dumps({"plugin": self.name, "kind": kind, "replica": self.id}))

    def now(self):
        seconds, microseconds = self.redis.time()
        return seconds * 1000 + microseconds // 1000

    def read_records(self):
        for publisher in self.redis.zrange(f"{self.space}:publishers", 0, -1):
            self.read_record(publisher)

    def read_record(self, publisher):
        for field, value in self.redis.hgetall(f"{self.space}:publisher:{publisher}").items():
            if field == "started" and value.isdigit():
                self.started[publisher] = int(value)
            elif field.startswith(self.type + "/") and value.isdigit():
                self.recorded[f"/{publisher}/{field}"] = int(value)

    # Hearing: every message is judged, nothing is applied yet.

    def hear(self, message):
        if not message or message["type"] != "message":
            return
        self.heard = time.monotonic()
        channel, payload = message["channel"].decode(), message["data"]
        if channel.startswith(self.prefix):
            self.proven = self.asked.get(payload, self.proven)
            return
        try:
            parsed = json.loads(payload.decode(), parse_constant=refuse) if len(payload) <= LIMIT else None
        except (ValueError, RecursionError):
            parsed = None
        for event in parsed if isinstance(parsed, list) else [parsed]:
            if not self.take(event, channel.rpartition(":")[2]):
                self.figures["malformed"] += 1

    def take(self, event, lane):
        """Notes one event; false if it is malformed."""
        if not isinstance(event, dict) or event.get("specversion") != "1.0" or event.get("type") != self.type:
            return False
        source, number = event.get("source"), event.get("id")
        if not isinstance(source, str) or not isinstance(number, str) or not re.fullmatch("[1-9][0-9]{0,15}", number):
            return False
        publisher, number = source[1:].partition("/")[0], int(number)
        if source != f"/{publisher}/{self.type}/{lane}" or not re.fullmatch("[a-z0-9-]{1,64}", publisher):
            return False
        if number >= 1 << 53 or self.is_absurd(source, number) and self.is_still_absurd(publisher, source, number):
            return False
        self.figures["received"] += 1
        if number > self.fence.get(source, 0) and number not in self.held[source]:
            self.held[source][number] = self.effects_of(event)
        return True

    def is_absurd(self, source, number):
        return number > max(self.recorded.get(source, 0), self.fence.get(source, 0)) + LIMIT

    def is_still_absurd(self, publisher, source, number):
        self.read_record(publisher)
        self.settle(source, self.redis.hget(self.prefix + "applied", source))
        return self.is_absurd(source, number)

    def effects_of(self, event):
        try:
            if not isinstance(event.get("data"), dict) or not TIME.fullmatch(event["time"]):
                raise ValueError("it has no time of RFC 3339, or data is no object")
            datetime.datetime.fromisoformat(event["time"][:19].upper())  # else there is no such day or hour
            return list(self.effects(event))
        except Exception as error:
            print(f"{self.name}: event {event['source']} {event['id']} failed: {error!r}", flush=True)
            return None

    # Applying: the fence decides, so everything here may be done twice, late, or by somebody else.

    def settle(self, source, fence):
        """Believes what Redis says of a fence; what it covers goes."""
        if not fence and source in self.fence:
            raise redis.RedisError("fences are gone: Redis has lost its data")
        if fence:
            self.fence[source] = int(fence)
            self.held[source] = {n: kept for n, kept in self.held[source].items() if n > int(fence)}

    def flush(self):
        runs = []
        for source, held in self.held.items():
            first = last = self.fence.get(source, -1) + 1
            while last in held:
                last += 1
            if last > first:
                runs.append((source, first, last - 1))
        for start in range(0, len(runs), 100):
            self.apply(runs[start:start + 100])

    def apply(self, runs):
        arguments = [10000]
        for source, first, last in runs:
            events = [self.held[source][number] for number in range(first, last + 1)]
            failed = events.count(None)
            effects = collections.Counter(effect for event in events for effect in event or [])
            arguments += [1, source, first, last, len(events) - failed, failed, len(effects)]
            for (name, field), count in effects.items():
                if field is None:
                    arguments += ["counter", "counters", name, count, count, 0]
                else:
                    arguments += ["family", "counters:" + name, field.encode()[:256], count, count, 0]
            arguments.append(0)
        for (source, first, last), reply in zip(runs, self.script["apply"](keys=[self.prefix], args=arguments)):
            if reply == 1:
                failed = sum(self.held[source][number] is None for number in range(first, last + 1))
                self.figures.update(handled=last - first + 1 - failed, failed=failed)
            self.settle(source, last if reply == 1 else reply[0])

    def judge_absent(self, now):
        """Gives new sources a first fence, and books as missed what has been absent for long enough."""
        first_fences, holes = [], []
        for source in list(self.held.keys() | self.proven.keys()):
            fence, held, publisher = self.fence.get(source), self.held[source], source.split("/")[1]
            last = min(held) - 1 if held else self.proven.get(source, 0)
            if not held and last <= (fence or 0):
                self.stuck.pop(source, None)
                continue
            if self.stuck.get(source, (None,))[0] != (fence, bool(held)):
                self.stuck[source] = (fence, bool(held)), now
            is_overdue = now - self.stuck[source][1] >= PATIENCE
            if fence is None:
                if publisher not in self.started:
                    self.read_record(publisher)
                is_new = self.started.get(publisher, 0) > self.since
                if is_new or is_overdue or held and publisher in self.started:
                    first_fences += [publisher, source, 0 if is_new else last]
            elif is_overdue and last > fence:
                holes += [source, fence, last, "missed"]
        if first_fences:
            for source, fence in zip(first_fences[1::3], self.script["admit"](keys=[self.prefix], args=first_fences)):
                if fence:
                    self.settle(source, fence)
                else:
                    self.held.pop(source)  # its publisher was forgotten
        if holes:
            reply = self.script["declare"](keys=[self.prefix], args=holes)
            for source, before, last, fence, is_ours in zip(
                    holes[0::4], holes[1::4], holes[2::4], reply[0::2], reply[1::2]):
                self.figures["missed"] += (last - before) * is_ours
                self.settle(source, fence)
