extension EventAttributes {
    /// Notes the attributes of an event that is written exactly as `EventWriter` writes: same order, no whitespace.
    ///
    /// Nearly all events are. Their names need not be looked for, only compared, which halves the cost of the attributes.
    /// Values go through the same grammar as everywhere, so this is a shorter way and no second opinion.
    ///
    /// - Returns: The position behind the event, or nil if it is written otherwise, which says nothing about it; what was
    ///   noted until then does not count.
    @inline(__always)
    mutating func noteInOwnOrder(_ start: JSONGrammar.Position, _ end: JSONGrammar.Position) -> JSONGrammar.Position? {
        let head: StaticString = "{\"specversion\":\"1.0\",\"source\":"
        guard let versionEnd = JSONGrammar.end(of: head, start, end) else { return nil }
        specversion = JSONText(offset: 15, count: 5, escaped: false)
        guard let sourceEnd = Self.stringEnd(start, versionEnd, end, &source),
            let idStart = JSONGrammar.end(of: ",\"id\":", sourceEnd, end),
            let idEnd = Self.stringEnd(start, idStart, end, &id),
            let typeStart = JSONGrammar.end(of: ",\"type\":", idEnd, end),
            let typeEnd = Self.stringEnd(start, typeStart, end, &type),
            let timeStart = JSONGrammar.end(of: ",\"time\":", typeEnd, end),
            let timeEnd = Self.stringEnd(start, timeStart, end, &time),
            var position = JSONGrammar.end(of: ",\"datacontenttype\":\"application/json\"", timeEnd, end)
        else { return nil }
        dataContentType = JSONText(offset: position - start - 18, count: 18, escaped: false)
        if let value = JSONGrammar.end(of: ",\"partitionkey\":", position, end) {
            guard let valueEnd = Self.stringEnd(start, value, end, &partitionKey) else { return nil }
            position = valueEnd
        }
        if let value = JSONGrammar.end(of: ",\"traceparent\":", position, end) {
            guard let valueEnd = Self.stringEnd(start, value, end, &traceparent) else { return nil }
            position = valueEnd
        }
        var unused = false
        guard let value = JSONGrammar.end(of: ",\"data\":", position, end),
            let valueEnd = noteRequest(value, end) ?? JSONGrammar.valueEnd(value, end, depth: 1, &unused),
            valueEnd < end, valueEnd.pointee == UInt8(ascii: "}")
        else { return nil }
        data = JSONText(offset: value - start, count: valueEnd - value, escaped: unused)
        areOurs = true
        return valueEnd + 1
    }

    /// Notes a request that is written as ours are; all of it is checked against the grammar on the way.
    @inline(__always)
    private mutating func noteRequest(
        _ start: JSONGrammar.Position, _ end: JSONGrammar.Position
    ) -> JSONGrammar.Position? {
        guard let requestEnd = request.noteInOwnOrder(start, end) else { return nil }
        isRequest = true
        return requestEnd
    }

    @inline(__always)
    private static func stringEnd(
        _ event: JSONGrammar.Position, _ start: JSONGrammar.Position, _ end: JSONGrammar.Position,
        _ text: inout JSONText
    ) -> JSONGrammar.Position? {
        guard start < end, start.pointee == UInt8(ascii: "\"") else { return nil }
        var escaped = false
        guard let stringEnd = JSONGrammar.stringEnd(start + 1, end, &escaped) else { return nil }
        text = JSONText(offset: start - event, count: stringEnd - start, escaped: escaped)
        return stringEnd
    }
}
