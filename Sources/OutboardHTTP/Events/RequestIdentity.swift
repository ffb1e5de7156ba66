import HTTPTypes

/// How the request that the current task serves is called, here and in other processes.
///
/// `RequestEvents` binds it around the handler, so that a handler can pass both ids on to whatever it calls.
public struct RequestIdentity: Sendable, Equatable {
    /// The incoming `X-Request-Id` if it was valid, else a new one; the response carries it, too.
    public let requestID: String
    /// The W3C trace context of this process's part in answering: the value of `traceparent` in calls to others.
    public let traceparent: String

    /// The identity of the request that this task serves; nil outside of `RequestEvents`.
    @TaskLocal public static var current: RequestIdentity?

    /// Continues what the request brought, or begins anew.
    init(_ headers: HTTPFields, ids: IdentitySource = .process) {
        let incoming = headers[.xRequestID]
        self.requestID = incoming.flatMap { Self.isValid($0) ? $0 : nil } ?? ids.hex32()
        let trace = headers[.w3cTraceparent].flatMap(TraceContext.init)
        self.traceparent = (trace?.child(by: ids) ?? .started(by: ids)).description
    }

    /// 1 to 128 of letters, digits and `-._~:/+=@`: what can do no harm in a log, a header or a URL.
    static func isValid(_ id: String) -> Bool {
        (1...128).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: Self.punctuation.contains(byte)
                }
            }
    }

    private static let punctuation = Array("-._~:/+=@".utf8)
}
