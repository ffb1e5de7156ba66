extension HTTPRequestPlaces {
    /// Notes the members of a request that is written exactly as `HTTPRequestFields` writes: same order, no whitespace.
    ///
    /// Nearly all requests are; see `EventAttributes.noteInOwnOrder`. Values go through the same grammar as everywhere.
    ///
    /// - Returns: The position behind it, or nil if it is written otherwise, which says nothing about it; what was noted
    ///   until then does not count.
    @inline(__always)
    mutating func noteInOwnOrder(
        _ start: JSONGrammar.Position, _ end: JSONGrammar.Position
    ) -> JSONGrammar.Position? {
        var walk = OwnOrder(start: start, position: start, end: end)
        guard walk.take("{\"method\":"), walk.string(&method), walk.take(",\"path\":"), walk.string(&path),
            walk.take(",\"route\":"), walk.take("null") || walk.string(&route),
            walk.take(",\"status\":"), walk.digits(&status),
            walk.take(",\"duration_us\":"), walk.digits(&durationMicroseconds),
            walk.take(",\"request_bytes\":"), walk.digits(&requestBytes),
            walk.take(",\"response_bytes\":"), walk.digits(&responseBytes)
        else { return nil }
        if walk.take(",\"client\":") { guard walk.string(&client) else { return nil } }
        if walk.take(",\"user_agent\":") { guard walk.string(&userAgent) else { return nil } }
        if walk.take(",\"host\":") { guard walk.string(&host) else { return nil } }
        guard walk.take(",\"request_id\":"), walk.string(&requestID) else { return nil }
        if walk.take(",\"query\":") { guard walk.string(&query) else { return nil } }
        return walk.take("}") ? walk.position : nil
    }
}

/// A walk over text that is expected to be of one certain form.
private struct OwnOrder {
    let start: JSONGrammar.Position
    var position: JSONGrammar.Position
    let end: JSONGrammar.Position

    @inline(__always)
    mutating func take(_ literal: StaticString) -> Bool {
        guard let next = JSONGrammar.end(of: literal, position, end) else { return false }
        position = next
        return true
    }

    @inline(__always)
    mutating func string(_ text: inout JSONText) -> Bool {
        var escaped = false
        guard position < end, position.pointee == UInt8(ascii: "\""),
            let next = JSONGrammar.stringEnd(position + 1, end, &escaped)
        else { return false }
        text = JSONText(offset: position - start, count: next - position, escaped: escaped)
        position = next
        return true
    }

    /// Takes a number without sign, point and exponent; what stands behind it is checked by who takes that.
    @inline(__always)
    mutating func digits(_ value: inout Int) -> Bool {
        let first = position
        var number = 0
        while position < end, position.pointee &- 0x30 < 10, position - first < 18 {
            number = number * 10 + Int(position.pointee &- 0x30)
            position += 1
        }
        // A zero in front of other digits is not JSON, and the grammar is asked about everything unusual.
        guard position > first, first.pointee != 0x30 || position - first == 1 else { return false }
        value = number
        return true
    }
}
