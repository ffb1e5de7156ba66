import Configuration
import Logging
import Outboard
import OutboardHTTP
import OutboardRedis
import Processes

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The settings of the core, read once and checked as a whole.
struct CoreSettings {
    struct Address: Equatable {
        var host: String
        var port: Int
    }

    let http: Address
    let admin: Address
    /// Nil for the demo site.
    let gateway: GatewaySettings?
    let events: RequestEventOptions
    let bus: BusConfiguration
    /// What a change by the admin API needs; nil where none is taken.
    let adminToken: String?
    /// Where to say what is wanted of the services; nil where no `outboard up` runs this core.
    let services: ServiceBoard?
    let logLevel: Logger.Level

    /// - Parameter earlier: Problems found before, for example in the command line.
    /// - Throws: `SettingsError` that names every problem, the earlier ones first.
    init(reader: ConfigReader, _ earlier: SettingsProblems = SettingsProblems()) throws {
        var problems = earlier
        let http = Self.address(reader, "http", port: 8080, &problems)
        let admin = Self.address(reader, "admin", port: 9090, &problems)
        if http.port == admin.port, http.port != 0 {
            problems.add("OUTBOARD_ADMIN_PORT=\(admin.port): is OUTBOARD_HTTP_PORT, too; choose another")
        }
        let trusted = BusConfiguration.integer(reader, "trusted.proxies", 0...8, default: 0, &problems)
        let gateway = try Self.gateway(reader, trustedProxies: trusted, &problems)
        let includesQuery = Self.flag(reader, "event.query", &problems)
        let names = reader.string(forKey: "event.headers", default: "").split { $0 == "," || $0 == " " }
        let events = try problems.collect {
            try RequestEventOptions(
                includesQuery: includesQuery, headers: names.map(String.init), trustedProxies: trusted)
        }
        let level = reader.string(forKey: "log.level", default: "info")
        let logLevel = Logger.Level(rawValue: level)
        if logLevel == nil {
            let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            problems.add("OUTBOARD_LOG_LEVEL='\(level)': needs one of \(levels)")
        }
        let adminToken = Self.adminToken(reader, &problems)
        let services = Self.services(reader, &problems)
        var bus = try problems.collect { try BusConfiguration(reader: reader) }
        bus?.name = "core"
        try problems.check()
        guard let events, let bus, let logLevel else { throw SettingsError(problems.found) }
        self.http = http
        self.admin = admin
        self.gateway = gateway
        self.events = events
        self.bus = bus
        self.adminToken = adminToken
        self.services = services
        self.logLevel = logLevel
    }

    private static func address(
        _ reader: ConfigReader, _ name: String, port: Int, _ problems: inout SettingsProblems
    ) -> Address {
        let host = reader.string(forKey: ConfigKey("\(name).host"), default: "127.0.0.1")
        if host.isEmpty || host.contains(where: { $0.isWhitespace || $0 == "/" }) {
            problems.add("OUTBOARD_\(name.uppercased())_HOST='\(host)': needs an address, for example 127.0.0.1")
        }
        // Port 0 is any that is free.
        let number = BusConfiguration.integer(reader, "\(name).port", 0...65_535, default: port, &problems)
        return Address(host: host, port: number)
    }

    private static func gateway(
        _ reader: ConfigReader, trustedProxies: Int, _ problems: inout SettingsProblems
    ) throws -> GatewaySettings? {
        let seconds = BusConfiguration.integer(reader, "upstream.timeout", 1...3_600, default: 30, &problems)
        let bytes = BusConfiguration.integer(reader, "max.body.bytes", 0...1 << 50, default: 1 << 30, &problems)
        // Compose files set it to nothing where there is no upstream.
        guard let upstream = reader.string(forKey: "upstream"), !upstream.isEmpty else { return nil }
        var settings = try problems.collect { try GatewaySettings(upstream: upstream) }
        settings?.timeout = .seconds(seconds)
        settings?.maxBodyBytes = bytes
        settings?.trustedProxies = trustedProxies
        return settings
    }

    /// The token itself, or what the file with it holds.
    private static func adminToken(_ reader: ConfigReader, _ problems: inout SettingsProblems) -> String? {
        let file = reader.string(forKey: "admin.token.file") ?? ""
        var token = reader.string(forKey: "admin.token") ?? ""
        if !file.isEmpty {
            guard token.isEmpty else {
                problems.add("OUTBOARD_ADMIN_TOKEN: is set, and so is OUTBOARD_ADMIN_TOKEN_FILE; unset one of them")
                return nil
            }
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
                problems.add("OUTBOARD_ADMIN_TOKEN_FILE='\(file)': cannot be read; check its name and mode")
                return nil
            }
            token = text
            while token.last?.isNewline == true { token.removeLast() }
            if token.isEmpty { problems.add("OUTBOARD_ADMIN_TOKEN_FILE='\(file)': is empty; it needs the token") }
        }
        guard !token.isEmpty else { return nil }
        if token.utf8.count < 16 || !token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            problems.add(
                "OUTBOARD_ADMIN_TOKEN: needs at least 16 characters of ASCII, for example of: openssl rand -hex 16")
        }
        return token
    }

    /// The board in the data folder of the `outboard up` that runs this core.
    private static func services(_ reader: ConfigReader, _ problems: inout SettingsProblems) -> ServiceBoard? {
        guard let folder = reader.string(forKey: "up.dir"), !folder.isEmpty else { return nil }
        let board = ServiceBoard(dataFolder: URL(filePath: folder))
        if !board.exists {
            problems.add(
                "OUTBOARD_UP_DIR='\(folder)': no 'outboard up' has run with it; that sets this itself, so unset it")
        }
        return board
    }

    private static func flag(_ reader: ConfigReader, _ key: String, _ problems: inout SettingsProblems) -> Bool {
        switch reader.string(forKey: ConfigKey(key)) {
        case nil, "false": return false
        case "true": return true
        case .some(let text):
            problems.add("OUTBOARD_\(key.uppercased().replacing(".", with: "_"))='\(text)': needs true or false")
            return false
        }
    }
}
