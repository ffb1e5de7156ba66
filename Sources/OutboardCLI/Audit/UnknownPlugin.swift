import Outboard

/// A plugin that never registered and has no books.
struct UnknownPlugin: Error, CustomStringConvertible {
    let name: PluginName
    let known: [PluginName]

    var description: String {
        let list =
            known.isEmpty ? "none has registered yet" : "there are: \(known.map(\.rawValue).joined(separator: ", "))"
        return "no plugin '\(name)' on this bus; \(list)"
    }
}
