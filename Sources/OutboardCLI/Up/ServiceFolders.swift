import Foundation

/// The services of a package: each folder in `Services/` is one.
enum ServiceFolders {
    /// The program names of the services, sorted; none if the folder does not exist.
    static func names(in folder: String) -> [String] {
        let entries = try? FileManager.default.contentsOfDirectory(  // absent: a bus without services
            at: URL(filePath: folder), includingPropertiesForKeys: [.isDirectoryKey], options: .skipsHiddenFiles)
        return (entries ?? []).filter(\.hasDirectoryPath).map { programName(ofFolder: $0.lastPathComponent) }.sorted()
    }

    /// `RequestCounter` → `request-counter`, `HTTPLog2` → `http-log2`.
    static func programName(ofFolder folder: String) -> String {
        var name = ""
        var previous: Character?
        let letters = Array(folder)
        for (index, letter) in letters.enumerated() {
            let next = index + 1 < letters.count ? letters[index + 1] : nil
            let startsWord =
                letter.isUppercase && previous != nil
                && (previous?.isUppercase == false || next?.isLowercase == true)
            if startsWord, previous != "-" { name.append("-") }
            name.append(contentsOf: letter.lowercased())
            previous = letter
        }
        return name
    }
}
