// swift-tools-version: 6.2
import PackageDescription

/// Settings of every target of this package; what they forbid, the build forbids.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

let package = Package(
    name: "outboard",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Outboard", targets: ["Outboard"]),
        .library(name: "OutboardService", targets: ["OutboardService"]),
        .library(name: "OutboardHTTP", targets: ["OutboardHTTP"]),
        .library(name: "OutboardTesting", targets: ["OutboardTesting"]),
        .executable(name: "outboard-core", targets: ["OutboardServer"]),
        .executable(name: "outboard", targets: ["OutboardCLI"]),
        .executable(name: "request-counter", targets: ["RequestCounter"]),
        .executable(name: "latency", targets: ["Latency"]),
        .executable(name: "visitors", targets: ["Visitors"]),
        .executable(name: "top-paths", targets: ["TopPaths"]),
        .executable(name: "errors", targets: ["Errors"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.3.0"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0",
            traits: ["JSON", "CommandLineArguments"]),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.30.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
    ],
    targets: [
        .systemLibrary(name: "CHiredis", pkgConfig: "hiredis", providers: [.apt(["libhiredis-dev"])]),
        .target(
            name: "RedisClient",
            dependencies: ["CHiredis", deque, logging, nioCore, nioPosix, nioSSL, nioTLS],
            swiftSettings: strict),
        .target(name: "Outboard", swiftSettings: strict),
        .target(
            name: "OutboardRedis",
            dependencies: [
                "Outboard", "RedisClient", configuration, deque, logging, nioCore, nioPosix, serviceLifecycle,
            ],
            resources: [
                .embedInCode("Scripts/admit.lua"), .embedInCode("Scripts/apply.lua"),
                .embedInCode("Scripts/control.lua"), .embedInCode("Scripts/declare.lua"),
                .embedInCode("Scripts/forget.lua"), .embedInCode("Scripts/since.lua"),
            ],
            swiftSettings: strict),
        .target(
            name: "OutboardService",
            dependencies: [
                "Outboard", "OutboardRedis", "RedisClient", configuration, logging, nioCore, nioPosix,
                serviceLifecycle, unixSignals,
            ],
            swiftSettings: strict),
        .target(
            name: "OutboardHTTP",
            dependencies: [
                "Outboard", "OutboardRedis", "Processes", "RedisClient", asyncHTTPClient, deque, httpTypes,
                hummingbird, hummingbirdCore, logging, nioCore, nioHTTP1, nioPosix, serviceLifecycle,
            ],
            resources: [.embedInCode("Admin/openapi.json")],
            swiftSettings: strict),
        .executableTarget(
            name: "OutboardServer",
            dependencies: [
                "Outboard", "OutboardHTTP", "OutboardRedis", "Processes", "RedisClient", configuration, hummingbird,
                logging, nioCore, nioPosix, serviceLifecycle, unixSignals,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "OutboardCLI",
            dependencies: [
                "Outboard", "OutboardRedis", "OutboardTesting", "Processes", "RedisClient", argumentParser,
                configuration, logging, nioCore, nioPosix,
            ],
            swiftSettings: strict),
        .target(name: "Processes", swiftSettings: strict),
        .target(
            name: "OutboardTesting",
            dependencies: ["Outboard", "OutboardRedis", "Processes", "RedisClient", logging, nioCore, nioPosix],
            swiftSettings: strict),
        .executableTarget(
            name: "RequestCounter",
            dependencies: ["Outboard", "OutboardService"],
            path: "Services/RequestCounter",
            exclude: ["README.md"],
            packageAccess: false,
            swiftSettings: strict),
        .executableTarget(
            name: "Latency",
            dependencies: ["Outboard", "OutboardService"],
            path: "Services/Latency",
            exclude: ["README.md"],
            packageAccess: false,
            swiftSettings: strict),
        .executableTarget(
            name: "Visitors",
            dependencies: ["Outboard", "OutboardService"],
            path: "Services/Visitors",
            exclude: ["README.md"],
            packageAccess: false,
            swiftSettings: strict),
        .executableTarget(
            name: "TopPaths",
            dependencies: ["Outboard", "OutboardService"],
            path: "Services/TopPaths",
            exclude: ["README.md"],
            packageAccess: false,
            swiftSettings: strict),
        .executableTarget(
            name: "Errors",
            dependencies: ["Outboard", "OutboardService"],
            path: "Services/Errors",
            exclude: ["README.md"],
            packageAccess: false,
            swiftSettings: strict),
        // The benchmark measures the very types that the products are made of, which are `package` and invisible from a
        // package of its own; so it is a target here, without a product, and brings no dependency that is not here yet.
        .target(name: "ReferenceLoops", dependencies: ["CHiredis"], path: "Benchmarks/ReferenceLoops"),
        .executableTarget(
            name: "OutboardBench",
            dependencies: [
                "Outboard", "OutboardHTTP", "OutboardRedis", "OutboardTesting", "Processes", "RedisClient",
                "ReferenceLoops", argumentParser, asyncHTTPClient, hummingbird, logging, nioCore, nioPosix,
                serviceLifecycle,
            ],
            path: "Benchmarks/OutboardBench",
            swiftSettings: strict),
        .executableTarget(
            name: "InstructionCount",
            dependencies: ["Outboard", "OutboardRedis"],
            path: "Benchmarks/InstructionCount",
            exclude: ["check", "thresholds"],
            swiftSettings: strict),
        // Programs that tests run; they use what an application uses.
        .executableTarget(
            name: "EventPublisher",
            dependencies: ["Outboard", "OutboardRedis"],
            path: "Tests/Programs/EventPublisher",
            packageAccess: false,
            swiftSettings: strict),
        .executableTarget(
            name: "NaivePlugin",
            dependencies: ["Outboard", "OutboardRedis", "RedisClient", logging, nioCore, nioPosix],
            path: "Tests/Programs/NaivePlugin",
            swiftSettings: strict),
        .testTarget(
            name: "RedisClientTests",
            dependencies: ["RedisClient", "OutboardTesting", logging, nioCore, nioEmbedded, nioPosix, nioSSL],
            swiftSettings: strict),
        .testTarget(name: "OutboardTests", dependencies: ["Outboard"], swiftSettings: strict),
        .testTarget(
            name: "OutboardRedisTests",
            dependencies: ["Outboard", "OutboardRedis", "OutboardTesting", "RedisClient", logging, nioCore, nioPosix],
            swiftSettings: strict),
        .testTarget(
            name: "OutboardHTTPTests",
            dependencies: [
                "Outboard", "OutboardHTTP", "OutboardRedis", "OutboardTesting", "Processes", "RedisClient",
                asyncHTTPClient, httpTypes, hummingbird, logging, nioCore, nioHTTP1, nioPosix,
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "OutboardCLITests",
            dependencies: [
                "Outboard", "OutboardCLI", "OutboardRedis", "OutboardTesting", "Processes", argumentParser,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "OutboardTestingTests",
            dependencies: ["Outboard", "OutboardTesting"],
            swiftSettings: strict),
        .testTarget(
            name: "ServicesTests",
            dependencies: [
                "Errors", "Latency", "Outboard", "OutboardTesting", "RequestCounter", "TopPaths", "Visitors",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "Outboard", "OutboardRedis", "OutboardTesting", "Processes", "RedisClient", asyncHTTPClient, logging,
                nioCore, nioHTTP1, nioPosix,
            ],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
