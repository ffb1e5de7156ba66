import Outboard

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where the gateway sends requests, and what it puts up with.
package struct GatewaySettings: Sendable {
    /// Scheme, host and port, for example `http://app:3000`.
    let origin: String
    /// What precedes every path, for example `/api`; empty or without a slash at its end.
    let prefix: String
    /// How long the upstream may take to accept a connection (10 s at most), to begin its answer once it has the
    /// request, and to go on with either.
    package var timeout: Duration = .seconds(30)
    /// The largest request body that is passed on.
    package var maxBodyBytes = 1 << 30
    /// How many connections to the upstream may be open at once; further requests wait for one.
    package var maxConnections = 4_096
    /// How many proxies of ours stand in front; see `ForwardedFor`.
    package var trustedProxies = 0

    /// Where requests go, for people.
    package var description: String { origin + prefix }

    /// - Parameter upstream: `http://host[:port][/prefix]` or `https://…`.
    /// - Throws: `SettingsError` that names `OUTBOARD_UPSTREAM`.
    package init(upstream: String) throws {
        func wrong(_ reason: String) -> SettingsError {
            SettingsError(["OUTBOARD_UPSTREAM='\(upstream)': \(reason)"])
        }
        guard let parts = URLComponents(string: upstream), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty
        else { throw wrong("needs the form http://host:port") }
        guard parts.user == nil, parts.password == nil else { throw wrong("takes no user or password; leave them out") }
        guard parts.query == nil, parts.fragment == nil else {
            throw wrong("ends with the path; leave out what follows")
        }
        if let port = parts.port, !(1...65_535).contains(port) { throw wrong("needs a port from 1 to 65535") }
        self.origin = "\(scheme)://\(host)" + (parts.port.map { ":\($0)" } ?? "")
        var path = parts.percentEncodedPath
        while path.hasSuffix("/") { path.removeLast() }
        self.prefix = path
    }
}
