import Logging
import Synchronization

/// Says once, when both sites listen, what is served where.
final class StartLine: Sendable {
    enum Site {
        case http, admin
    }

    private struct Addresses {
        var http: String?
        var admin: String?
    }

    private let content: String
    private let logger: Logger
    private let addresses = Mutex(Addresses())

    init(content: String, logger: Logger) {
        self.content = content
        self.logger = logger
    }

    func listening(_ site: Site, at address: String) {
        let (http, admin) = addresses.withLock { addresses in
            switch site {
            case .http: addresses.http = address
            case .admin: addresses.admin = address
            }
            return (addresses.http, addresses.admin)
        }
        guard let http, let admin else { return }
        logger.info(
            "ready", metadata: ["serving": "\(content)", "http": "http://\(http)", "admin": "http://\(admin)"])
    }
}
