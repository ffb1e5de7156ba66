"""A publisher in Python: OUTBOARD_EVENTS events of type http.request, as a web server would publish them.

    pip install redis
    OUTBOARD_REDIS_URL=redis://127.0.0.1:6390 OUTBOARD_EVENTS=100 python publisher.py
"""
import os

from publishing import Publisher


def request(number):
    """What an event of type http.request says."""
    return {
        "method": "GET", "path": f"/hello/{number}", "route": "/hello/:number", "status": 200, "duration_us": 250,
        "request_bytes": 0, "response_bytes": 5, "request_id": f"r-{number}"}


def publish_requests(publisher, count):
    for number in range(1, count + 1):
        # Events with the same key stay in order: they share a lane.
        key = f"customer-{number % 17}" if number % 3 == 0 else None
        publisher.publish("http.request", request(number), key)
        if number % 10 == 0:  # a server would flush every few milliseconds
            publisher.flush()
    publisher.flush()


if __name__ == "__main__":
    publish_requests(Publisher("python"), int(os.environ.get("OUTBOARD_EVENTS", 100)))
