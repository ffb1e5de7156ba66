import Foundation

/// Values as a program reads them: members in order, so that two outputs can be compared.
enum JSONText {
    /// How the text is laid out.
    enum Lines {
        case one, many
    }

    /// The value as JSON, with the line break behind it.
    static func of(_ value: some Encodable, lines: Lines = .many) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if lines == .many { encoder.outputFormatting.insert(.prettyPrinted) }
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }
}
