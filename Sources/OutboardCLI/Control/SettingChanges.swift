import Outboard
import OutboardRedis

/// `key=value` words of a command line, as a change of a plugin's settings.
enum SettingChanges {
    /// - Parameters:
    ///   - words: `name=value`; a value is JSON where its setting is not a text, and a text may leave its quotation marks out.
    ///   - unset: Settings that go back to what the processes were started with.
    ///   - schema: The plugin's settings.
    /// - Throws: `SettingsError` that names every word that is wrong.
    static func change(
        _ words: [String], unset: [String], schema: ConfigurationSchema, plugin: PluginName
    ) throws -> PluginChange {
        var problems = SettingsProblems()
        var config = Dictionary(unset.map { ($0, JSONValue.null) }) { $1 }
        for word in words {
            guard let equals = word.firstIndex(of: "="), equals > word.startIndex else {
                problems.add("'\(word)': needs the form name=value")
                continue
            }
            let name = String(word[..<equals])
            config[name] = value(String(word[word.index(after: equals)...]), schema.fields[name]?.type)
        }
        let change = PluginChange(config: config)
        for problem in change.problems(schema, of: plugin) { problems.add(problem) }
        try problems.check()
        return change
    }

    private static func value(_ text: String, _ type: ConfigurationSchema.FieldType?) -> JSONValue {
        guard let json = JSONValue(text: text) else { return .string(text) }
        if case .string = json { return json }
        return type == .string ? .string(text) : json
    }
}
