import NIOCore
package import Outboard
import RedisClient

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Keeps the record of one process's start in Redis: docs/protocol.md, "Plugins".
///
/// Two processes that start on one host at the same moment may overwrite each other's record; then one crash is not counted.
package struct StartWatch: Sendable {
    private let plugin: PluginName
    private let bus: BusConfiguration
    private let pid: Int
    private let started: Int64

    private var key: String { bus.names.starts(plugin) }

    init(_ plugin: PluginName, _ bus: BusConfiguration, pid: Int, started: Int64) {
        self.plugin = plugin
        self.bus = bus
        self.pid = pid
        self.started = started
    }

    /// Notes that this process starts, and whether its predecessor crashed.
    ///
    /// - Parameter isAlive: Whether there is another process with this id.
    /// - Throws: `RedisError`.
    package static func begin(
        _ plugin: PluginName, _ bus: BusConfiguration, pid: Int, isAlive: @Sendable (Int) -> Bool
    ) async throws -> StartWatch {
        try await bus.withConnection(named: plugin.rawValue) { redis in
            let now = try RedisClock.milliseconds(try await redis.send(RedisCommand("TIME")).get())
            let watch = StartWatch(plugin, bus, pid: pid, started: now)
            let there = try await PluginReader(names: bus.names, redis: redis).starts(of: plugin)
            // A host that is gone, as that of a container that was made anew, comes back under no name.
            let gone = there.filter { now - $0.value.seen >= StartRecord.memory }.keys
            if !gone.isEmpty { _ = try await redis.send(RedisCommand(words: ["HDEL", watch.key] + gone)).get() }
            let record = StartRecord(pid: pid, now: now, after: there[bus.host], isAlive: isAlive)
            try await watch.write(record, on: redis)
            return watch
        }
    }

    /// Notes that the process is still there; removes the record once it has proven itself.
    ///
    /// - Returns: Whether there is nothing left to note: it has, or another process has started on this host since.
    /// - Throws: `RedisError`.
    package func beat() async throws -> Bool {
        try await bus.withConnection(named: plugin.rawValue) { redis in
            guard var record = try await own(on: redis) else { return true }
            let now = try RedisClock.milliseconds(try await redis.send(RedisCommand("TIME")).get())
            guard now - started < StartRecord.proof else {
                _ = try await redis.send(RedisCommand("HDEL", key, bus.host)).get()
                return true
            }
            record.seen = now
            try await write(record, on: redis)
            return false
        }
    }

    /// Removes the record: the process ends cleanly.
    ///
    /// - Throws: `RedisError`.
    package func end() async throws {
        try await bus.withConnection(named: plugin.rawValue) { redis in
            guard try await own(on: redis) != nil else { return }
            _ = try await redis.send(RedisCommand("HDEL", key, bus.host)).get()
        }
    }

    /// This process's record; nil where it is gone or another one's.
    private func own(on redis: RedisConnection) async throws -> StartRecord? {
        let record = try await PluginReader(names: bus.names, redis: redis).starts(of: plugin)[bus.host]
        return record.flatMap { $0.pid == pid && $0.started == started ? $0 : nil }
    }

    private func write(_ record: StartRecord, on redis: RedisConnection) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = String(decoding: try encoder.encode(record), as: UTF8.self)
        let replies = try await redis.pipeline([
            RedisCommand("HSET", key, bus.host, text), RedisCommand("PEXPIRE", key, "\(StartRecord.memory)"),
        ]).get()
        for reply in replies { _ = try reply.get() }
    }
}

extension PluginReader {
    /// Host → the record of the last start there; what cannot be read is none.
    func starts(of plugin: PluginName) async throws -> [String: StartRecord] {
        try await texts(names.starts(plugin)).compactMapValues { text in
            try? JSONDecoder().decode(StartRecord.self, from: Data(text.utf8))
        }
    }

    /// Where processes of a plugin crash again and again, by host.
    func crashLoops(of plugin: PluginName) async throws -> [CrashLoop] {
        let starts = try await starts(of: plugin)
        guard !starts.isEmpty else { return [] }
        let now = try RedisClock.milliseconds(try await redis.send(RedisCommand("TIME")).get())
        return starts.sorted { $0.key < $1.key }.compactMap { CrashLoop(host: $0, $1, now: now) }
    }
}
