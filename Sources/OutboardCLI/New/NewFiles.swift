import Foundation
import Outboard

/// Files that do not exist yet.
struct NewFiles {
    /// Path → text.
    let texts: [String: String]

    init(_ texts: [String: String]) {
        self.texts = texts
    }

    /// Writes them all, or none where one is there already.
    ///
    /// - Throws: `SettingsError` that names the files that are there; `CocoaError` if a file cannot be written.
    func write(to folder: URL) throws {
        let there = texts.keys.sorted().filter {
            FileManager.default.fileExists(atPath: folder.appending(path: $0).path)
        }
        guard there.isEmpty else {
            throw SettingsError(there.map { "\($0): is there already, and nothing is overwritten; move it away" })
        }
        for (path, text) in texts.sorted(by: { $0.key < $1.key }) {
            let file = folder.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file, options: .withoutOverwriting)
        }
    }

    /// - Throws: `SettingsError` if the folder holds anything but hidden files, or is none.
    static func checkEmpty(_ folder: URL) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder) else { return }
        guard isFolder.boolValue else {
            throw SettingsError(["--path '\(folder.relativePath)': is a file; name a folder"])
        }
        let names = try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil, options: .skipsHiddenFiles
        ).map(\.lastPathComponent).sorted()
        guard let first = names.first else { return }
        throw SettingsError([
            "--path '\(folder.relativePath)': holds \(first)\(names.count > 1 ? " and more" : ""), and a package begins in "
                + "an empty folder; name one, for example: --path my-plugin"
        ])
    }
}
