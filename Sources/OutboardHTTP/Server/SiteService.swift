package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// Whether a site accepts requests at present, and where.
package final class SiteState: Sendable {
    private let address = Mutex<String?>(nil)

    package init() {}

    package var isServing: Bool { address.withLock { $0 != nil } }

    func set(_ value: String?) {
        address.withLock { $0 = value }
    }
}

/// Serves one site on one port as a service: says where it listens, and gives requests under way a bounded time to end.
package struct SiteService<Responder: HTTPResponder>: Service where Responder.Context == CoreContext {
    /// Where a site listens, and how its setting is called in messages.
    package struct Place: Sendable {
        package let setting: String
        package let host: String
        package let port: Int

        package init(setting: String, host: String, port: Int) {
            self.setting = setting
            self.host = host
            self.port = port
        }
    }

    private let application: Application<Responder>
    private let place: Place
    private let patience: Duration
    private let state: SiteState

    /// - Parameters:
    ///   - patience: How long requests under way may take after a graceful shutdown has begun.
    ///   - onListening: Is told the address, for example `127.0.0.1:8080`.
    package init(
        _ responder: Responder, at place: Place, limits: ServerLimits, patience: Duration, state: SiteState,
        logger: Logger, onListening: @escaping @Sendable (String) async -> Void
    ) {
        var quiet = logger
        // Hummingbird says where it listens for each site; the core says it once for both.
        quiet.logLevel = max(logger.logLevel, .notice)
        self.application = Application(
            responder: responder, server: .limited(limits),
            configuration: ApplicationConfiguration(
                address: .hostname(place.host, port: place.port), backlog: 1_024,
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connections, logger: quiet)),
            onServerRunning: { channel in
                let address =
                    "\(place.host.contains(":") ? "[\(place.host)]" : place.host):"
                    + "\(channel.localAddress?.port ?? place.port)"
                state.set(address)
                await onListening(address)
            },
            logger: quiet)
        self.place = place
        self.patience = patience
        self.state = state
    }

    /// - Throws: `PortUnavailable` if the address cannot be had.
    package func run() async throws {
        defer { state.set(nil) }
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Ending.self) { group in
                group.addTask {
                    do {
                        try await application.run()
                        return .served
                    } catch let error as IOError {
                        throw PortUnavailable(place: "\(place.setting)=\(place.port)", reason: error)
                    } catch let error as SocketAddressError {
                        throw PortUnavailable(place: "\(place.setting)=\(place.port) on \(place.host)", reason: error)
                    }
                }
                group.addTask {
                    do {
                        try await gracefulShutdown()
                        try await Task.sleep(for: patience)
                    } catch is CancellationError {}  // the site has ended by itself
                    return .outOfPatience
                }
                defer { group.cancelAll() }
                _ = try await group.next()
            }
        } onGracefulShutdown: {
            state.set(nil)
        }
    }

    private enum Ending {
        case served, outOfPatience
    }
}

/// A site's address cannot be listened on.
package struct PortUnavailable: Error, CustomStringConvertible {
    let place: String
    let reason: any Error

    package var description: String {
        "\(place): cannot listen there (\(reason)); end the process that does, or choose another port"
    }
}
