import Foundation

/// A line that a child wrote. Log lines of our programs arrive as JSON, as their output is no terminal; they are shown
/// the way a terminal would have shown them. Other lines stay as they are.
struct ChildLine {
    private struct Log: Decodable {
        let time: String
        let level: String
        let message: String
        let metadata: [String: String]?
    }

    let text: String
    /// Whether the program says that it is ready for work.
    let saysReady: Bool

    init(_ line: String) {
        guard line.hasPrefix("{"), let log = try? JSONDecoder().decode(Log.self, from: Data(line.utf8)) else {
            text = line
            saysReady = Self.saysReady(line)
            return
        }
        let time = log.time.dropFirst(11).prefix(12)
        let level = log.level.uppercased()
        let padding = String(repeating: " ", count: max(0, 7 - level.count))
        let pairs = (log.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        text = "\(time) \(level)\(padding) \(log.message)\(pairs)"
        saysReady = log.message == "ready"
    }

    /// Plain text, as of a service in another language: the word alone, first or after a blank.
    private static func saysReady(_ line: String) -> Bool {
        line.split(separator: " ").contains("ready")
    }
}
