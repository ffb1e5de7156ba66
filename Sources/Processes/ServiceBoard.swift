package import Foundation

/// The board of one `outboard up`, two kinds of small files in its data folder: by one it says which services it runs, by
/// the others somebody says what is wanted of a service.
///
/// `outboard load`, `unload`, `scale` and the admin API of its core write what is wanted, `outboard up` looks at it; so
/// they need no port and no server, and who may write there is decided by the file system. Each file is written as a
/// whole or not at all.
package struct ServiceBoard: Sendable {
    /// What an `outboard up` runs.
    package struct Running: Codable, Equatable, Sendable {
        /// The folder of the programs that have no path of their own.
        package var programs: String
        /// By name.
        package var services: [String: WantedService]

        package init(programs: String, services: [String: WantedService]) {
            self.programs = programs
            self.services = services
        }
    }

    /// A file of the board could not be written.
    package struct Failure: Error, CustomStringConvertible {
        package let folder: String
        /// The system's words.
        package let reason: String

        package var description: String {
            "\(folder): cannot be written (\(reason)), nothing has changed; make room or let this user write there, then try "
                + "again"
        }
    }

    private let folder: URL

    /// - Parameter dataFolder: That of the `outboard up`.
    package init(dataFolder: URL) {
        folder = dataFolder.absoluteURL
    }

    private var wanted: URL { folder.appending(path: "wanted") }
    private var running: URL { folder.appending(path: "services.json") }
    private func file(_ name: String) -> URL { wanted.appending(path: "\(name).json") }

    /// Whether an `outboard up` has run with this data folder.
    package var exists: Bool { FileManager.default.fileExists(atPath: wanted.path) }

    // MARK: What is wanted

    /// All that is wanted, by the name of the service. What cannot be read is not wanted.
    package func wantedServices() -> [String: WantedService] {
        let files = try? FileManager.default.contentsOfDirectory(at: wanted, includingPropertiesForKeys: nil)
        var services: [String: WantedService] = [:]
        for file in files ?? [] where file.pathExtension == "json" {
            guard let bytes = try? Data(contentsOf: file),
                let one = try? JSONDecoder().decode(WantedService.self, from: bytes),
                WantedService.counts.contains(one.replicas)
            else { continue }
            services[file.deletingPathExtension().lastPathComponent] = one
        }
        return services
    }

    /// Says that this is wanted of a service.
    ///
    /// - Parameter name: A plugin's name; it becomes part of a path.
    /// - Throws: `Failure`.
    package func want(_ service: WantedService, of name: String) throws(Failure) {
        try write(service, to: file(name), in: wanted)
    }

    /// Says how many replicas are wanted of a service; a program that it was loaded from by path stays its program.
    ///
    /// - Parameters:
    ///   - name: A plugin's name; it becomes part of a path.
    ///   - replicas: One of `WantedService.counts`; 0 unloads it.
    /// - Returns: What is wanted now.
    /// - Throws: `Failure`.
    @discardableResult
    package func scale(_ name: String, to replicas: Int) throws(Failure) -> WantedService {
        let service = WantedService(program: services()[name]?.program, replicas: replicas)
        try want(service, of: name)
        return service
    }

    /// Makes the board, and forgets what was wanted of an earlier `outboard up`.
    package func clear() throws {
        let files = FileManager.default
        try files.createDirectory(at: wanted, withIntermediateDirectories: true)
        for name in wantedServices().keys { try files.removeItem(at: file(name)) }
        if files.fileExists(atPath: running.path) { try files.removeItem(at: running) }
    }

    // MARK: What runs

    /// Says what an `outboard up` runs.
    ///
    /// - Throws: `Failure`.
    package func note(_ services: Running) throws(Failure) {
        try write(services, to: running, in: folder)
    }

    /// The services that there are: those that run, each as it is wanted by now, and those that will within a second.
    package func services() -> [String: WantedService] {
        (noted?.services ?? [:]).merging(wantedServices()) { $1 }
    }

    /// Whether the program of a service without a path is there.
    package func hasProgram(_ name: String) -> Bool {
        noted.map { ExecutableSearch.isExecutable(URL(filePath: $0.programs).appending(path: name).path) } ?? false
    }

    /// Nil where nothing can be read.
    private var noted: Running? {
        (try? Data(contentsOf: running)).flatMap { try? JSONDecoder().decode(Running.self, from: $0) }
    }

    private func write(_ value: some Encodable, to file: URL, in folder: URL) throws(Failure) {
        do {
            try JSONEncoder().encode(value).write(to: file, options: .atomic)
        } catch {
            let cause = (error as? CocoaError)?.underlying as? POSIXError
            throw Failure(folder: folder.path, reason: cause.map { systemText($0.code.rawValue) } ?? "\(error)")
        }
    }
}
