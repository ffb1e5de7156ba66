/// What a publisher must do, in any language; judged from one observation of two runs.
enum PublisherCases {
    typealias Case = ConformanceCase<PublisherObservation>

    static let all: [Case] = [
        Case("ends", "it ends with exit code 0 when all is published", judging: ends),
        Case(
            "registers", "it claims an id with HSETNX started before its first event, with name and host",
            judging: registers),
        Case("zeros", "its record says 0 for all lanes before its first event", judging: zeros),
        Case("count", "it publishes as many events as it was asked to", judging: count),
        Case("forms", "every event has all attributes in their forms, and an http.request in it", judging: forms),
        Case(
            "channel", "an event comes on the channel of its source, and of its key where it has one", judging: channel),
        Case("numbers", "the numbers of each source are 1, 2, 3 … in order, without holes", judging: numbers),
        Case("message", "a message is at most 1 MiB; an array holds events of one source", judging: message),
        Case("record", "in the end its record says what it published, and is kept for 7 days", judging: record),
        Case("heartbeat", "it is in the sorted set of publishers with the present time", judging: heartbeat),
        Case("again", "started again it takes another id and begins at 1", judging: again),
        Case(
            "resend", "a connection is cut, before or behind Redis: all is sent again, with the same numbers",
            judging: resend),
        Case("accepted", "our own consumer takes every event: none failed, missed or malformed", judging: accepted),
    ]
}
