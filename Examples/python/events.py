"""The form of an event: how it is written, and what is wrong with one that is read."""
import datetime, json, re

LARGEST = 1 << 20  # bytes of a message
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def event_text(source, number, type, data, key=None):
    """An event as it is sent; raises ValueError or TypeError where that is impossible."""
    event = {
        "specversion": "1.0", "source": source, "id": str(number), "type": type,
        "time": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "datacontenttype": "application/json", "data": data}
    if key is not None:
        event["partitionkey"] = key
    text = json.dumps(event, separators=(",", ":"), allow_nan=False)
    if len(text) > LARGEST:
        raise ValueError("an event of more than 1 MiB")
    return text


def events_of(payload):
    """What a message holds; where that is no JSON, None for an event."""
    try:
        # int() refuses NaN and Infinity, which Python takes for JSON.
        parsed = json.loads(payload.decode(), parse_constant=int) if len(payload) <= LARGEST else None
    except (ValueError, RecursionError):
        parsed = None
    return parsed if isinstance(parsed, list) else [parsed]


def address(event, type, lane):
    """Source and number of an event that came on a lane's channel; None if it is malformed."""
    if not isinstance(event, dict):
        return None
    source, number = str(event.get("source")), event.get("id")
    publisher = source[1:].partition("/")[0]
    is_formed = (
        event.get("specversion") == "1.0" and event.get("type") == type
        and source == f"/{publisher}/{type}/{lane}" and re.fullmatch("[a-z0-9-]{1,64}", publisher)
        and isinstance(number, str) and re.fullmatch("[1-9][0-9]{0,15}", number) and int(number) < 1 << 53)
    return (source, int(number)) if is_formed else None


def check(event):
    """Raises an error where an event cannot be used though its number is right."""
    if not RFC_3339.fullmatch(event["time"]):
        raise ValueError("its time is not one of RFC 3339")
    datetime.datetime.fromisoformat(event["time"][:19].upper())  # raises where there is no such day or hour
    if not isinstance(event["data"], dict):
        raise ValueError("its data is no object")
