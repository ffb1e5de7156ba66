import HTTPTypes
import Hummingbird
import NIOCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// JSON that the admin API takes, and answers in JSON that people can read, too.
enum AdminJSON {
    /// The body of a request that is JSON.
    ///
    /// - Parameters:
    ///   - name: What it is, as a sentence begins: `A change`.
    ///   - types: Its media types; the first is named where another one comes.
    ///   - mostBytes: The largest that is taken.
    /// - Throws: `Problem`.
    static func body(
        of request: Request, _ name: String, types: [String], mostBytes: Int
    ) async throws -> ByteBuffer {
        let type = (request.headers[.contentType] ?? "").split(separator: ";").first.map { $0.lowercased() } ?? ""
        guard types.contains(type) else {
            throw Problem(
                status: .unsupportedMediaType,
                detail: "\(name) is JSON; send it with 'Content-Type: \(types.first ?? "application/json")'.")
        }
        do {
            return try await request.body.collect(upTo: mostBytes)
        } catch is NIOTooManyBytesError {
            throw Problem(
                status: .contentTooLarge, detail: "\(name) has at most \(mostBytes) bytes.",
                headers: [.connection: "close"])
        }
    }

    static func response(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return response(bytes: try encoder.encode(value) + Data("\n".utf8), status: status)
    }

    static func response(bytes: some Sequence<UInt8>, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
