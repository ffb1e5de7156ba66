import HTTPTypes
import Hummingbird
import NIOCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// An error as a client of ours gets it: a problem document in JSON (RFC 9457).
///
/// `type` is left out, which means `about:blank`: the status says what kind of problem it is.
struct Problem: Error, HTTPResponseError, Equatable {
    let status: HTTPResponse.Status
    /// What happened and, where the client can do something, what.
    let detail: String
    var headers: HTTPFields = [:]

    var body: ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let document = Document(title: status.reasonPhrase, status: status.code, detail: detail)
        do {
            return ByteBuffer(bytes: try encoder.encode(document) + Data("\n".utf8))
        } catch {
            preconditionFailure("two strings and a number always encode: \(error)")
        }
    }

    var fields: HTTPFields {
        var fields = headers
        fields[.contentType] = "application/problem+json"
        fields[.cacheControl] = "no-store"
        return fields
    }

    func response() -> Response {
        Response(status: status, headers: fields, body: ResponseBody(byteBuffer: body))
    }

    func response(from _: Request, context _: some RequestContext) -> Response {
        response()
    }

    private struct Document: Encodable {
        let title: String
        let status: Int
        let detail: String
    }
}
