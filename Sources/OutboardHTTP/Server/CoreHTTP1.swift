package import HummingbirdCore
package import Logging
package import NIOCore
import NIOHTTP1

extension HTTPServerBuilder {
    /// HTTP/1.1 within limits, on which `RequestEvents` learns without extra writes when a response is out.
    package static func limited(_ limits: ServerLimits) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in CoreHTTP1(responder: responder, limits: limits) }
    }
}

/// Hummingbird's HTTP/1 channel with our handler in it and a slot for the exchange under way.
package struct CoreHTTP1: ServerChildChannel {
    private let base: HTTP1Channel
    private let limits: ServerLimits

    init(responder: @escaping HTTPChannelHandler.Responder, limits: ServerLimits) {
        var decoder = HTTP1Channel.Configuration.DecoderConfiguration()
        decoder.maxHeaderFieldSize = limits.headerBytes
        decoder.maxHeaderListSize = limits.headerBytes
        decoder.maxHeaderFieldCount = limits.headerFields
        self.limits = limits
        self.base = HTTP1Channel(
            responder: { request, writer, channel in
                do {
                    try await responder(request, writer, channel)
                    ConnectionSlot.current?.finish(.written)
                } catch {
                    ConnectionSlot.current?.finish(.failed)
                    throw error
                }
            },
            configuration: HTTP1Channel.Configuration(
                idleTimeout: limits.idle.timeAmount, httpDecoderConfiguration: decoder))
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        let limits = limits
        return base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            // Next to the decoder, where a request still has its version.
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(ConnectionHandler(limits: limits), position: .after(decoder))
            return value
        }
    }

    package func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await ConnectionSlot.$current.withValue(ConnectionSlot()) {
            await base.handle(value: value, logger: logger)
        }
    }
}
