import Outboard

/// An event as a publisher in any language may write it, right or wrong: every part can be exchanged.
struct WireEvent: Sendable {
    /// Attribute → its value as JSON, in the order in which they are written.
    private var members: [(name: String, json: String)]

    /// A right one.
    init(source: String, number: Int, status: Int = 200) {
        members = [
            ("specversion", #""1.0""#), ("source", "\"\(source)\""), ("id", "\"\(number)\""),
            ("type", #""http.request""#), ("time", "\"\(Timestamp.now)\""),
            ("datacontenttype", #""application/json""#),
            (
                "data",
                #"{"method":"GET","path":"/hello","route":"/hello","status":"# + "\(status)"
                    + #","duration_us":120,"request_bytes":0,"response_bytes":5,"client":"192.0.2.1","#
                    + #""user_agent":"conformance","host":"localhost","request_id":"r-"# + "\(number)\"}"
            ),
        ]
    }

    /// The same with another value of one attribute; nil leaves it out.
    func with(_ name: String, _ json: String?) -> WireEvent {
        var event = self
        guard let place = event.members.firstIndex(where: { $0.name == name }) else {
            if let json { event.members.append((name, json)) }
            return event
        }
        if let json { event.members[place].json = json } else { event.members.remove(at: place) }
        return event
    }

    /// The same with its attributes in the opposite order.
    var reversed: WireEvent {
        var event = self
        event.members.reverse()
        return event
    }

    /// The same with one attribute's name written otherwise.
    func spelling(_ name: String, _ spelling: String) -> WireEvent {
        var event = self
        event.members = members.map { $0.name == name ? (spelling, $0.json) : $0 }
        return event
    }

    var json: String { json(between: "") }

    /// - Parameter space: What stands around every token.
    func json(between space: String) -> String {
        let pairs = members.map { "\(space)\"\($0.name)\"\(space):\(space)\($0.json)\(space)" }
        return "\(space){\(pairs.joined(separator: ","))}\(space)"
    }
}
