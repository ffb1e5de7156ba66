import NIOCore
import Outboard
import RedisClient

/// Asks a Redis about itself. What our user may not ask is noted instead of ending the examination.
struct ServerExamination {
    private let redis: RedisConnection
    private let place: String
    /// What `CLIENT LIST` shows of us.
    private let clientName: String

    init(_ redis: RedisConnection, place: String, clientName: String) {
        self.redis = redis
        self.place = place
        self.clientName = clientName
    }

    /// - Throws: `RedisError` if the connection is lost.
    func facts() async throws -> ServerFacts {
        var facts = ServerFacts()
        facts.place = place
        // An unknown command before Redis 6 is a user before there were users.
        if let user = try await ask("ACL WHOAMI", noting: &facts) { facts.user = try user.string() }
        facts.info = try await ask("INFO", noting: &facts).map { Self.fields(try $0.string()) }
        facts.outputBufferLimit = try await ask("CONFIG GET", about: "client-output-buffer-limit", noting: &facts)?
            .stringPairs().first?.1
        facts.clockAhead = try await clockAhead()
        facts.denials = try await ask("ACL LOG", about: "20", noting: &facts)?.array().compactMap(denial) ?? []
        return facts
    }

    private func ask(
        _ question: String, about argument: String? = nil, noting facts: inout ServerFacts
    ) async throws -> RedisValue? {
        let words = question.split(separator: " ").map(String.init) + (argument.map { [$0] } ?? [])
        do {
            return try await redis.send(RedisCommand(words: words)).get()
        } catch let error as RedisError where error.code == .serverReply {
            facts.refusals.append(
                .init(question: question, reason: error.message, isPermission: error.serverCode == "NOPERM"))
            return nil
        }
    }

    /// Redis's time against the middle of ours before and after the question.
    private func clockAhead() async throws -> Int64 {
        let before = Timestamp.now.microseconds
        let theirs = try RedisClock.milliseconds(try await redis.send(RedisCommand("TIME")).get())
        let after = Timestamp.now.microseconds
        return theirs - (before + (after - before) / 2) / 1_000
    }

    /// `name:value` lines.
    private static func fields(_ info: String) -> [String: String] {
        info.split(whereSeparator: \.isNewline).reduce(into: [:]) { fields, line in
            guard let colon = line.firstIndex(of: ":") else { return }
            fields[String(line[..<colon])] = String(line[colon...].dropFirst())
        }
    }

    private func denial(_ entry: RedisValue) -> ServerFacts.Denial? {
        // An entry of another form is one of a newer Redis; it is left out.
        guard let pairs = try? entry.stringPairs() else { return nil }
        let fields = Dictionary(pairs) { $1 }
        guard let user = fields["username"], let reason = fields["reason"] else { return nil }
        // What we ourselves may not ask is said where we ask it.
        let words = fields["client-info"]?.split(separator: " ") ?? []
        guard !words.contains("name=\(clientName)") else { return nil }
        return ServerFacts.Denial(
            user: user, reason: reason, object: fields["object"] ?? "",
            times: fields["count"].flatMap { Int64($0) } ?? 1,
            secondsAgo: fields["age-seconds"].flatMap { Double($0) }.flatMap { Int64(exactly: $0.rounded()) } ?? 0)
    }
}
