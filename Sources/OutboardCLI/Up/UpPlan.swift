import Foundation
import Outboard
import OutboardRedis
import Processes

/// What `outboard up` will run.
struct UpPlan {
    let replicas: [Replica]
    /// Services that were asked to have no replica.
    let unloaded: Set<String>
    let redisPort: Int
    /// A Redis that somebody else runs; nil if we run our own.
    let redisURL: String?
    let httpPort: String
    /// The folder of the programs.
    let programs: URL
    /// The folder of its own data.
    let data: URL
    let names: RedisNames

    init(
        replicas: [Replica], unloaded: Set<String> = [], redisPort: Int, redisURL: String?, httpPort: String,
        programs: URL, data: URL, names: RedisNames = RedisNames()
    ) {
        self.replicas = replicas
        self.unloaded = unloaded
        self.redisPort = redisPort
        self.redisURL = redisURL.flatMap { $0.isEmpty ? nil : $0 }
        self.httpPort = httpPort
        self.programs = programs
        self.data = data
        self.names = names
    }

    /// Notes every missing program.
    func checkPrograms(_ problems: inout SettingsProblems) {
        var names = ["outboard-core"]
        for replica in replicas where !names.contains(replica.service) { names.append(replica.service) }
        let missing = names.filter { !ExecutableSearch.isExecutable(path($0)) }
        if !missing.isEmpty {
            problems.add("not found in \(programs.path): \(missing.joined(separator: ", ")); build with: make build")
        }
        if redisURL == nil, ExecutableSearch.inPath("redis-server") == nil {
            problems.add(
                "redis-server is not in PATH; install it (Debian and Ubuntu: apt-get install redis-server), or set "
                    + "OUTBOARD_REDIS_URL")
        }
    }

    private var environment: [String: String] {
        ["OUTBOARD_REDIS_URL": redisURL ?? ownRedisURL]
    }

    /// Where our own Redis is, if we run one.
    var ownRedisURL: String { "redis://127.0.0.1:\(redisPort)" }

    /// The core, which is told where to say what is wanted of the services.
    var core: Child {
        let environment = environment.merging(["OUTBOARD_UP_DIR": data.absoluteURL.path]) { $1 }
        return Child(label: "core", command: Command(path("outboard-core"), environment: environment))
    }

    /// The replicas of a service.
    func children(of name: String, _ service: WantedService) -> [Child] {
        (0..<service.replicas).map { number in
            Child(
                label: Replica(service: name, number: number + 1).label,
                command: Command(service.program ?? path(name), environment: environment))
        }
    }

    /// Whether the program of a service is there.
    func hasProgram(_ name: String) -> Bool { ExecutableSearch.isExecutable(path(name)) }

    /// Our own Redis, with its data in a folder; the executable is `server`.
    func redis(server: String, data: URL) -> Child {
        Child(
            label: "redis",
            command: Command(
                server,
                [
                    "--port", "\(redisPort)", "--bind", "127.0.0.1", "--dir", data.path, "--appendonly", "yes",
                    "--save", "", "--maxmemory-policy", "noeviction", "--loglevel", "warning",
                ]))
    }

    /// What to say when everything is ready.
    var welcome: String {
        let client = redisURL == nil ? "redis-cli -p \(redisPort)" : "redis-cli -u \"$OUTBOARD_REDIS_URL\""
        var lines = ["ready; try:", "  curl localhost:\(httpPort)/hello"]
        // Any request shows there at once; others may count only what went wrong, or have no counters.
        let telling = replicas.first { $0.service == "request-counter" } ?? replicas.first
        if let telling, let plugin = try? PluginName(telling.service) {
            lines.append("  \(client) hgetall '\(names.counters(plugin))'")
        }
        return (lines + ["Ctrl-C stops it."]).joined(separator: "\n")
    }

    private func path(_ program: String) -> String { programs.appending(path: program).path }
}
