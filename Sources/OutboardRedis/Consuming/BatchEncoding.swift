import Outboard
import RedisClient

/// Writes a batch as arguments of `apply.lua` and reads its reply.
enum BatchEncoding {
    /// What Redis did with one group.
    enum Outcome: Equatable {
        case applied
        /// The fences of the group's sources, in order; nil where there is none.
        case refused([UInt64?])
    }

    static func arguments(_ groups: [Batch.Group], sources: [ReplicaSource], maxFields: Int) -> RedisArguments {
        var arguments = RedisArguments()
        arguments.append(maxFields)
        for group in groups {
            arguments.append(group.ranges.count)
            for range in group.ranges {
                arguments.append(sources[range.source].text)
                arguments.append(range.from)
                arguments.append(range.to)
                arguments.append(range.handled)
                arguments.append(range.failed)
            }
            arguments.append(group.effects.count)
            group.effects.forEach { append($0, to: &arguments) }
            arguments.append(group.effects.rejected.count)
            for (key, events) in group.effects.rejected {
                arguments.append(key)
                arguments.append(events)
            }
        }
        return arguments
    }

    private static func append(_ effect: MergedEffect, to arguments: inout RedisArguments) {
        arguments.append(word(effect.kind))
        arguments.append(effect.key)
        arguments.append(effect.fieldText)
        arguments.append(effect.value)
        arguments.append(effect.events)
        arguments.append(effect.kind.unit?.lifetimeSeconds ?? 0)
    }

    /// The word by which the script knows what to do.
    private static func word(_ kind: EffectKind) -> String {
        switch kind {
        case .counter: "counter"
        case .family: "family"
        case .minute, .hour, .day: "series"
        case .bucket, .bucketCount, .bucketSum: "bucket"
        case .rank: "rank"
        case .fieldCount, .fieldBucket, .fieldSum: "histograms"
        case .unique, .uniqueDay: "unique"
        case .maximum: "maximum"
        case .minimum: "minimum"
        }
    }

    /// - Throws: `RedisError` coded `.unexpectedReply` unless there is one answer a group, one fence a source.
    static func outcomes(_ reply: RedisValue, groups: [Batch.Group]) throws -> [Outcome] {
        let answers = try reply.array()
        guard answers.count == groups.count else { throw unexpected("\(answers.count) answers", groups.count) }
        return try zip(answers, groups).map { answer, group in
            if case .integer = answer { return .applied }
            let fences = try fences(answer)
            guard fences.count == group.ranges.count else { throw unexpected("\(fences.count) fences", fences.count) }
            return .refused(fences)
        }
    }

    /// Fences as text, empty where there is none.
    static func fences(_ reply: RedisValue) throws -> [UInt64?] {
        try reply.array().map { fence in
            let text = try fence.string()
            if text.isEmpty { return nil }
            guard let number = UInt64(text) else { throw unexpected("fence '\(text)'", 1) }
            return number
        }
    }

    /// Answers to declarations: the fence of each source, and whether the declaration moved it.
    static func declarations(_ reply: RedisValue) throws -> [(fence: UInt64?, isBooked: Bool)] {
        let answers = try reply.array()
        guard answers.count.isMultiple(of: 2) else { throw unexpected("\(answers.count) halves", answers.count / 2) }
        return try zip(
            fences(.array(stride(from: 0, to: answers.count, by: 2).map { answers[$0] })),
            stride(from: 1, to: answers.count, by: 2).map { try answers[$0].int64() == 1 }
        ).map { ($0, $1) }
    }

    private static func unexpected(_ what: String, _ expected: Int) -> RedisError {
        RedisError(code: .unexpectedReply, message: "a script of ours answered with \(what) for \(expected)")
    }
}
