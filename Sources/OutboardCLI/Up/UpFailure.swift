/// Why `outboard up` cannot start or go on, in words for the person who typed it.
struct UpFailure: Error, CustomStringConvertible {
    /// Exit codes of all our programs.
    enum Kind: Int32 {
        case usage = 64
        case redisUnreachable = 69
        case bug = 70
    }

    let kind: Kind
    let description: String
    var exitCode: Int32 { kind.rawValue }

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
