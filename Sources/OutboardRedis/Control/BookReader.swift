import NIOCore
package import Outboard
package import RedisClient

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads books from Redis so that a moving system gives no false alarm: one plugin's books in one `MULTI`, which is one
/// moment, and the publishers' records behind it.
///
/// It only reads. What is not a book is noted as damage instead of ending the audit.
package struct BookReader: Sendable {
    private let names: RedisNames
    private let redis: RedisConnection

    package init(names: RedisNames, redis: RedisConnection) {
        self.names = names
        self.redis = redis
    }

    /// The plugins that ever registered, by name.
    package func plugins() async throws -> [PluginName] {
        try await redis.send(RedisCommand("SMEMBERS", names.plugins)).get().array()
            // A member that is no name was not written by a service of ours.
            .compactMap { try? PluginName($0.string()) }
            .sorted { $0.rawValue < $1.rawValue }
    }

    /// - Throws: `RedisError` if Redis cannot be asked.
    package func books(of plugin: PluginName) async throws -> PluginBooks {
        var books = PluginBooks(plugin: plugin)
        let keys = Book.allCases.map { names.book(plugin, $0) }
        let snapshot = try await atomically(
            keys.map { RedisCommand("HGETALL", $0) } + [
                RedisCommand("HGETALL", names.totals(plugin)), RedisCommand("HGETALL", names.rejected(plugin)),
                RedisCommand("ZRANGE", names.retired(plugin), "0", "-1"),
                RedisCommand("GET", names.manifest(plugin)),
            ])
        for (index, book) in Book.allCases.enumerated() {
            books.books[book] = try await numbers(snapshot[index], of: keys[index], &books.damages)
        }
        let rest = snapshot[keys.count...]
        let totals = try await numbers(rest[keys.count], of: names.totals(plugin), &books.damages)
        for (field, number) in totals {
            guard let book = Book(rawValue: field) else {
                books.damages.append(Self.stranger(field, in: names.totals(plugin)))
                continue
            }
            books.forgotten[book] = number
        }
        books.rejected = try await numbers(rest[keys.count + 1], of: names.rejected(plugin), &books.damages)
        let retired = Set(Self.texts(rest[keys.count + 2]))
        let types = Self.subscribedTypes(rest[keys.count + 3])
        try await readRecords(into: &books, types: types, retired: retired)
        return books
    }

    /// Runs commands as one transaction and returns their replies; a refused one is an `.error` among them.
    private func atomically(_ commands: [RedisCommand]) async throws -> [RedisValue] {
        let replies = try await redis.pipeline([RedisCommand("MULTI")] + commands + [RedisCommand("EXEC")]).get()
        for reply in replies.dropLast() { _ = try reply.get() }
        guard let values = try replies.last?.get().array(), values.count == commands.count else {
            throw RedisError(code: .unexpectedReply, message: "EXEC answers with one reply a command")
        }
        return values
    }

    // MARK: Records

    /// Reads the records of all publishers that the books name or that are alive. Retired ones are in the totals.
    private func readRecords(into books: inout PluginBooks, types: Set<String>, retired: Set<String>) async throws {
        let alive = try await redis.send(RedisCommand("ZRANGE", names.publishers, "0", "-1")).get()
        var publishers = Set(Self.texts(alive))
        var types = types
        for source in books.books.values.flatMap(\.keys) {
            guard let parsed = EventSource(source) else { continue }
            publishers.insert(parsed.publisher)
            types.insert(parsed.type)
        }
        publishers.subtract(retired)
        let known = publishers.sorted()
        guard !known.isEmpty else { return }
        let records = try await redis.pipeline(known.map { RedisCommand("HGETALL", names.publisher($0)) }).get()
        for (publisher, record) in zip(known, records) {
            // A record that is no hash belongs to its publisher, not to this plugin: it counts as none.
            guard case .success(let value) = record else { continue }
            for (field, text) in try value.stringPairs() {
                guard let slash = field.lastIndex(of: "/"), types.contains(String(field[..<slash])),
                    let number = Int64(text), number >= 0
                else { continue }
                books.published["/\(publisher)/\(field)"] = number
            }
        }
    }

    private static func subscribedTypes(_ manifest: RedisValue) -> Set<String> {
        struct Subscription: Decodable {
            let subscribes: [String]?
        }
        guard case .bulk(let bytes) = manifest else { return [] }
        // Without a manifest that can be read only the sources in the books are known.
        return Set((try? JSONDecoder().decode(Subscription.self, from: Data(bytes)))?.subscribes ?? [])
    }

    private static func texts(_ value: RedisValue) -> [String] {
        guard case .array(let members) = value else { return [] }
        return members.compactMap { try? $0.string() }  // members are texts; an error is none
    }

    // MARK: Damage

    private func numbers(
        _ reply: RedisValue, of key: String, _ damages: inout [PluginBooks.Damage]
    ) async throws -> [String: Int64] {
        if case .error = reply {
            let kind = try await redis.send(RedisCommand("TYPE", key)).get().string()
            damages.append(
                PluginBooks.Damage(
                    place: key, problem: "is a \(kind), not a hash",
                    mend: "see what it holds, then delete or rename it: RENAME \(key) \(key):damaged"))
            return [:]
        }
        var numbers: [String: Int64] = [:]
        for (field, text) in try reply.stringPairs() {
            if let number = Int64(text), number >= 0 {
                numbers[field] = number
            } else {
                damages.append(
                    PluginBooks.Damage(
                        place: "\(key) \(field)", problem: "'\(text.prefix(40))' is not a number of events",
                        mend: "set it to what balances the other books of that source: HSET \(key) \(field) NUMBER"))
            }
        }
        return numbers
    }

    private static func stranger(_ field: String, in key: String) -> PluginBooks.Damage {
        PluginBooks.Damage(
            place: "\(key) \(field)", problem: "is not the name of a book", mend: "remove it: HDEL \(key) \(field)")
    }
}
