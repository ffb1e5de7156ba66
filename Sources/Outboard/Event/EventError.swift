/// Why an event could not be written or read: the thing, the reason and the mend, without anything of its content.
public struct EventError: Error, Sendable {
    /// What went wrong, to decide by. More codes may come.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        /// An event type is not of the form `[a-z0-9][a-z0-9.-]{0,63}`.
        public static let invalidType = Code(description: "invalidType")
        /// A publisher's id is not of the form `[a-z0-9-]{1,64}`.
        public static let invalidPublisher = Code(description: "invalidPublisher")
        /// A payload cannot be written as a JSON object.
        public static let notEncodable = Code(description: "notEncodable")
        /// An event is larger than 1 MiB.
        public static let tooLarge = Code(description: "tooLarge")
        /// The data of an event is not what its payload type needs.
        public static let invalidData = Code(description: "invalidData")
        /// An event has a number, but cannot be handled.
        public static let unusable = Code(description: "unusable")
    }

    /// What went wrong.
    public let code: Code
    /// A sentence for people; safe to log.
    public let reason: String
    /// The error of a coder, if one is behind this. It may quote the payload.
    public let underlying: (any Error)?

    /// Makes an error, for a payload that writes and reads itself.
    ///
    /// - Parameter reason: A sentence for people that quotes nothing of the payload, because it will be logged.
    public init(_ code: Code, _ reason: String, underlying: (any Error)? = nil) {
        self.code = code
        self.reason = reason
        self.underlying = underlying
    }

    /// A member of `data` has a value of another kind than the payload needs.
    public static func wrongMember(_ name: String, expected: String) -> EventError {
        EventError(.invalidData, "member '\(name)' of the data needs to be \(expected)")
    }

    /// A member that the payload needs is not in `data`.
    public static func missingMember(_ name: String) -> EventError {
        EventError(.invalidData, "member '\(name)' of the data is missing")
    }

    package static func tooLarge(bytes: Int) -> EventError {
        EventError(
            .tooLarge,
            "the event has \(bytes) bytes, more than the \(EventWriter.limit) that one may have; "
                + "publish a reference to the content instead")
    }
}

extension EventError: CustomStringConvertible {
    /// The reason; safe to log.
    public var description: String { reason }
}

extension EventError: CustomDebugStringConvertible {
    /// The reason with the underlying error, which may quote the payload.
    public var debugDescription: String {
        guard let underlying else { return "\(code): \(reason)" }
        return "\(code): \(reason) (\(underlying))"
    }
}
