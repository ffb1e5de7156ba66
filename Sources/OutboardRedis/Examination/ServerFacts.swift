/// What a Redis says of itself; what our user may not ask is nil.
struct ServerFacts {
    /// A command that Redis did not let somebody use.
    struct Denial: Equatable {
        let user: String
        /// `command`, `key`, `channel` or `auth`.
        let reason: String
        /// The command, key or channel.
        let object: String
        let times: Int64
        let secondsAgo: Int64
    }

    /// A question of our own that was refused.
    struct Refusal: Equatable {
        let question: String
        let reason: String
        /// Whether our user is not allowed to ask (NOPERM).
        let isPermission: Bool
    }

    var place = ""
    /// As `ACL WHOAMI` says it.
    var user = "default"
    /// Fields of `INFO`.
    var info: [String: String]?
    var outputBufferLimit: String?
    /// How far Redis's clock is ahead of ours, in milliseconds.
    var clockAhead: Int64 = 0
    /// Of `ACL LOG`.
    var denials: [Denial] = []
    var refusals: [Refusal] = []
}
