public import Configuration
package import Outboard
package import RedisClient

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How a process joins a bus.
///
/// | setting | meaning | default |
/// | --- | --- | --- |
/// | `OUTBOARD_REDIS_URL` | `redis://[user:password@]host:port`, `rediss://…`, `redis+unix:///path` | `redis://127.0.0.1:6379` |
/// | `OUTBOARD_REDIS_PASSWORD_FILE` | file that holds the password | |
/// | `OUTBOARD_REDIS_CA_FILE`, `…_CERT_FILE`, `…_KEY_FILE` | for `rediss://`: whom to trust, who we are (PEM) | system |
/// | `OUTBOARD_NAMESPACE` | first part of all names, `[a-z][a-z0-9-]{0,31}` | `outboard` |
/// | `OUTBOARD_LANES` | lanes of each type, 1 to 1024, the same in all processes | 256 |
/// | `OUTBOARD_BUFFER_BYTES` | bytes of events that may wait for Redis, 1 MiB to 16 GiB | 64 MiB |
/// | `OUTBOARD_HOLDERS` | replicas of a plugin that hear each lane, 1 to 16 | 2 |
/// | `OUTBOARD_MAX_FIELDS` | fields of a family, 1 to 1000000 | 10000 |
/// | `OUTBOARD_START_TIMEOUT` | seconds that a service waits for Redis when it starts, 1 to 86400 | 30 |
public struct BusConfiguration: Sendable {
    package var redis: RedisSettings
    package var names: RedisNames
    package var lanes: Int
    package var bufferBytes: Int
    package var maxFields: Int
    package var holders: Int
    /// Milliseconds that a plugin may take for an event before that is said.
    package var handlerBudget = 10
    /// Percent of a plugin's events that may fail before it is disabled; 0 for any.
    package var failureLimit = 50
    package var startTimeout = Duration.seconds(30)
    /// What the process is called in ids, `[a-z0-9-]{1,47}`.
    package var name = "app"
    package var host: String

    package init(redis: RedisSettings, names: RedisNames = RedisNames(), lanes: Int = LaneRule.defaultCount) {
        self.redis = redis
        self.names = names
        self.lanes = lanes
        self.bufferBytes = 64 << 20
        self.maxFields = 10_000
        self.holders = 2
        self.host = Self.hostName
    }

    /// Reads the settings above from flags (`--redis-url`), then the environment, then `OUTBOARD_CONFIG_FILE`.
    ///
    /// - Throws: `SettingsError` that names every problem.
    public init() throws {
        var problems = SettingsProblems()
        let reader = ProcessSettings.reader(&problems)
        let configuration = try problems.collect { try BusConfiguration(reader: reader) }
        try problems.check()
        guard let configuration else { throw SettingsError(problems.found) }
        self = configuration
    }

    /// Reads the settings above; keys are the names above without `OUTBOARD_`, as in `redis.url`.
    ///
    /// - Throws: `SettingsError` that names every problem.
    public init(reader: ConfigReader) throws {
        var problems = SettingsProblems()
        let redis = try problems.collect { try Self.redis(reader) }
        let namespace = reader.string(forKey: "namespace", default: "outboard")
        let bytes = Array(namespace.utf8)
        if !(1...32).contains(bytes.count) || !bytes[0].isLowercaseLetter
            || !bytes.allSatisfy({ $0.isLowercaseLetter || $0.isDigit || $0 == UInt8(ascii: "-") })
        {
            problems.add("OUTBOARD_NAMESPACE='\(namespace)': needs a lowercase letter, then up to 31 of a-z, 0-9 and -")
        }
        let lanes = Self.integer(reader, "lanes", 1...1_024, default: LaneRule.defaultCount, &problems)
        let buffer = Self.integer(reader, "buffer.bytes", 1 << 20...16 << 30, default: 64 << 20, &problems)
        let maxFields = Self.integer(reader, "max.fields", 1...1_000_000, default: 10_000, &problems)
        let holders = Self.integer(reader, "holders", 1...16, default: 2, &problems)
        let handlerBudget = Self.integer(reader, "handler.budget", 1...60_000, default: 10, &problems)
        let failureLimit = Self.integer(reader, "failure.limit", 0...100, default: 50, &problems)
        let seconds = Self.integer(reader, "start.timeout", 1...86_400, default: 30, &problems)
        try problems.check()
        guard let redis else { throw SettingsError(problems.found) }
        self.init(redis: redis, names: RedisNames(namespace: namespace), lanes: lanes)
        self.bufferBytes = buffer
        self.maxFields = maxFields
        self.holders = holders
        self.handlerBudget = handlerBudget
        self.failureLimit = failureLimit
        self.startTimeout = .seconds(seconds)
    }

