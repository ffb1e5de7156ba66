/// A plugin as a service of this repository: what is written, and what a person adds to the lists of services.
struct ServiceFiles {
    let plugin: NewPlugin

    /// Path → text of its files.
    var files: [String: String] {
        let files = PluginFiles(plugin: plugin)
        let folder = "Services/\(plugin.type)"
        return [
            "\(folder)/\(plugin.type).swift": files.source,
            "\(folder)/README.md": files.readme(
                usage: "    redis-cli -p 6390 hgetall 'outboard:{\(plugin.name)}:counters:path'"),
            "Tests/ServicesTests/\(plugin.type)Tests.swift": files.test,
        ]
    }

    /// What to add where.
    var additions: String {
        """
        Now add it to the lists of services.

        Package.swift, products:
                .executable(name: "\(plugin.name)", targets: ["\(plugin.type)"]),

        Package.swift, targets:
                .executableTarget(
                    name: "\(plugin.type)",
                    dependencies: ["Outboard", "OutboardService"],
                    path: "Services/\(plugin.type)",
                    exclude: ["README.md"],
                    packageAccess: false,
                    swiftSettings: strict),

        Package.swift, dependencies of the test target ServicesTests:
                "\(plugin.type)",

        Makefile, at the end of PRODUCTS; Dockerfile, at the end of the list behind `for product in`:
         \(plugin.name)

        compose.yaml, services:
          \(plugin.name):
            <<: *hardened
            build:
              context: .
              args: {PRODUCT: \(plugin.name)}
            image: outboard-\(plugin.name)
            environment:
              <<: *bus
            tmpfs: ["/tmp:size=16m,mode=1777"]
            networks: [bus]
            depends_on:
              redis: {condition: service_healthy}

        Then `make up` runs it, and `swift test --filter ServicesTests` tests it.
        """
    }
}
