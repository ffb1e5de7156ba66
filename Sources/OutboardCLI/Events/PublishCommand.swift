import ArgumentParser
import Foundation
import Logging
import Outboard
import OutboardRedis
import RedisClient

/// `outboard publish`: events of any type, by the publisher that applications use.
struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publishes events and waits until Redis has them and their record.",
        discussion: """
            The data is a JSON object, {} unless given; - reads it from standard input. Each run is a publisher of its \
            own, named cli. Events with the same --key go to the same lane.

            Examples:
              outboard publish order.placed '{"id": 7}' --key customer-42
              outboard publish http.request '{"method":"GET","path":"/","status":200}' --count 1000
              echo '{"id": 8}' | outboard publish order.placed -

            Exit codes: 0 sent and recorded, 64 bad usage, 69 Redis not reachable, or it did not take all in time.
            """)

    @Argument(help: "The type of the events, for example order.placed.")
    var type: String

    @Argument(help: "The data, a JSON object; - for standard input (default: {}).")
    var data: String?

    @Option(help: "Events of one publisher with equal keys keep their order.")
    var key: String?

    @Option(help: "How many events.")
    var count = 1

    @OptionGroup var bus: BusOptions

    @Flag(help: "Writes JSON.")
    var json = false

    func validate() throws {
        do { try EventType.check(type) } catch { throw ValidationError("\(error)") }
        guard (1...10_000_000).contains(count) else {
            throw ValidationError("--count \(count): needs a number from 1 to 10000000")
        }
    }

    @concurrent func run() async throws {
        try await CommandFailure.explained {
            var configuration = try bus.configuration()
            configuration.name = "cli"
            let payload = try payload()
            let names = configuration.names
            let hearers = try await BusOptions.withConnection(configuration) { redis in
                try await Hearers.read(type: type, key: key, names: names, on: redis)
            }
            configuration.lanes = hearers.lanes
            let publication = Publication(
                bus: try EventBus(configuration, logger: Logger(label: "outboard") { _ in SwiftLogNoOpLogHandler() }),
                type: type, data: payload, key: key, count: count)
            let publisher = try await publication.run()
            let answer = PublishReport(type: type, published: count, publisher: publisher, hearers: hearers)
            if json {
                Output.write(try JSONText.of(answer))
            } else {
                Output.write(lines: [answer.text])
            }
        }
    }

    private func payload() throws -> JSONSlice {
        var text = data ?? "{}"
        if text == "-" { text = String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self) }
        do {
            return try text.withUTF8 { bytes throws(EventError) in
                try JSONSlice(checking: UnsafeRawBufferPointer(bytes))
            }
        } catch {
            throw CommandFailure.exit("\(error)", code: 64)
        }
    }
}
