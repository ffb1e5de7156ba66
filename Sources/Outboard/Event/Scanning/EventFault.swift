/// Why an element of a message is no event of this bus: it has no number and moves nothing.
package enum Malformation: Sendable, Equatable, CustomStringConvertible {
    case notJSON, notAnObject, tooLarge, specversion, source, type, id

    package var description: String {
        switch self {
        case .notJSON: "it is not JSON, or nested more than \(JSONGrammar.depthLimit) deep"
        case .notAnObject: "it is not a JSON object"
        case .tooLarge: "it is larger than 1 MiB"
        case .specversion: "'specversion' is not \"1.0\""
        case .source: "'source' is not /<publisher>/<type>/<lane>"
        case .type: "'type' is not [a-z0-9][a-z0-9.-]{0,63}"
        case .id: "'id' is not a string of digits from 1 to 2^53 - 1"
        }
    }
}

/// Why an event cannot be handled although it has a source and a number, under which it counts as failed.
package enum Unusability: Sendable, Equatable, CustomStringConvertible {
    case time, dataContentType, partitionKey, traceparent, data

    package var description: String {
        switch self {
        case .time: "'time' is not a time of RFC 3339"
        case .dataContentType: "'datacontenttype' is not \"application/json\""
        case .partitionKey: "'partitionkey' is not a string"
        case .traceparent: "'traceparent' is not a string"
        case .data: "'data' is not a JSON object"
        }
    }
}
