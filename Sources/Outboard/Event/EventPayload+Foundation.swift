#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension EventPayload {
    /// Writes the payload with Foundation's coder.
    ///
    /// - Throws: `EventError` coded `.notEncodable` if it does not become a JSON object, for example because it is an
    ///   array or holds a number that is infinite.
    public func write(to json: inout JSONWriter) throws {
        let encoded: Data
        do {
            encoded = try FoundationCoders.encoder.encode(self)
        } catch {
            throw EventError(
                .notEncodable,
                "the payload of type '\(Self.eventType)' cannot be written as JSON\(FoundationCoders.place(of: error)): "
                    + "JSON has neither infinite numbers nor NaN, and the payload's encode(to:) must not throw",
                underlying: error)
        }
        guard encoded.first == UInt8(ascii: "{") else {
            throw EventError(
                .notEncodable,
                "the payload of type '\(Self.eventType)' is not a JSON object; make it a struct with members")
        }
        encoded.withUnsafeBytes { json.append($0) }
    }

    /// Reads the payload with Foundation's coder.
    ///
    /// - Throws: `EventError` coded `.invalidData` if a member is missing or of the wrong kind.
    public static func read(from json: JSONSlice) throws -> Self {
        do {
            return try FoundationCoders.decoder.decode(Self.self, from: json.slice.withBytes { Data($0) })
        } catch {
            throw EventError(
                .invalidData,
                "the data is not what '\(Self.eventType)' needs\(FoundationCoders.place(of: error))", underlying: error)
        }
    }
}

/// Foundation's coders, made once: making them costs as much as using them. Both may be used by many threads at a time.
private enum FoundationCoders {
    static let encoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        encoder.dateEncodingStrategy = .custom { date, encoder in
            try Timestamp(microseconds: microseconds(of: date)).encode(to: encoder)
        }
        return encoder
    }()

    static let decoder = {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let time = try Timestamp(from: decoder)
            return Date(timeIntervalSince1970: Double(time.microseconds) / 1_000_000)
        }
        return decoder
    }()

    /// Where in the payload a coder failed, as ` at 'items.3.price'`: names, no values.
    static func place(of error: any Error) -> String {
        let path: [any CodingKey]
        switch error {
        case EncodingError.invalidValue(_, let context): path = context.codingPath
        case DecodingError.keyNotFound(let key, let context): path = context.codingPath + [key]
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.dataCorrupted(let context):
            path = context.codingPath
        default: path = []
        }
        guard !path.isEmpty else { return "" }
        return " at '" + path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".") + "'"
    }

    private static func microseconds(of date: Date) -> Int64 {
        let value = (date.timeIntervalSince1970 * 1_000_000).rounded()
        return Int64(exactly: value) ?? (value < 0 ? .min : .max)
    }
}
