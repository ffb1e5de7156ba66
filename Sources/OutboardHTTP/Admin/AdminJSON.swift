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

    /// What the body of a request says.
    ///
    /// - Parameters: As those of `body`.
    /// - Throws: `Problem`.
    static func decoded<Value: Decodable>(
        _ type: Value.Type, of request: Request, _ name: String, types: [String], mostBytes: Int
    ) async throws -> Value {
        let body = try await body(of: request, name, types: types, mostBytes: mostBytes)
        do {
            return try JSONDecoder().decode(type, from: Data(body.readableBytesView))
        } catch let error as DecodingError {
            throw Problem(status: .badRequest, detail: "\(name) cannot be read: \(error.explanation)")
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

extension DecodingError {
    /// Where and what, in a sentence.
    fileprivate var explanation: String {
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
            .dataCorrupted(let context):
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
        @unknown default: return "\(self)"
        }
    }
}
