import Outboard

/// `key=value` words of a command line, as changes of a plugin's settings.
struct SettingChanges: Equatable {
    /// Setting → value.
    var set: [String: JSONValue] = [:]
    /// Settings that go back to what the processes were started with.
    var unset: Set<String> = []

    /// - Parameters:
    ///   - words: `name=value`; a value is JSON where its setting is not a text, and a text may leave its quotation marks out.
    ///   - schema: The plugin's settings.
    /// - Throws: `SettingsError` that names every word that is wrong.
    init(_ words: [String], unset: [String], schema: ConfigurationSchema, plugin: String) throws {
        var problems = SettingsProblems()
        for word in words {
            guard let equals = word.firstIndex(of: "="), equals > word.startIndex else {
                problems.add("'\(word)': needs the form name=value")
                continue
            }
            let name = String(word[..<equals])
            set[name] = Self.value(String(word[word.index(after: equals)...]), schema.fields[name]?.type)
        }
        let strangers = unset.filter { schema.fields[$0] == nil }
        for name in strangers { problems.add("--unset \(name): \(plugin) has no setting '\(name)'") }
        self.unset = Set(unset)
        for problem in schema.problems(of: set, for: plugin) { problems.add(problem) }
        try problems.check()
    }

    private static func value(_ text: String, _ type: ConfigurationSchema.FieldType?) -> JSONValue {
        let json = JSONValue(text: text)
        guard type == .string || json == nil else { return json ?? .string(text) }
        if case .string? = json { return json ?? .string(text) }
        return .string(text)
    }

    /// What is wanted after these changes.
    func applied(to config: [String: JSONValue]) -> [String: JSONValue] {
        config.filter { !unset.contains($0.key) }.merging(set) { $1 }
    }
}
