import Foundation
import Logging
import NIOCore
import NIOPosix
import Outboard
import OutboardRedis
import RedisClient

/// A plugin as one writes it without having read the protocol to its end: it shows itself rightly and counts whatever
/// it hears, without a fence. `outboard conformance` must find that out.
@main
enum NaivePlugin {
    private static let type = "http.request"

    static func main() async throws {
        let environment = ProcessInfo.processInfo.environment
        let settings = try RedisSettings(url: environment["OUTBOARD_REDIS_URL"] ?? "redis://127.0.0.1:6379")
        let names = RedisNames(namespace: environment["OUTBOARD_NAMESPACE"] ?? "outboard")
        let plugin = try PluginName("naive-counter")
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let logger = Logger(label: plugin.rawValue) { _ in SwiftLogNoOpLogHandler() }
        let redis = try await RedisConnection.connect(settings, on: loop, logger: logger).get()
        let subscription = try await loop.flatSubmit {
            RedisSubscription.connect(settings, on: loop, logger: logger) { _, payload in
                EventScanner.scan(payload) { element in
                    guard element.malformed == nil else { return }
                    let source = String(decoding: element.source, as: UTF8.self)
                    // At once, so that its books balance at every moment: it is wrong by what it counts, not by luck.
                    _ = redis.pipeline([
                        RedisCommand("MULTI"),
                        RedisCommand("HINCRBY", names.counters(plugin), "requests", "1"),
                        RedisCommand("HINCRBY", names.counterFamily(plugin, "status"), "200", "1"),
                        RedisCommand("HINCRBY", names.book(plugin, .handled), source, "1"),
                        RedisCommand("HINCRBY", names.book(plugin, .applied), source, "1"),
                        RedisCommand("EXEC"),
                    ])
                }
            }
        }.get()
        let id = "naive-counter-0000000000000001"
        try await subscription.subscribe(
            (0..<LaneRule.defaultCount).map { names.events(type: type, lane: $0) } + [names.probe(plugin, id)]
        ).get()
        let manifest =
            #"{"name":"naive-counter","version":"1.0.0","protocol":1,"summary":"Counts.","subscribes":["http.request"]}"#
        _ = try await redis.send(RedisCommand("SET", names.manifest(plugin), manifest)).get()
        _ = try await redis.send(RedisCommand("SADD", names.plugins, plugin.rawValue)).get()
        while true {
            let now = try RedisClock.milliseconds(try await redis.send(RedisCommand("TIME")).get())
            let lease = RedisCommand("ZADD", names.replicas(plugin, type: type), "\(now + 3_000)", id)
            _ = try await redis.send(lease).get()
            try await Task.sleep(for: .seconds(1))
        }
    }
}