    package var publisher: PublisherSettings {
        var settings = PublisherSettings(redis: redis, names: names, lanes: lanes, name: name, host: host)
        settings.limits.bytes = bufferBytes
        return settings
    }

    package var replica: ReplicaSettings {
        var settings = ReplicaSettings(redis: redis, names: names, lanes: lanes, host: host, pid: Int(getpid()))
        settings.maxFields = maxFields
        settings.holders = holders
        settings.handlerBudget = handlerBudget * 1_000
        settings.failureLimit = failureLimit == 0 ? nil : failureLimit
        return settings
    }

    /// Reads one integer setting; a wrong value is noted and the default returned.
    package static func integer(
        _ reader: ConfigReader, _ key: String, _ range: ClosedRange<Int>, default value: Int,
        _ problems: inout SettingsProblems
    ) -> Int {
        let name = "OUTBOARD_" + key.uppercased().replacing(".", with: "_")
        guard let text = reader.string(forKey: ConfigKey(key)) else { return value }
        guard let number = Int(text), range.contains(number) else {
            problems.add("\(name)='\(text)': needs a whole number from \(range.lowerBound) to \(range.upperBound)")
            return value
        }
        return number
    }

    private static func redis(_ reader: ConfigReader) throws -> RedisSettings {
        var problems = SettingsProblems()
        let url = text(reader, "redis.url") ?? "redis://127.0.0.1:6379"
        let password = try problems.collect { try text(reader, "redis.password.file").map(readPassword) }
        var tls = RedisTLS()
        tls.caCertificatePath = readablePath(reader, "redis.ca.file", &problems)
        tls.certificatePath = readablePath(reader, "redis.cert.file", &problems)
        tls.privateKeyPath = readablePath(reader, "redis.key.file", &problems)
        let settings = try problems.collect {
            do {
                return try RedisSettings(
                    url: url, password: password ?? nil, tls: url.hasPrefix("rediss:") ? tls : nil)
            } catch { throw SettingsError(["OUTBOARD_REDIS_URL: \(error)"]) }
        }
        if let database = settings?.database, database != 0 {
            problems.add(
                "OUTBOARD_REDIS_URL: database \(database) is of no use, pub/sub ignores databases; leave it out and "
                    + "set OUTBOARD_NAMESPACE instead")
        }
        try problems.check()
        guard let settings else { throw SettingsError(problems.found) }
        return settings
    }

    /// Compose files set a variable to nothing where it is not wanted.
    private static func text(_ reader: ConfigReader, _ key: String) -> String? {
        reader.string(forKey: ConfigKey(key)).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The path of a file that is read anew at each connection; one that is not there now would be a warning for good.
    private static func readablePath(
        _ reader: ConfigReader, _ key: String, _ problems: inout SettingsProblems
    ) -> String? {
        guard let path = text(reader, key) else { return nil }
        if access(path, R_OK) != 0 {
            let name = "OUTBOARD_" + key.uppercased().replacing(".", with: "_")
            problems.add(
                "\(name)='\(path)': cannot be read (\(String(cString: strerror(errno)))); name a file that this process "
                    + "may read")
        }
        return path
    }

    private static func readPassword(_ path: String) throws -> String {
        guard let file = fopen(path, "r") else {
            throw SettingsError([
                "OUTBOARD_REDIS_PASSWORD_FILE='\(path)': cannot be read (\(String(cString: strerror(errno)))); "
                    + "name a file that this process may read"
            ])
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = fread(&bytes, 1, bytes.count, file)
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        let password = text.prefix { !$0.isNewline }
        guard !password.isEmpty else {
            throw SettingsError([
                "OUTBOARD_REDIS_PASSWORD_FILE='\(path)': its first line is empty; put the password there"
            ])
        }
        return String(password)
    }

    private static var hostName: String {
        var bytes = [UInt8](repeating: 0, count: 256)
        let result = bytes.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map { gethostname($0, 255) } ?? -1
        }
        return result == 0 ? String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) : "unknown"
    }
}
