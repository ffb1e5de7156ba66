#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A moment in UTC with microseconds, as the `time` of an event has it.
///
/// Years 0000 to 9999, because RFC 3339 writes no others; what lies outside becomes the first or last of them. Leap
/// seconds do not exist, as in Unix time.
public struct Timestamp: Sendable, Hashable {
    /// The first moment of the year 0000.
    public static let earliest = Timestamp(unchecked: -62_167_219_200_000_000)
    /// The last microsecond of the year 9999.
    public static let latest = Timestamp(unchecked: 253_402_300_799_999_999)

    /// Microseconds since 1970-01-01T00:00:00Z.
    public let microseconds: Int64

    /// - Parameter microseconds: Since 1970-01-01T00:00:00Z; brought into the years 0000 to 9999.
    public init(microseconds: Int64) {
        self.init(
            unchecked: min(max(microseconds, Self.earliest.microseconds), Self.latest.microseconds))
    }

    /// The moment by the machine's clock.
    public static var now: Timestamp {
        var time = timespec()
        // CLOCK_REALTIME exists on every system that Swift runs on, so there is no failure to report.
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }

    private init(unchecked microseconds: Int64) {
        self.microseconds = microseconds
    }
}

extension Timestamp: Comparable {
    /// Whether the left moment comes first.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }
}

extension Timestamp: LosslessStringConvertible {
    /// Takes the text of RFC 3339, with any offset and any number of digits behind the second.
    ///
    /// What is finer than a microsecond is cut off. The second 60 is taken where a leap second may be, at 23:59 UTC, and
    /// becomes the microsecond before the next day. nil if the text is of another form or no such day exists.
    public init?(_ text: String) {
        var text = text
        guard let time = text.withUTF8({ Timestamp(rfc3339: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = time
    }

    /// RFC 3339 in UTC with six digits: `2026-11-20T23:15:42.000117Z`.
    public var description: String {
        String(unsafeUninitializedCapacity: Self.textCount) { buffer in
            // The buffer has the capacity that was asked for, so it has an address.
            if let start = buffer.baseAddress { write(to: start) }
            return Self.textCount
        }
    }
}

extension Timestamp: Codable {
    /// Reads the text that `init(_:)` takes.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let time = Timestamp(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a time of RFC 3339, for example 2026-11-20T23:15:42.000117Z")
        }
        self = time
    }

    /// Writes the text that `description` gives.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
