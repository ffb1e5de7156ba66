import Foundation
import Processes

/// What `outboard up` will run.
struct UpPlan {
    let replicas: [Replica]
    let redisPort: Int
    /// A Redis that somebody else runs; nil if we run our own.
    let redisURL: String?
    let httpPort: String
    /// The folder of the programs.
    let programs: URL

    init(replicas: [Replica], redisPort: Int, redisURL: String?, httpPort: String, programs: URL) {
        self.replicas = replicas
        self.redisPort = redisPort
        self.redisURL = redisURL.flatMap { $0.isEmpty ? nil : $0 }
        self.httpPort = httpPort
        self.programs = programs
    }

    /// - Throws: `UpFailure` that names every missing program.
    func checkPrograms() throws(UpFailure) {
        var names = ["outboard-core"]
        for replica in replicas where !names.contains(replica.service) { names.append(replica.service) }
        let missing = names.filter { !ExecutableSearch.isExecutable(path($0)) }
        guard missing.isEmpty else {
            let list = missing.joined(separator: ", ")
            throw UpFailure(.usage, "not found in \(programs.path): \(list); build with: make build")
        }
    }

    /// The core and the services.
    var children: [Child] {
        let environment = ["OUTBOARD_REDIS_URL": redisURL ?? "redis://127.0.0.1:\(redisPort)"]
        let core = Child(label: "core", command: Command(path("outboard-core"), environment: environment))
        return [core]
            + replicas.map { Child(label: $0.label, command: Command(path($0.service), environment: environment)) }
    }

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
        if let first = replicas.first {
            lines.append("  \(client) hgetall 'outboard:{\(first.service)}:counters'")
        }
        return (lines + ["Ctrl-C stops it."]).joined(separator: "\n")
    }

    private func path(_ program: String) -> String { programs.appending(path: program).path }
}
