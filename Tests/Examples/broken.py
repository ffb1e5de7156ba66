"""The examples with one rule of the protocol left out: `outboard conformance` must find it.

    python broken.py fence      what Redis says of a fence is not believed
    python broken.py holes      what is absent is waited for in vain
    python broken.py forget     (a publisher) what a broken connection carried is not sent again
    python broken.py resend     (a publisher) what goes once more over a new connection gets new numbers
"""
import json, os, pathlib, sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "Examples/python"))
import plugin, publisher, publishing, replica


class Believer(replica.Replica):
    """Sets the fence by itself, so what comes again counts again."""

    def take(self, event, name, number):
        source = self.sources[name]
        if number <= (source.fence or 0):
            self.redis.hset(self.prefix + "applied", name, number - 1)
            source.fence = number - 1
        return super().take(event, name, number)


class Waiter(replica.Replica):
    def judge_absent(self, recorded):
        super().judge_absent(recorded)
        for source in self.sources.values():
            source.waits = 0


class Forgetter(publishing.Publisher):
    def wait_for_receivers(self):
        self.waiting = []


class Renumberer(publishing.Publisher):
    """Publishes once more what it should send once more."""

    def wait_for_receivers(self):
        again, self.waiting = self.waiting, []
        for _, _, text in again:
            event = json.loads(text)
            self.publish(event["type"], event["data"], event.get("partitionkey"))


if __name__ == "__main__":
    publishers = {"forget": Forgetter, "resend": Renumberer}
    if sys.argv[1] in publishers:
        publisher.publish_requests(publishers[sys.argv[1]]("broken"), int(os.environ["OUTBOARD_EVENTS"]))
        sys.exit()
    broken = {"fence": Believer, "holes": Waiter}[sys.argv[1]]
    broken({**plugin.MANIFEST, "name": "broken-counter"}, plugin.effects).run()
