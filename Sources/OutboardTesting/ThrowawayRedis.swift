public import Foundation
import Processes
import Synchronization

/// A private `redis-server` for tests: a port of its own on 127.0.0.1, a folder of its own, gone with the process that
/// started it.
///
/// ```swift
/// let redis = try await ThrowawayRedis.start()
/// // … redis.url …
/// try await redis.stop()
/// ```
public final class ThrowawayRedis: Sendable {
    /// The port on 127.0.0.1.
    public let port: Int
    /// Folder of the server's data, log and Unix socket; removed by `stop()`.
    public let folder: URL
    private let arguments: [String]
    private let tlsPort: Int?
    private let process = Mutex<LeashedProcess?>(nil)

    /// PEM files of a server that speaks TLS.
    public struct Certificates: Sendable {
        let ca: URL
        let certificate: URL
        let key: URL
        let clients: Clients

        /// Whether clients need a certificate of their own, signed by the same CA.
        public enum Clients: String, Sendable {
            case withCertificate = "yes"
            case withoutCertificate = "no"
        }

        /// The files' places; they are read by the server.
        public init(ca: URL, certificate: URL, key: URL, clients: Clients = .withoutCertificate) {
            self.ca = ca
            self.certificate = certificate
            self.key = key
            self.clients = clients
        }

        func arguments(port: Int) -> [String] {
            [
                "--tls-port", "\(port)", "--tls-ca-cert-file", ca.path, "--tls-cert-file", certificate.path,
                "--tls-key-file", key.path, "--tls-auth-clients", clients.rawValue,
            ]
        }
    }

    /// `redis://127.0.0.1:<port>`
    public var url: String { "redis://127.0.0.1:\(port)" }

    /// The same server by TLS, `rediss://localhost:<another port>`; nil without certificates.
    public var tlsURL: String? { tlsPort.map { "rediss://localhost:\($0)" } }

    /// The same server by its Unix socket, `redis+unix:///…`.
    public var unixURL: String { "redis+unix://\(socketPath)" }

    /// The server's process id while it runs.
    public var pid: Int32? { process.withLock { $0?.pid } }

    /// Whether a `redis-server` is in `PATH`.
    public static var isAvailable: Bool { Executables.path(of: "redis-server") != nil }

    private var socketPath: String { folder.appending(path: "socket").path }
    private var logFile: URL { folder.appending(path: "log") }

    private init(port: Int, tlsPort: Int?, folder: URL, arguments: [String]) {
        self.port = port
        self.tlsPort = tlsPort
        self.folder = folder
        self.arguments = arguments
    }

    /// Starts a server and waits until it answers, 10 s at most.
    ///
    /// - Parameters:
    ///   - appendOnly: Keeps its data over `kill()` and `restart()`, as the compose file's Redis does.
    ///   - certificates: Makes the server speak TLS on a second port.
    ///   - arguments: Further ones for `redis-server`, for example `["--requirepass", "secret"]`.
    /// - Throws: `TestingError` with the end of the server's log.
    public static func start(
        appendOnly: Bool = false, certificates: Certificates? = nil, arguments: [String] = []
    ) async throws -> ThrowawayRedis {
        do {
            return try await startOnce(appendOnly, certificates, arguments)
        } catch {
            // Another process may have taken a port between our look and the server's.
            return try await startOnce(appendOnly, certificates, arguments)
        }
    }

    private static func startOnce(
        _ appendOnly: Bool, _ certificates: Certificates?, _ arguments: [String]
    ) async throws -> ThrowawayRedis {
        guard let port = LoopbackPort.free() else { throw TestingError("no port on 127.0.0.1 is free") }
        let name = "outboard-redis-\(UUID().uuidString.prefix(8))"
        let folder = FileManager.default.temporaryDirectory.appending(path: name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let tlsPort = certificates == nil ? nil : LoopbackPort.free()
        var all = ["--appendonly", appendOnly ? "yes" : "no"] + arguments
        if let certificates, let tlsPort { all += certificates.arguments(port: tlsPort) }
        let redis = ThrowawayRedis(port: port, tlsPort: tlsPort, folder: folder, arguments: all)
        do {
            try await redis.launch()
        } catch {
            try redis.stop()
            throw error
        }
        return redis
    }

    /// Ends the server at once, as a power cut would (SIGKILL).
    public func kill() {
        let running = process.withLock { process in
            defer { process = nil }
            return process
        }
        running?.endNow()
    }

    /// Starts the server again on the same port with what it has kept.
    ///
    /// - Throws: `TestingError` if it does not answer within 10 s.
    public func restart() async throws {
        kill()
        try await launch()
    }

    /// Ends the server and removes its folder.
    public func stop() throws {
        kill()
        try FileManager.default.removeItem(at: folder)
    }

    deinit {
        process.withLock { $0 }?.send(SIGKILL)
    }

    private func launch() async throws {
        guard let path = Executables.path(of: "redis-server") else {
            throw TestingError(
                "redis-server is not in PATH; install it (Debian and Ubuntu: apt-get install redis-server)")
        }
        let fixed = [
            "--port", "\(port)", "--bind", "127.0.0.1", "--dir", folder.path, "--save", "", "--logfile", logFile.path,
            "--unixsocket", socketPath,
        ]
        let started = try LeashedProcess(Command(path, fixed + arguments)) { _ in }
        process.withLock { $0 = started }
        let deadline = ContinuousClock.now + .seconds(10)
        while !LoopbackPort.answersPing(port) {
            guard started.exitIfEnded == nil, ContinuousClock.now < deadline else {
                let log = (try? String(contentsOf: logFile, encoding: .utf8)) ?? ""  // none was written
                throw TestingError("redis-server on port \(port) does not answer; its log ends: \(log.suffix(500))")
            }
            // Redis tells nobody when it is up; each look is a connection attempt.
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
