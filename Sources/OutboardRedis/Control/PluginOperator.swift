import NIOCore
package import Outboard
package import RedisClient

/// Changes what is wanted of plugins: for the command line and the admin API.
///
/// A change is a field of the plugin's control hash, a higher revision, and a message that tells the replicas, which also
/// look for themselves each second.
package struct PluginOperator: Sendable {
    private let names: RedisNames
    private let redis: RedisConnection

    package init(names: RedisNames, redis: RedisConnection) {
        self.names = names
        self.redis = redis
    }

    /// What is wanted now.
    ///
    /// - Throws: `RedisError`, also where the hash makes no sense.
    package func control(of plugin: PluginName) async throws -> PluginControl {
        let key = names.pluginControl(plugin)
        return try PluginControl(reading: try await redis.send(RedisCommand("HGETALL", key)).get(), key: key)
    }

    /// The settings that a change would leave; nothing is changed.
    ///
    /// - Throws: `PluginChangeRefusal`, `RedisError`.
    package func config(after wanted: PluginChange, of plugin: PluginName) async throws -> [String: JSONValue] {
        try await check(wanted, of: plugin)
        return wanted.config(after: try await control(of: plugin).config)
    }

    private func check(_ wanted: PluginChange, of plugin: PluginName) async throws {
        guard try await isKnown(plugin) else { throw PluginChangeRefusal.unknown }
        guard wanted.config != nil else { return }
        guard let schema = try await PluginReader(names: names, redis: redis).manifest(of: plugin)?.schema else {
            throw PluginChangeRefusal.wrong(["\(plugin) has no manifest that can be read"])
        }
        let problems = wanted.problems(schema, of: plugin)
        guard problems.isEmpty else { throw PluginChangeRefusal.wrong(problems) }
    }

    /// Makes a change, after any that somebody else makes at the same time.
    ///
    /// - Returns: What is wanted now.
    /// - Throws: `PluginChangeRefusal`, or `RedisError`.
    package func make(_ wanted: PluginChange, of plugin: PluginName) async throws -> PluginControl {
        try await check(wanted, of: plugin)
        while true {
            let before = try await control(of: plugin)
            var fields: [(String, String)] = []
            if let state = wanted.state {
                fields += [
                    (RedisNames.Control.state, state.rawValue), (RedisNames.Control.reason, wanted.reason ?? ""),
                ]
            }
            if wanted.config != nil {
                fields.append((RedisNames.Control.config, JSONValue.object(wanted.config(after: before.config)).text))
            }
            guard !fields.isEmpty else { return before }
            if try await change(plugin, from: before.revision, fields) != nil { return try await control(of: plugin) }
        }
    }

    /// Enables or disables a plugin.
    ///
    /// - Parameter reason: For people who wonder later; may be empty.
    /// - Returns: The revision with which replicas answer in their hash.
    @discardableResult
    package func set(_ state: PluginControl.State, of plugin: PluginName, reason: String) async throws -> Int64 {
        let revision = try await change(
            plugin, from: nil,
            [(RedisNames.Control.state, state.rawValue), (RedisNames.Control.reason, reason)])
        return revision ?? 0
    }

    /// Sets the configuration: the settings that differ.
    ///
    /// - Parameter revision: That from which the change was made.
    /// - Returns: The new revision; nil if somebody else has changed something since, and then nothing was changed.
    package func configure(
        _ plugin: PluginName, _ config: [String: JSONValue], from revision: Int64
    ) async throws -> Int64? {
        try await change(plugin, from: revision, [(RedisNames.Control.config, JSONValue.object(config).text)])
    }

    private func isKnown(_ plugin: PluginName) async throws -> Bool {
        try await redis.send(RedisCommand("SISMEMBER", names.plugins, plugin.rawValue)).get().int64() == 1
    }

    /// Deletes every key of a plugin and its name.
    ///
    /// - Returns: How many keys there were.
    /// - Throws: `PluginChangeRefusal` where it is unknown or a replica of it lives, or `RedisError`.
    package func forget(_ plugin: PluginName) async throws -> Int {
        let reader = PluginReader(names: names, redis: redis)
        guard try await isKnown(plugin) else { throw PluginChangeRefusal.unknown }
        let replicas = try await reader.detail(of: plugin).plugin.replicas
        guard replicas == 0 else { throw PluginChangeRefusal.lives(replicas) }
        let keys = try await reader.keys(beginningWith: names.prefix(plugin))
        _ = try await redis.send(RedisCommand("SREM", names.plugins, plugin.rawValue)).get()
        for start in stride(from: 0, to: keys.count, by: 500) {
            let some = keys[start..<min(start + 500, keys.count)]
            _ = try await redis.send(RedisCommand(words: ["UNLINK"] + some)).get()
        }
        return keys.count
    }

    private func change(
        _ plugin: PluginName, from known: Int64?, _ fields: [(String, String)]
    ) async throws -> Int64? {
        var arguments = RedisArguments()
        arguments.append(known.map(String.init) ?? "")
        for (field, value) in fields {
            arguments.append(field)
            arguments.append(value)
        }
        let revision = try await redis.evaluate(Scripts.control, keys: [names.prefix(plugin)], arguments: arguments)
            .get().int64()
        guard revision > 0 else { return nil }
        let news = ControlMessage(plugin: plugin.rawValue, kind: .control, revision: Int(revision))
        _ = try await redis.send(RedisCommand("PUBLISH", names.control, try news.json())).get()
        return revision
    }
}
