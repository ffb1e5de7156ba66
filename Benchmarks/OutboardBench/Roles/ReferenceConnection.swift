import ReferenceLoops

/// A connection of the C loops.
struct ReferenceConnection: ~Copyable {
    private let connection: OpaquePointer

    private init(_ connection: OpaquePointer) { self.connection = connection }

    static func open(port: Int) throws -> ReferenceConnection {
        guard let opened = reference_connect(Int32(port)) else { throw BenchError("no memory") }
        let connection = ReferenceConnection(opened)
        if let reason = reference_error(opened) { throw BenchError(String(cString: reason)) }
        return connection
    }

    deinit { reference_close(connection) }

    /// Runs a loop; throws its reason when it fails.
    func run(_ loop: (OpaquePointer) -> Int32) throws {
        guard loop(connection) == 0 else {
            throw BenchError(reference_error(connection).map { String(cString: $0) } ?? "a C loop failed")
        }
    }
}
