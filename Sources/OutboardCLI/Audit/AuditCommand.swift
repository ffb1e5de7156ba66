import ArgumentParser
import Foundation
import NIOCore
import Outboard
import OutboardRedis
import RedisClient

/// `outboard audit`: whether the books of the plugins balance, from Redis alone.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Checks that every event is accounted for.",
        discussion: """
            For each source: handled + failed + missed + skipped + baseline = applied. What the publishers' records \
            say beyond that is in flight. The books of one plugin are read in one moment, so a busy bus gives no \
            false alarm.

            Exit codes: 0 the books balance, 1 they do not or cannot be read, 64 bad usage, 69 Redis not reachable.
            """)

    @Argument(help: "A plugin (default: all that ever registered)")
    var plugin: String?

    @OptionGroup var bus: BusOptions

    @Flag(help: "Writes JSON; with --watch one line each second.")
    var json = false

    @Flag(help: "Lists every source.")
    var sources = false

    @Flag(help: "Looks again each second, until Ctrl-C.")
    var watch = false

    private static let pace = Duration.seconds(1)

    @concurrent func run() async throws {
        try await CommandFailure.explained {
            let configuration = try bus.configuration()
            let plugin = try plugin.map { try PluginName($0) }
            let holds =
                watch
                ? await watching(plugin, configuration) : try await once(plugin, configuration)
            if !holds { throw ExitCode(1) }
        }
    }

    private func once(_ plugin: PluginName?, _ configuration: BusConfiguration) async throws -> Bool {
        let found = try await BusOptions.withConnection(configuration) { connection in
            try await Self.audits(of: plugin, configuration.names, on: connection)
        }
        Output.write(try text(found))
        return found.allSatisfy(\.holds)
    }

    /// Paints until a signal; what cannot be asked is painted, too, because it may come back.
    ///
    /// - Returns: Whether the last look found that all holds.
    private func watching(_ plugin: PluginName?, _ configuration: BusConfiguration) async -> Bool {
        let stop = StopSignals()
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await stop.first()
                return true
            }
            group.addTask { await paint(plugin, configuration) }
            _ = await group.next()
            group.cancelAll()
            // The painter's own verdict counts, whoever ended first.
            return await group.reduce(true) { $0 && $1 }
        }
    }

    private func paint(_ plugin: PluginName?, _ configuration: BusConfiguration) async -> Bool {
        var connection: RedisConnection?
        var holds = true
        while !Task.isCancelled {
            do {
                let open: RedisConnection
                if let connection { open = connection } else { open = try await BusOptions.connect(configuration) }
                connection = open
                let audits = try await Self.audits(of: plugin, configuration.names, on: open)
                holds = audits.allSatisfy(\.holds)
                Output.write((json ? "" : Self.top) + (try text(audits)))
            } catch is CancellationError {
                break
            } catch {
                holds = false
                if let connection { try? await connection.close().get() }  // it may have ended already
                connection = nil
                let problem = Printable.text("\(error)")
                if json {
                    FileHandle.standardError.write(Data("outboard: \(problem)\n".utf8))
                } else {
                    Output.write(Self.top + "Redis cannot be asked: \(problem)\n")
                }
            }
            try? await Task.sleep(for: Self.pace)  // only a cancellation ends it early
        }
        if let connection { try? await connection.close().get() }  // it may have ended already
        return holds
    }

    /// Moves to the top of a terminal and clears it; elsewhere an empty line keeps the looks apart.
    private static var top: String { isatty(STDOUT_FILENO) == 1 ? "\u{1B}[H\u{1B}[2J" : "\n" }

    private func text(_ audits: [PluginAudit]) throws -> String {
        if json { return try JSONText.of(AuditJSON(audits), lines: watch ? .one : .many) }
        guard !audits.isEmpty else { return "no plugin has registered on this bus yet\n" }
        return audits.map { AuditReport($0).text(sources: sources) }.joined(separator: "\n")
    }

    private static func audits(
        of plugin: PluginName?, _ names: RedisNames, on connection: RedisConnection
    ) async throws -> [PluginAudit] {
        let reader = BookReader(names: names, redis: connection)
        let registered = try await reader.plugins()
        guard let plugin else {
            var audits: [PluginAudit] = []
            for name in registered { audits.append(PluginAudit(try await reader.books(of: name))) }
            return audits
        }
        let books = try await reader.books(of: plugin)
        // Books may outlive a set that somebody deleted.
        guard registered.contains(plugin) || !books.isEmpty else {
            throw UnknownPlugin(name: plugin, known: registered)
        }
        return [PluginAudit(books)]
    }
}
