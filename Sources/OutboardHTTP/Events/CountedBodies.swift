import Hummingbird
import NIOCore

/// A request's body that tells an exchange what is read of it.
struct CountedRequestBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    let base: RequestBody
    let exchange: Exchange

    struct AsyncIterator: AsyncIteratorProtocol {
        var base: RequestBody.AsyncIterator
        let exchange: Exchange

        @concurrent mutating func next() async throws -> ByteBuffer? {
            let buffer = try await base.next()
            if let buffer { exchange.read(buffer.readableBytes) }
            return buffer
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base: base.makeAsyncIterator(), exchange: exchange)
    }
}

/// Writes a response's body on, and tells an exchange what went and when it ended.
struct CountedBodyWriter: ResponseBodyWriter {
    var base: any ResponseBodyWriter
    let exchange: Exchange

    @concurrent mutating func write(_ buffer: ByteBuffer) async throws {
        try await base.write(buffer)
        exchange.wrote(buffer.readableBytes)
    }

    @concurrent mutating func write(contentsOf buffers: some Sequence<ByteBuffer>) async throws {
        // A sequence may be passed through once only.
        let buffers = Array(buffers)
        try await base.write(contentsOf: buffers)
        exchange.wrote(buffers.reduce(0) { $0 + $1.readableBytes })
    }

    @concurrent consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        let exchange = exchange
        defer { exchange.finish() }
        try await base.finish(trailingHeaders)
    }
}
