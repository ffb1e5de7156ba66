#!/usr/bin/env python3
"""Brings the real compose.yaml up on a real Docker engine and checks what it promises.

Each check prints one line, `ok …` or `FAIL …`; the exit code is 1 if any failed. Needs docker, docker-compose (or
`docker compose`) and nothing else. The project has a name and a port of its own and is removed at the end.
"""
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PROJECT = f"outboardtest{os.getpid()}"
SERVICES = ["redis", "core", "request-counter", "latency", "visitors", "top-paths", "errors", "edge"]
COUNTERS = "outboard:{request-counter}:counters"
REQUESTS = 10_000
failures = 0


def check(what, holds, detail=""):
    """Prints one result."""
    global failures
    failures += not holds
    print(f"ok {what}" if holds else f"FAIL {what}: {detail}", flush=True)
    return holds


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


PORT = free_port()


def compose_command():
    if subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0:
        return ["docker", "compose"]
    return ["docker-compose"]


COMPOSE = compose_command() + ["-p", PROJECT]


def run(command, patience=60):
    """Runs a command and returns its output; its failure is an error that shows all it wrote."""
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "OUTBOARD_PORT": str(PORT)}, timeout=patience, text=True,
        stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done.stdout


def containers(service):
    return run(COMPOSE + ["ps", "-q", service]).split()


def inspect(container):
    return json.loads(run(["docker", "inspect", container]))[0]


