/// Where Redis is and who we are there.
package struct RedisSettings: Sendable {
    /// A way to the server.
    package enum Address: Sendable, Hashable {
        case tcp(host: String, port: Int)
        case unix(path: String)
    }

    package var address: Address
    package var user: String?
    package var password: String?
    package var database = 0
    /// Nil for a plain connection.
    package var tls: RedisTLS?
    /// What `CLIENT LIST` shows.
    package var clientName: String?
    /// For the connection with all of its handshakes.
    package var connectTimeout: Duration = .seconds(2)
    /// For one answer; the connection is closed when it does not come.
    package var commandTimeout: Duration = .seconds(5)
    /// Bytes that may wait to be written; what does not fit fails at once.
    package var outboxLimitBytes = 64 << 20

    package init(address: Address) {
        self.address = address
    }

    /// Reads `redis://[[user]:password@]host[:port][/database]`, `rediss://…` or `redis+unix:///path`.
    ///
    /// - Parameters:
    ///   - password: Taken instead of the URL's.
    ///   - tls: For `rediss`; the system's roots by default.
    /// - Throws: `RedisError` coded `.badURL`, which never shows the password.
    package init(url: String, password: String? = nil, tls: RedisTLS? = nil) throws(RedisError) {
        guard let separator = url.firstRange(of: "://") else {
            throw Self.bad("it has no scheme; it looks like redis://host:6379")
        }
        let scheme = url[..<separator.lowerBound]
        var rest = url[separator.upperBound...]
        var credentials: Substring?
        if let at = rest.lastIndex(of: "@") {
            credentials = rest[..<at]
            rest = rest[rest.index(after: at)...]
        }
        switch scheme {
        case "redis+unix":
            guard rest.hasPrefix("/") else { throw Self.bad("a unix socket needs three slashes: redis+unix:///path") }
            self.init(address: .unix(path: try Self.decode(rest)))
        case "redis", "rediss":
            let slash = rest.firstIndex(of: "/") ?? rest.endIndex
            self.init(address: try Self.tcp(rest[..<slash]))
            let database = rest[slash...].dropFirst()
            if !database.isEmpty {
                guard let number = Int(database), (0..<65_536).contains(number) else {
                    throw Self.bad("what follows the slash is not the number of a database")
                }
                self.database = number
            }
            if scheme == "rediss" { self.tls = tls ?? RedisTLS() }
        default: throw Self.bad("its scheme is none of redis, rediss and redis+unix")
        }
        if let credentials { try setCredentials(credentials) }
        if let password { self.password = password }
    }

    private mutating func setCredentials(_ text: Substring) throws(RedisError) {
        guard let colon = text.firstIndex(of: ":") else {
            throw Self.bad("before the @ it needs user:password, or :password")
        }
        let user = try Self.decode(text[..<colon])
        self.user = user.isEmpty ? nil : user
        self.password = try Self.decode(text[text.index(after: colon)...])
    }

    private static func tcp(_ authority: Substring) throws(RedisError) -> Address {
        var host = authority
        var port: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw bad("an IPv6 address needs [ and ]") }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let behind = authority[authority.index(after: end)...]
            guard behind.isEmpty || behind.hasPrefix(":") else { throw bad("its port is unclear") }
            if !behind.isEmpty { port = behind.dropFirst() }
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...]
        }
        guard !host.isEmpty else { throw bad("it names no host") }
        guard let port else { return .tcp(host: String(host), port: 6_379) }
        guard let number = Int(port), (1...65_535).contains(number) else {
            throw bad("its port is not a number from 1 to 65535")
        }
        return .tcp(host: String(host), port: number)
    }

    private static func decode(_ text: Substring) throws(RedisError) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                throw bad("a % is not followed by two hex digits; write %25 for a plain %")
            }
            bytes.append(value)
            rest.removeFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func bad(_ reason: String) -> RedisError {
        RedisError(code: .badURL, message: reason)
    }
}

/// How a TLS connection is made; all paths name PEM files.
package struct RedisTLS: Sendable, Equatable {
    /// Whom to trust instead of the system's roots.
    package var caCertificatePath: String?
    /// Who we are, where the server asks for client certificates.
    package var certificatePath: String?
    package var privateKeyPath: String?
    /// The name that the server's certificate must have; the URL's host by default.
    package var serverName: String?

    package init() {}
}
