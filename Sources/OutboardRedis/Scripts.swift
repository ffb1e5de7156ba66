import RedisClient

/// The Lua scripts of the protocol; each is a file in `Scripts/` whose head names keys, arguments and reply.
enum Scripts {
    static let admit = RedisScript(name: "admit", source: PackageResources.admit_lua)
    static let apply = RedisScript(name: "apply", source: PackageResources.apply_lua)
    static let control = RedisScript(name: "control", source: PackageResources.control_lua)
    static let declare = RedisScript(name: "declare", source: PackageResources.declare_lua)
    static let forget = RedisScript(name: "forget", source: PackageResources.forget_lua)
    static let since = RedisScript(name: "since", source: PackageResources.since_lua)
}
