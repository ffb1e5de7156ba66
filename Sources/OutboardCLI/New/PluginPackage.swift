/// A plugin as a package of its own.
struct PluginPackage {
    /// Where the package takes Outboard from.
    enum Dependency: Equatable {
        /// A folder, as it is to stand in `Package.swift`.
        case checkout(String)
        /// The public repository.
        case repository

        static let url = "https://github.com/outboard-swift/outboard"

        /// A path as it stands between quotation marks, in Swift and in YAML.
        static func quoted(_ path: String) -> String {
            path.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        }
    }

    let plugin: NewPlugin
    let dependency: Dependency

    private var name: String { plugin.name }
    private var type: String { plugin.type }

    /// Path → text of all its files.
    var files: [String: String] {
        let files = PluginFiles(plugin: plugin)
        return [
            "Package.swift": manifest, "Sources/\(type)/\(type).swift": files.source,
            "Tests/\(type)Tests/\(type)Tests.swift": files.test, "README.md": files.readme(usage: usage),
            "Dockerfile": dockerfile, "compose.yaml": compose, ".dockerignore": ".build/\n", ".gitignore": ".build/\n",
        ]
    }

    private var manifest: String {
        let outboard =
            switch dependency {
            case .checkout(let path):
                """
                // In a container the checkout lies elsewhere.
                        .package(name: "outboard", path: Context.environment["OUTBOARD_CHECKOUT"] ?? "\(Dependency.quoted(path))")
                """
            case .repository: ".package(url: \"\(Dependency.url)\", branch: \"main\")"
            }
        return """
            // swift-tools-version: 6.2
            import PackageDescription

            let package = Package(
                name: "\(name)",
                platforms: [.macOS(.v15)],
                products: [.executable(name: "\(name)", targets: ["\(type)"])],
                dependencies: [
                    \(outboard)
                ],
                targets: [
                    .executableTarget(
                        name: "\(type)",
                        dependencies: [
                            .product(name: "Outboard", package: "outboard"),
                            .product(name: "OutboardService", package: "outboard"),
                        ]),
                    .testTarget(
                        name: "\(type)Tests",
                        dependencies: [
                            "\(type)", .product(name: "Outboard", package: "outboard"),
                            .product(name: "OutboardTesting", package: "outboard"),
                        ]),
                ]
            )

            """
    }

    private var usage: String {
        """
            swift test                                                      # needs libhiredis-dev, pkg-config, redis-server
            OUTBOARD_REDIS_URL=redis://127.0.0.1:6390 swift run \(name)     # beside `make up`
            redis-cli -p 6390 hgetall 'outboard:{\(name)}:counters:path'

        In a container, beside the containers of Outboard: `docker compose up --build`.
        """
    }

    private var dockerfile: String {
        let copy =
            switch dependency {
            case .checkout:
                """
                # Outboard's checkout is a build context of its own (compose.yaml names it).
                COPY --from=outboard Package.swift /outboard/
                COPY --from=outboard Sources /outboard/Sources
                COPY --from=outboard Services /outboard/Services
                COPY --from=outboard Tests /outboard/Tests
                COPY --from=outboard Benchmarks /outboard/Benchmarks
                ENV OUTBOARD_CHECKOUT=/outboard

                """
            case .repository: ""
            }
        return """
            FROM swift:6.3-bookworm AS build
            RUN apt-get update \\
                && apt-get install -y --no-install-recommends libhiredis-dev pkg-config \\
                && rm -rf /var/lib/apt/lists/*
            WORKDIR /src
            \(copy)COPY . .
            RUN swift build -c release --static-swift-stdlib --product \(name) \\
                && install -D -s "$(swift build -c release --static-swift-stdlib --show-bin-path)/\(name)" /out/\(name)

            FROM debian:bookworm-slim
            RUN apt-get update \\
                && apt-get install -y --no-install-recommends libhiredis0.14 ca-certificates tzdata \\
                && rm -rf /var/lib/apt/lists/* \\
                && useradd --system --uid 10001 --user-group --no-create-home outboard
            USER 10001:10001
            COPY --from=build /out/\(name) /usr/local/bin/service
            ENTRYPOINT ["/usr/local/bin/service"]
            HEALTHCHECK --interval=2s --timeout=5s --start-period=30s --retries=3 CMD ["/usr/local/bin/service", "health"]

            """
    }

    private var compose: String {
        let context =
            switch dependency {
            case .checkout(let path): "\n      additional_contexts: {outboard: \"\(Dependency.quoted(path))\"}"
            case .repository: ""
            }
        return """
            # Joins the Redis of Outboard's own compose.yaml; or copy the service to there.
            services:
              \(name):
                build:
                  context: .\(context)
                image: outboard-\(name)
                environment:
                  OUTBOARD_REDIS_URL: redis://redis:6379
                  OUTBOARD_NAMESPACE: "${OUTBOARD_NAMESPACE:-outboard}"
                  OUTBOARD_LOG_LEVEL: "${OUTBOARD_LOG_LEVEL:-info}"
                read_only: true
                cap_drop: [ALL]
                security_opt: ["no-new-privileges:true"]
                restart: unless-stopped
                stop_grace_period: 10s
                pids_limit: 128
                mem_limit: 512m
                tmpfs: ["/tmp:size=16m,mode=1777"]
                networks: [bus]

            networks:
              # Compose calls it by the folder of the checkout in which Outboard was started.
              bus:
                external: true
                name: "${OUTBOARD_NETWORK:-outboard_bus}"

            """
    }
}
