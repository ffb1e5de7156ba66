import NIOCore
import NIOPosix
import NIOSSL

/// Opens channels to Redis: TCP or unix socket, with TLS where it is asked for.
enum Connector {
    /// Connects and greets, all within the connect deadline.
    ///
    /// - Parameter role: Made on the event loop.
    static func connect<Role: ConnectionRole>(
        _ settings: RedisSettings, on eventLoop: any EventLoop, readBuffer: Int,
        role: @escaping @Sendable () -> Role
    ) -> EventLoopFuture<(any Channel, NIOLoopBound<ConnectionHandler<Role>>)> {
        let deadline = NIODeadline.now() + settings.connectTimeout.timeAmount
        return open(settings, on: eventLoop, readBuffer: readBuffer) { channel in
            try channel.pipeline.syncOperations.addHandler(ConnectionHandler(role(), settings: settings))
        }.flatMap { channel in
            do {
                let handler = try channel.pipeline.syncOperations.handler(type: ConnectionHandler<Role>.self)
                let bound = NIOLoopBound(handler, eventLoop: eventLoop)
                return handler.greet(until: deadline, on: eventLoop).map { (channel, bound) }
            } catch {
                // The handler is gone from the pipeline: the channel was closed before we came here.
                return eventLoop.makeFailedFuture(Greeting(settings).ended(by: nil))
            }
        }
    }

    private static func open(
        _ settings: RedisSettings, on eventLoop: any EventLoop, readBuffer: Int,
        addHandler: @escaping @Sendable (any Channel) throws -> Void
    ) -> EventLoopFuture<any Channel> {
        guard let tls = settings.tls else {
            return open(settings, nil, on: eventLoop, readBuffer: readBuffer, addHandler: addHandler)
        }
        // Certificates are files, and whoever connects may be on the loop that serves requests.
        return NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { try context(tls) }.flatMap {
            open(settings, $0, on: eventLoop, readBuffer: readBuffer, addHandler: addHandler)
        }
    }

    private static func open(
        _ settings: RedisSettings, _ tls: NIOSSLContext?, on eventLoop: any EventLoop, readBuffer: Int,
        addHandler: @escaping @Sendable (any Channel) throws -> Void
    ) -> EventLoopFuture<any Channel> {
        let serverName = serverName(settings)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(settings.connectTimeout.timeAmount)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: readBuffer))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: serverName))
                    }
                    try addHandler(channel)
                }
            }
        let channel: EventLoopFuture<any Channel>
        switch settings.address {
        case .tcp(let host, let port):
            channel = bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1).connect(host: host, port: port)
        case .unix(let path): channel = bootstrap.connect(unixDomainSocketPath: path)
        }
        return channel.flatMapErrorThrowing { error in
            throw error as? RedisError
                ?? RedisError(
                    code: .connectionFailed, message: "cannot connect to \(place(settings))", underlying: error)
        }
    }

    static func place(_ settings: RedisSettings) -> String {
        switch settings.address {
        case .tcp(let host, let port): "\(host):\(port)"
        case .unix(let path): path
        }
    }

    private static func serverName(_ settings: RedisSettings) -> String? {
        if let name = settings.tls?.serverName { return name }
        guard case .tcp(let host, _) = settings.address else { return nil }
        // An address is no name for SNI; the certificate is then checked against the address.
        return (try? SocketAddress(ipAddress: host, port: 0)) == nil ? host : nil
    }

    private static func context(_ tls: RedisTLS) throws -> NIOSSLContext {
        do {
            var configuration = TLSConfiguration.makeClientConfiguration()
            if let path = tls.caCertificatePath { configuration.trustRoots = .file(path) }
            if let path = tls.certificatePath {
                configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(path).map { .certificate($0) }
            }
            if let path = tls.privateKeyPath {
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: path, format: .pem))
            }
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw RedisError(
                code: .badTLS, message: "a certificate or key cannot be used; check the three TLS files",
                underlying: error)
        }
    }
}

extension Duration {
    /// The same as NIO counts time; what is longer than three centuries is cut there.
    var timeAmount: TimeAmount {
        let (seconds, attoseconds) = components
        let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return .nanoseconds(overflow ? .max : nanoseconds + attoseconds / 1_000_000_000)
    }
}
