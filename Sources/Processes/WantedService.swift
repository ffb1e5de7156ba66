/// What somebody wants of a service of a running `outboard up`.
package struct WantedService: Codable, Equatable, Sendable {
    /// How many replicas a service may have.
    package static let counts = 0...99

    /// The path of the program; nil for one that lies beside `outboard`.
    package var program: String?
    /// How many replicas, one of `counts`; 0 where it is to be unloaded.
    package var replicas: Int

    package init(program: String? = nil, replicas: Int) {
        self.program = program
        self.replicas = replicas
    }
}
