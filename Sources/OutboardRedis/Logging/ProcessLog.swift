package import Logging
import Outboard
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where the log of a process of ours goes: readable lines on a terminal, JSON lines (one object each) otherwise, both
/// on standard error.
package enum ProcessLog {
    private static let wasBootstrapped = Atomic(false)

    /// Sets the log of the whole process; later calls change nothing.
    package static func bootstrap(level: Logger.Level, label: String) {
        guard !wasBootstrapped.exchange(true, ordering: .acquiringAndReleasing) else { return }
        let form: LogLine.Form = isatty(STDERR_FILENO) == 1 ? .text : .json
        LoggingSystem.bootstrap { LogLine(label: $0, logLevel: level, form: form) }
    }
}

/// Writes each message as one line, in one `write`.
struct LogLine: LogHandler {
    enum Form: Sendable {
        case text, json
    }

    let label: String
    var logLevel: Logger.Level
    let form: Form
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        var line =
            switch form {
            case .text: text(event, all)
            case .json: json(event, all)
            }
        line.append("\n")
        line.withUTF8 { bytes in
            // A closed log cannot be told anything.
            _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }

    private func text(_ event: LogEvent, _ metadata: [(key: String, value: Logger.Metadata.Value)]) -> String {
        let time = Timestamp.now.description.dropFirst(11).prefix(12)
        let level = "\(event.level)".uppercased()
        let padding = String(repeating: " ", count: max(0, 7 - level.count))
        let pairs = metadata.map { " \($0.key)=\($0.value)" }.joined()
        return "\(time) \(level)\(padding) \(event.message)\(pairs)"
    }

    private func json(_ event: LogEvent, _ metadata: [(key: String, value: Logger.Metadata.Value)]) -> String {
        var json = JSONWriter()
        json.beginObject()
        json.member("time", Timestamp.now.description)
        json.member("level", "\(event.level)")
        json.member("label", label)
        json.member("message", "\(event.message)")
        if !metadata.isEmpty {
            json.name("metadata")
            json.object(Dictionary(metadata.map { ($0.key, "\($0.value)") }) { $1 })
        }
        json.endObject()
        return json.withBytes { String(decoding: $0, as: UTF8.self) }
    }
}
