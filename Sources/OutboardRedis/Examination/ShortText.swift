import Outboard

/// Figures as short texts for people.
package enum ShortText {
    /// `3 ms`, `1.2 s`, `4 min`, `3 h`, `2 d`.
    package static func duration(milliseconds: Int64) -> String {
        switch milliseconds {
        case ..<1_000: "\(milliseconds) ms"
        case ..<60_000: "\(milliseconds / 1_000).\(milliseconds % 1_000 / 100) s"
        case ..<3_600_000: "\(milliseconds / 60_000) min"
        case ..<86_400_000: "\(milliseconds / 3_600_000) h"
        default: "\(milliseconds / 86_400_000) d"
        }
    }

    /// `7 us`, `1.2 ms`, and from a second on as milliseconds are told.
    package static func duration(microseconds: Int64) -> String {
        switch microseconds {
        case ..<1_000: "\(microseconds) us"
        case ..<1_000_000: "\(microseconds / 1_000).\(microseconds % 1_000 / 100) ms"
        default: duration(milliseconds: microseconds / 1_000)
        }
    }

    /// The words of a text in lines of at most `width` columns; a longer word has a line of its own.
    package static func wrapped(_ text: String, width: Int) -> [String] {
        wrapped(text.split(separator: " ").map(String.init), width: width)
    }

    /// Words, which may have spaces in them, in lines of at most `width` columns; a longer one has a line of its own.
    package static func wrapped(_ words: [String], width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in words {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return lines + [line]
    }

    /// `2 events`, `1 event`.
    package static func counted(_ number: Int64, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    /// `2026-11-20T23:15:42Z`
    package static func time(milliseconds: Int64) -> String {
        let (microseconds, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000)
        return Timestamp(microseconds: overflow ? .max : microseconds).description.prefix(19) + "Z"
    }
}
