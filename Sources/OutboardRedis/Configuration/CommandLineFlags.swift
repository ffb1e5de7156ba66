package import Outboard

/// The flags on a command line of ours, checked against those that mean something.
///
/// The reader of settings only asks for what it knows, so a misspelt flag would go unnoticed.
package struct CommandLineFlags: Sendable {
    private let known: Set<String>

    /// - Parameter keys: The settings that the process reads, for example `redis.url`.
    package init(keys: some Sequence<String>) {
        known = Set(keys.map(Self.flag))
    }

    /// `redis.url` → `--redis-url`.
    package static func flag(_ key: String) -> String { "--" + key.replacing(".", with: "-") }

    /// Notes every argument that means nothing here, and every flag without its value.
    package func check(_ arguments: some Sequence<String>, _ problems: inout SettingsProblems) {
        var arguments = Array(arguments)[...]
        while let argument = arguments.popFirst() {
            let name = String(argument.prefix { $0 != "=" })
            guard known.contains(name) else {
                problems.add("argument '\(argument)': is unknown; see --help")
                // What follows was meant as its value.
                if let value = arguments.first, !value.hasPrefix("--") { arguments.removeFirst() }
                continue
            }
            guard !argument.contains("=") else { continue }
            guard let value = arguments.first, !value.hasPrefix("--") else {
                problems.add("\(name): needs a value, as in \(name)=…")
                continue
            }
            arguments.removeFirst()
        }
    }
}
