"""The examples with one rule of the protocol left out: `outboard conformance` must find it.

    python broken.py fence      what Redis says of a fence is not believed
    python broken.py holes      what is absent is waited for in vain
    python broken.py resend     (a publisher) what went over a broken connection counts as sent
"""
import os, pathlib, sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "Examples/python"))
import plugin, publisher, replica


class Believer(replica.Replica):
    """Sets the fence by itself, so what comes again counts again."""

    def take(self, event, lane):
        if isinstance(event, dict) and event.get("source") in self.fence:
            again = int(event["id"])
            if again <= self.fence[event["source"]]:
                self.redis.hset(self.prefix + "applied", event["source"], again - 1)
                self.fence[event["source"]] = again - 1
        return super().take(event, lane)


class Waiter(replica.Replica):
    def judge_absent(self, now):
        self.stuck = {}
        super().judge_absent(now)
        self.stuck = {}


class Forgetter(publisher.Publisher):
    def reconnect(self):
        super().reconnect()
        self.waiting = []


if __name__ == "__main__":
    if sys.argv[1] == "resend":
        publisher.publish_requests(Forgetter("broken"), int(os.environ["OUTBOARD_EVENTS"]))
        sys.exit()
    {"fence": Believer, "holes": Waiter}[sys.argv[1]](
        name="broken-counter", version="1.0.0", summary="Counts wrongly.", type="http.request", effects=plugin.effects,
    ).run()
