import Foundation

/// What `outboard new` has written, and what is to be done next.
struct NewReport: Encodable {
    /// What a new plugin is.
    enum Kind: String, Encodable {
        /// A package of its own.
        case package
        /// A service in a checkout of Outboard.
        case service
    }

    let plugin: NewPlugin
    let kind: Kind
    /// As it was named; the paths of the files begin there.
    let folder: String
    let files: [String]
    /// For people: commands to type, or lines to add.
    let next: String

    private enum CodingKeys: String, CodingKey {
        case plugin, type, kind, folder, files, next
    }

    func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(plugin.name, forKey: .plugin)
        try members.encode(plugin.type, forKey: .type)
        try members.encode(kind, forKey: .kind)
        // A program that reads this may stand elsewhere.
        try members.encode(URL(filePath: folder).standardizedFileURL.path, forKey: .folder)
        try members.encode(files, forKey: .files)
        try members.encode(next, forKey: .next)
    }

    var text: String {
        switch kind {
        case .package:
            "wrote the package \(plugin.name) to \(folder == "." ? "this folder" : folder); try:\n"
                + next.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
        case .service: files.map { "wrote \($0)" }.joined(separator: "\n") + "\n\n" + next
        }
    }
}
