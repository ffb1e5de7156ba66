/// How a child's line is marked: `core              │ …`.
struct LineMark {
    /// Colours of a terminal that are readable on light and dark: cyan, green, yellow, magenta, blue, red.
    private static let colours = [36, 32, 33, 35, 34, 31]

    /// Columns of the longest label.
    let width: Int
    let isColoured: Bool

    func marked(_ line: String, label: String, place: Int) -> String {
        let mark = label + String(repeating: " ", count: max(0, width - label.count)) + " │"
        guard isColoured else { return "\(mark) \(line)" }
        return "\u{1B}[\(Self.colours[place % Self.colours.count])m\(mark)\u{1B}[0m \(line)"
    }

    /// Colours are for a terminal whose user does not object (https://no-color.org).
    static func isColourWanted(isTerminal: Bool, environment: [String: String]) -> Bool {
        isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }
}
