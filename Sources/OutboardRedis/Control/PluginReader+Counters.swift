import NIOCore
package import Outboard
import RedisClient

extension PluginReader {
    /// How much is read of what may be long.
    package struct Limits: Sendable {
        /// Buckets of each series, the last ones.
        package var buckets = 60
        /// Members of each rank, the first ones.
        package var ranked = 100

        package init(buckets: Int = 60, ranked: Int = 100) {
            self.buckets = buckets
            self.ranked = ranked
        }
    }

    /// What a plugin has written, or nil if no plugin of this name ever registered.
    package func counters(of plugin: PluginName, limits: Limits = Limits()) async throws -> PluginCounters? {
        let isKnown = try await redis.send(RedisCommand("SISMEMBER", names.plugins, plugin.rawValue)).get().int64() == 1
        guard isKnown else { return nil }
        var found = PluginCounters(plugin: plugin.rawValue)
        found.counters = try await numbers(names.counters(plugin))
        found.maximum = try await numbers(names.maximum(plugin))
        found.minimum = try await numbers(names.minimum(plugin))
        found.rejected = try await numbers(names.rejected(plugin))
        var series: [String: [String: [String]]] = [:]
        for key in try await keys(beginningWith: names.prefix(plugin)) {
            if let name = name(in: key, names.counterFamily(plugin, "")) {
                let family = try await numbers(key)
                if !family.isEmpty { found.families[name] = family }
            } else if let name = name(in: key, names.histogram(plugin, "")) {
                found.histograms[name] = HistogramSummary(hash: try await numbers(key))
            } else if let rest = name(in: key, names.fieldHistograms(plugin, "")), let colon = rest.firstIndex(of: ":")
            {
                // Without a field it is the list of fields, which says nothing that the histograms do not.
                let (name, field) = (String(rest[..<colon]), String(rest[rest.index(after: colon)...]))
                found.fieldHistograms[name, default: [:]][field] = HistogramSummary(hash: try await numbers(key))
            } else if let name = name(in: key, names.rank(plugin, "")) {
                found.ranks[name] = try await ranked(key, limits.ranked)
            } else if let name = name(in: key, names.unique(plugin, "")) {
                found.uniques[name] = try await cardinality(key)
            } else if let rest = name(in: key, names.series(plugin, "")) {
                let parts = rest.split(separator: ":").map(String.init)
                if parts.count == 3 { series[parts[0], default: [:]][parts[1], default: []].append(key) }
            }
        }
        for (name, units) in series {
            for (unit, keys) in units {
                found.series[name, default: [:]][unit] = try await buckets(keys, limits.buckets)
            }
        }
        return found
    }

    private func name(in key: String, _ prefix: String) -> String? {
        key.hasPrefix(prefix) ? String(key.dropFirst(prefix.count)) : nil
    }

    /// The last buckets of keys that are in order of their days.
    private func buckets(_ keys: [String], _ limit: Int) async throws -> [PluginCounters.Bucket] {
        var buckets: [PluginCounters.Bucket] = []
        for key in keys.reversed() where buckets.count < limit {
            let day = try await numbers(key).sorted { $0.key < $1.key }
            buckets = day.map { PluginCounters.Bucket(start: $0.key, value: $0.value) } + buckets
        }
        return Array(buckets.suffix(limit))
    }

    private func ranked(_ key: String, _ limit: Int) async throws -> [PluginCounters.Ranked] {
        guard limit > 0 else { return [] }
        return try await pairs(RedisCommand("ZREVRANGE", key, "0", "\(limit - 1)", "WITHSCORES")).map { member, score in
            let rounded = (Double(score) ?? 0).rounded()
            return PluginCounters.Ranked(
                member: member, score: Int64(exactly: rounded) ?? (rounded < 0 ? .min : .max))
        }
    }

    private func cardinality(_ key: String) async throws -> Int64? {
        do {
            return try await redis.send(RedisCommand("PFCOUNT", key)).get().int64()
        } catch let error as RedisError where error.serverCode == "WRONGTYPE" {
            return nil
        }
    }
}
