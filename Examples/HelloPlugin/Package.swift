// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "hello",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "hello", targets: ["Hello"])],
    dependencies: [
        // In a container the checkout lies elsewhere.
        .package(name: "outboard", path: Context.environment["OUTBOARD_CHECKOUT"] ?? "../..")
    ],
    targets: [
        .executableTarget(
            name: "Hello",
            dependencies: [
                .product(name: "Outboard", package: "outboard"),
                .product(name: "OutboardService", package: "outboard"),
            ]),
        .testTarget(
            name: "HelloTests",
            dependencies: [
                "Hello", .product(name: "Outboard", package: "outboard"),
                .product(name: "OutboardTesting", package: "outboard"),
            ]),
    ]
)