def wait(holds, patience):
    """Polls, as neither Docker nor Redis tells us; returns what `holds` returned last."""
    deadline = time.monotonic() + patience
    while not (value := holds()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return value


def all_healthy(counts):
    found = {service: containers(service) for service in SERVICES}
    states = [inspect(c)["State"].get("Health", {}).get("Status") for cs in found.values() for c in cs]
    expected = sum(counts.get(service, 1) for service in SERVICES)
    return len(states) == expected and set(states) == {"healthy"}


def redis(*words):
    return run(COMPOSE + ["exec", "-T", "redis", "redis-cli", *words]).split("\n")


def hash_of(key):
    lines = redis("hgetall", key)
    return {name: int(value) for name, value in zip(lines[0::2], lines[1::2]) if name}


def send(count, connections=8):
    """Sends exactly `count` requests and returns how many were answered with 200."""
    answered = []

    def work(share):
        client = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
        good = 0
        for number in range(share):
            client.request("GET", "/hello" if number % 2 else f"/users/{number % 10}")
            response = client.getresponse()
            response.read()
            good += response.status == 200
        answered.append(good)

    shares = [count // connections + (place < count % connections) for place in range(connections)]
    threads = [threading.Thread(target=work, args=(share,)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(answered)


def published(service):
    """The host addresses that lead to a service."""
    ports = inspect(containers(service)[0])["NetworkSettings"]["Ports"]
    return {binding["HostIp"] for bindings in ports.values() for binding in bindings or []}


def check_hardening():
    for service in SERVICES:
        for container in containers(service):
            facts = inspect(container)
            host = facts["HostConfig"]
            uid = run(["docker", "exec", container, "id", "-u"]).strip()
            check(f"{service} runs without root", uid != "0", uid)
            check(f"{service} has a read-only root file system", host["ReadonlyRootfs"], "writable")
            check(f"{service} has no capabilities", host["CapDrop"] == ["ALL"] and not host["CapAdd"], host["CapAdd"])
            check(f"{service} can gain no privileges", "no-new-privileges:true" in host["SecurityOpt"], host["SecurityOpt"])
            check(f"{service} has limits", host["Memory"] > 0 and host["PidsLimit"] > 0, "none")
    addresses = {service: published(service) for service in SERVICES}
    expected = {service: {"127.0.0.1"} if service == "edge" else set() for service in SERVICES}
    check("only the edge is published, on 127.0.0.1", addresses == expected, addresses)


class Background:
    """A command in the container of Redis that runs beside the test; its output is read at the end."""

    def __init__(self, *words):
        self.process = subprocess.Popen(
            COMPOSE + ["exec", "-T", "redis", *words], cwd=ROOT, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "OUTBOARD_PORT": str(PORT)})
        self.lines = []
        self.reader = threading.Thread(target=lambda: self.lines.extend(iter(self._next, None)), daemon=True)
        self.reader.start()

    def _next(self):
        line = self.process.stdout.readline()
        return line.rstrip("\n") if line else None

    def end(self, patience):
        """Waits for its own end, else ends it; returns its lines."""
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.reader.join(5)
        return self.lines


# Looks every few milliseconds, within the container: a `docker exec` for each look would take longer than what is
# measured. Prints the nanosecond at which the counter was first seen at its goal, or nothing after a minute.
WATCH = """
for look in $(seq 6000); do
    count=$(redis-cli hget "$0" requests)
    if [ "${count:-0}" -ge "$1" ]; then date +%s%N; exit; fi
    sleep 0.005
done
"""


def check_counting():
    tap = Background("redis-cli", "psubscribe", "outboard:events:*")
    if not check("redis-cli can listen", wait(lambda: "psubscribe" in tap.lines, 10), tap.lines):
        return
    watch = Background("sh", "-c", WATCH, COUNTERS, str(REQUESTS))
    answered = send(REQUESTS)
    end = time.time_ns()
    check(f"{REQUESTS} requests through the edge are answered", answered == REQUESTS, answered)
    seen = watch.end(20)
    late = (int(seen[0]) - end) / 1e6 if seen and seen[0].isdigit() else None
    check("all are counted within 200 ms of the last response", late is not None and late <= 200, f"{late} ms {seen}")
    total = hash_of(COUNTERS).get("requests")
    check(f"{REQUESTS} are counted exactly", total == REQUESTS, total)
    for family in ("status", "method", "route"):
        fields = hash_of(f"{COUNTERS}:{family}")
        check(f"the family {family} adds up", sum(fields.values()) == REQUESTS, fields)
    check_events(tap.end(0.5))


def check_events(lines):
    """What `redis-cli psubscribe` printed: four lines a message, the last one the event or an array of events."""
    messages = [lines[i + 2:i + 4] for i, line in enumerate(lines) if line == "pmessage" and i + 3 < len(lines)]
    numbers, wrong = {}, []
    for channel, payload in messages:
        try:
            events = json.loads(payload)
            for event in events if isinstance(events, list) else [events]:
                _, publisher, kind, lane = event["source"].split("/")
                fine = (
                    channel == f"outboard:events:{kind}:{lane}" and publisher.startswith("core-")
                    and event["specversion"] == "1.0" and event["type"] == kind == "http.request"
                    and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", event["time"])
                    and event["data"]["method"] == "GET" and event["data"]["status"] == 200
                    and event["data"]["path"].startswith("/"))
                if not fine:
                    wrong.append(event)
                numbers.setdefault(event["source"], []).append(int(event["id"]))
        except (ValueError, KeyError, TypeError) as error:
            wrong.append(f"{error!r}: {payload}")
    heard = sum(len(ids) for ids in numbers.values())
    check(f"redis-cli psubscribe shows {REQUESTS} readable CloudEvents", heard == REQUESTS and not wrong,
          f"{heard}, wrong: {wrong[:3]}")
    holes = {source: ids for source, ids in numbers.items() if ids != list(range(1, len(ids) + 1))}
    check("the numbers of each source have no holes", numbers and not holes, list(holes.items())[:3])


def check_exact(what, count):
    """Sends requests and checks that just as many more are counted, no sooner and no later."""
    before = hash_of(COUNTERS).get("requests", 0)
    check(f"{count} requests are answered by {what}", send(count) == count, "not all")
    wait(lambda: hash_of(COUNTERS).get("requests", 0) >= before + count, 10)
    time.sleep(2.5)  # what a second replica held back would be counted by now; there is nothing to wait for
    total = hash_of(COUNTERS).get("requests")
    check(f"{count} by {what}: none is lost or counted twice", total == before + count, f"{before} + {count}, not {total}")
    missed = sum(hash_of("outboard:{request-counter}:missed").values())
    check(f"{count} by {what}: none is missed", missed == 0, missed)


def check_scaling():
    run(COMPOSE + ["up", "-d", "--no-build", "--scale", "core=2"], patience=120)
    if not check("a second core becomes healthy", wait(lambda: all_healthy({"core": 2}), 90), status()):
        return
    publishers_before = {c: traffic(c) for c in containers("core")}
    time.sleep(1.5)  # longer than nginx keeps an address; this is what is tested, not a way to wait
    check_exact("two cores", 2_000)
    shares = {c[:12]: traffic(c) - publishers_before[c] for c in containers("core")}
    check("both cores had a good part of them", min(shares.values()) > 0.25 * sum(shares.values()), shares)
    both = ["--scale", "core=2", "--scale", "request-counter=3"]
    run(COMPOSE + ["up", "-d", "--no-build", *both], patience=120)
    scaled = {"core": 2, "request-counter": 3}
    if check("three replicas of the plugin become healthy", wait(lambda: all_healthy(scaled), 90), status()):
        check_exact("three replicas", 100_000)


def traffic(container):
    """Bytes that a container has received; the cores get requests and little else."""
    lines = run(["docker", "exec", container, "cat", "/proc/net/dev"]).splitlines()[2:]
    return sum(int(line.split(":")[1].split()[0]) for line in lines if not line.strip().startswith("lo:"))


def exit_codes():
    mine = ["--filter", f"label=com.docker.compose.project={PROJECT}"]
    facts = [inspect(container) for container in run(["docker", "ps", "-aq", *mine]).split()]
    return {fact["Name"]: fact["State"]["ExitCode"] for fact in facts}


def status():
    return run(COMPOSE + ["ps"]) + run(COMPOSE + ["logs", "--tail", "30"])


def main():
    try:
        run(COMPOSE + ["up", "-d", "--build"], patience=1_000)
        check("images are built and containers start", True)
        if check("all become healthy", wait(lambda: all_healthy({}), 90), status()):
            check_hardening()
            check_counting()
            check_scaling()
            began = time.monotonic()
            run(COMPOSE + ["stop"], patience=60)
            check("all stop in their grace period", time.monotonic() - began < 25, "killed")
            codes = exit_codes()
            check("with exit code 0", set(codes.values()) == {0}, codes)
    except (RuntimeError, subprocess.TimeoutExpired, OSError, http.client.HTTPException) as error:
        check("the test ran to its end", False, error)
    finally:
        subprocess.run(COMPOSE + ["down", "-v", "--remove-orphans"], cwd=ROOT, capture_output=True, check=False)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
