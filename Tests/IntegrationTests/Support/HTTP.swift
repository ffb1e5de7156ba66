import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Single requests of tests.
enum HTTP {
    struct Answer {
        let status: Int
        let headers: HTTPHeaders
        let body: String
    }

    /// - Parameter patience: For the whole answer.
    static func get(_ url: String, headers: HTTPHeaders = [:], patience: TimeAmount = .seconds(30)) async throws
        -> Answer
    {
        var request = HTTPClientRequest(url: url)
        request.headers = headers
        return try await send(request, patience: patience)
    }

    static func send(_ request: HTTPClientRequest, patience: TimeAmount = .seconds(30)) async throws -> Answer {
        let response = try await HTTPClient.shared.execute(request, timeout: patience)
        let body = try await response.body.collect(upTo: 1 << 20)
        return Answer(status: Int(response.status.code), headers: response.headers, body: String(buffer: body))
    }
}
