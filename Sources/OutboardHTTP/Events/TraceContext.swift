/// A position in a distributed trace, as the header `traceparent` carries it (W3C Trace Context, version 00).
struct TraceContext: Equatable, Sendable {
    /// 32 hex digits in lower case, not all zero.
    let traceID: Substring
    /// 16 hex digits in lower case, not all zero.
    let spanID: Substring
    /// Two hex digits; of a version that we do not know only "sampled" is kept.
    let flags: Substring

    /// The value of the header.
    var description: String {
        // Written at once: every request has one, and putting texts together piece by piece takes ten times as long.
        String(unsafeUninitializedCapacity: Self.count) { output in
            var rest = output
            for part in ["00", traceID, spanID, flags] {
                if rest.count < output.count {
                    rest[0] = UInt8(ascii: "-")
                    rest = UnsafeMutableBufferPointer(rebasing: rest[1...])
                }
                let end = rest.update(fromContentsOf: part.utf8)
                rest = UnsafeMutableBufferPointer(rebasing: rest[end...])
            }
            return output.count - rest.count
        }
    }

    /// Bytes of the text.
    private static let count = 55

    /// Reads the value of a header; nil if it is none, so that a new trace begins.
    init?(_ header: String) {
        let bytes = header.utf8
        guard bytes.count >= 55 else { return nil }
        let parts = header.split(separator: "-", maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count >= 4, Self.isHex(parts[0], 2), parts[0] != "ff",
            Self.isHex(parts[1], 32), Self.isSet(parts[1]), Self.isHex(parts[2], 16), Self.isSet(parts[2]),
            Self.isHex(parts[3], 2)
        else { return nil }
        let isOurVersion = parts[0] == "00"
        // Later versions may append fields; ours has exactly four.
        if isOurVersion, parts.count > 4 { return nil }
        self.traceID = parts[1]
        self.spanID = parts[2]
        self.flags = isOurVersion ? parts[3] : ((UInt8(parts[3], radix: 16) ?? 0) & 1 == 1 ? "01" : "00")
    }

    private init(traceID: Substring, spanID: Substring, flags: Substring) {
        self.traceID = traceID
        self.spanID = spanID
        self.flags = flags
    }

    /// A trace that begins here, sampled.
    static func started(by ids: IdentitySource) -> TraceContext {
        TraceContext(traceID: ids.hex32()[...], spanID: ids.hex16()[...], flags: "01")
    }

    /// The same trace, one span further.
    func child(by ids: IdentitySource) -> TraceContext {
        TraceContext(traceID: traceID, spanID: ids.hex16()[...], flags: flags)
    }

    private static func isHex(_ text: Substring, _ count: Int) -> Bool {
        text.utf8.count == count
            && text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }

    private static func isSet(_ text: Substring) -> Bool {
        text.utf8.contains { $0 != UInt8(ascii: "0") }
    }
}
