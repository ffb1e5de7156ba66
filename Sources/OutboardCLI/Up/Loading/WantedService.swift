import Foundation
import Outboard

/// What somebody wants of a service of a running `outboard up`: a small file in its data folder.
///
/// `outboard load`, `unload` and `scale` write such files, `outboard up` looks at them; so they need no port and no
/// server, and who may write there is decided by the file system.
struct WantedService: Codable, Equatable, Sendable {
    /// The path of the program; nil for one that lies beside `outboard`.
    var program: String?
    /// How many replicas; 0 where it is to be unloaded.
    var replicas: Int

    /// The folder of these files in the data folder of an `outboard up`.
    static func folder(in dataFolder: URL) -> URL { dataFolder.appending(path: "wanted") }

    private static func file(_ name: String, in folder: URL) -> URL { folder.appending(path: "\(name).json") }

    /// All that is wanted, by the name of the service. What cannot be read is not wanted.
    static func all(in folder: URL) -> [String: WantedService] {
        let files = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        var wanted: [String: WantedService] = [:]
        for file in files ?? [] where file.pathExtension == "json" {
            guard let bytes = try? Data(contentsOf: file), let one = try? JSONDecoder().decode(Self.self, from: bytes),
                Scale.counts.contains(one.replicas)
            else { continue }
            wanted[file.deletingPathExtension().lastPathComponent] = one
        }
        return wanted
    }

    /// Says that this is wanted of a service, as a whole or not at all.
    func write(as name: String, in folder: URL) throws {
        try JSONEncoder().encode(self).write(to: Self.file(name, in: folder), options: .atomic)
    }

    /// Forgets what was wanted of an earlier `outboard up`.
    static func clear(_ folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in all(in: folder).keys { try FileManager.default.removeItem(at: file(name, in: folder)) }
    }
}
