/// A request where it was received. An object, so that an event that is passed on costs one reference and not a copy of
/// all places.
///
/// Unchecked: it changes only while nobody else has it (`ReceivedRequests`), and is a constant for all who do.
final class HTTPRequestView: @unchecked Sendable {
    @exclusivity(unchecked) private(set) var json: JSONSlice
    @exclusivity(unchecked) private(set) var places: HTTPRequestPlaces

    /// - Throws: As `HTTPRequestPlaces.init`.
    init(_ json: JSONSlice) throws(EventError) {
        self.json = json
        self.places = try HTTPRequestPlaces(json)
    }

    /// - Parameter places: As noted in these bytes.
    init(_ json: JSONSlice, _ places: HTTPRequestPlaces) {
        self.json = json
        self.places = places
    }

    fileprivate func become(_ json: JSONSlice, _ places: HTTPRequestPlaces) {
        self.json = json
        self.places = places
    }

    /// The text of a member; nil if it is absent.
    func string(_ text: JSONText) -> String? {
        guard !text.isAbsent else { return nil }
        return json.slice.withBytes { text.string(in: $0) }
    }

    /// The method. The usual ones are constants: most requests have one of them, and to make text is dearer than to compare.
    var method: String {
        let known: String? = json.slice.withBytes { bytes in
            let name = places.method.content(in: bytes)
            guard !places.method.isEscaped, let start = name.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
                return nil
            }
            switch name.count {
            case 3 where JSONGrammar.equal(start, "GET"): return "GET"
            case 3 where JSONGrammar.equal(start, "PUT"): return "PUT"
            case 4 where JSONGrammar.equal(start, "POST"): return "POST"
            case 4 where JSONGrammar.equal(start, "HEAD"): return "HEAD"
            case 6 where JSONGrammar.equal(start, "DELETE"): return "DELETE"
            default: return nil
            }
        }
        return known ?? string(places.method) ?? ""
    }

    /// The headers, made anew.
    var headers: [String: String] {
        guard !places.headers.isAbsent else { return [:] }
        var fields: [String: String] = [:]
        // Checked when the places were noted, so there is no error to lose.
        try? json.object(at: places.headers).forEachMember { member, bytes throws(EventError) in
            let name = member.withName { String(decoding: UnsafeBufferPointer(start: $0, count: $1), as: UTF8.self) }
            fields[name] = member.value.string(in: bytes)
        }
        return fields
    }

    /// All values, made anew.
    var fields: HTTPRequestFields {
        HTTPRequestFields(
            method: method, path: string(places.path) ?? "", route: string(places.route),
            status: places.status, durationMicroseconds: places.durationMicroseconds,
            requestBytes: places.requestBytes, responseBytes: places.responseBytes,
            client: string(places.client), userAgent: string(places.userAgent), host: string(places.host),
            requestID: string(places.requestID) ?? "", query: string(places.query), headers: headers)
    }
}

/// The objects of requests that are received one after the other: most plugins have let go of one when the next comes, so
/// that one object serves for all, and none is allocated.
package struct ReceivedRequests {
    private var last: HTTPRequestView?

    package init() {}

    mutating func view(_ json: JSONSlice, _ places: HTTPRequestPlaces) -> HTTPRequestView {
        if isKnownUniquelyReferenced(&last), let last {
            last.become(json, places)
            return last
        }
        let view = HTTPRequestView(json, places)
        last = view
        return view
    }
}
