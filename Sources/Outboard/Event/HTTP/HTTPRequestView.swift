/// A request where it was received. An object, so that an event that is passed on costs one reference and not a copy of
/// all places.
final class HTTPRequestView: Sendable {
    let json: JSONSlice
    let places: HTTPRequestPlaces

    /// - Throws: As `HTTPRequestPlaces.init`.
    init(_ json: JSONSlice) throws(EventError) {
        self.json = json
        self.places = try HTTPRequestPlaces(json)
    }

    /// The text of a member; nil if it is absent.
    func string(_ text: JSONText) -> String? {
        guard !text.isAbsent else { return nil }
        return json.slice.withBytes { text.string(in: $0) }
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
            method: string(places.method) ?? "", path: string(places.path) ?? "", route: string(places.route),
            status: places.status ?? 0, durationMicroseconds: places.durationMicroseconds ?? 0,
            requestBytes: places.requestBytes ?? 0, responseBytes: places.responseBytes ?? 0,
            client: string(places.client), userAgent: string(places.userAgent), host: string(places.host),
            requestID: string(places.requestID) ?? "", query: string(places.query), headers: headers)
    }
}
