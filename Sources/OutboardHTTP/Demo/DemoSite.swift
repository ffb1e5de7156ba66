import HTTPTypes
package import Hummingbird

/// What the core serves when no upstream is set: a few routes that make different events.
package enum DemoSite {
    /// Adds the routes to a router.
    package static func add(to router: some RouterMethods<CoreContext>) {
        router.get("/") { _, _ in welcome }
        router.get("/hello") { _, _ in "Hello from Outboard\n" }
        router.get("/users/:id") { _, context in
            "User \(try context.parameters.require("id"))\n"
        }
        router.get("/slow") { request, _ in
            let delay = try milliseconds(request.uri.queryParameters["ms"])
            try await Task.sleep(for: .milliseconds(delay))
            return "That took \(delay) ms\n"
        }
        router.get("/fail") { _, _ -> String in
            throw Problem(status: .internalServerError, detail: "This route always fails.")
        }
    }

    private static func milliseconds(_ text: Substring?) throws -> Int {
        guard let text else { return 1_000 }
        guard let number = Int(text), (0...10_000).contains(number) else {
            throw Problem(status: .badRequest, detail: "The parameter ms needs a whole number from 0 to 10000.")
        }
        return number
    }

    private static let welcome = """
        Outboard is running. Every request here becomes one event on Redis, and plugins count it.

          curl localhost:8080/hello
          curl localhost:8080/users/7
          curl 'localhost:8080/slow?ms=250'
          curl localhost:8080/fail

        Then look at what request-counter has counted:

          redis-cli -p 6390 hgetall 'outboard:{request-counter}:counters'

        To put this in front of an application of your own, set OUTBOARD_UPSTREAM=http://host:port

        """
}
