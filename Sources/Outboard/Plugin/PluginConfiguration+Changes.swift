#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension PluginConfiguration {
    /// These settings, some of them changed.
    ///
    /// - Parameters:
    ///   - changes: A JSON object of the settings that differ.
    ///   - plugin: Whose settings these are, for the messages.
    /// - Throws: `SettingsError` that names every problem: no JSON object, an unknown setting, a value of a wrong type.
    package func changed(by changes: String, for plugin: String) throws -> Self {
        let schema = try ConfigurationSchema(defaults: self)
        guard let given = ConfigurationSchema.changes(in: changes) else {
            throw SettingsError(["needs a JSON object, for example {\"perMinute\": false}"])
        }
        let problems = schema.problems(of: given, for: plugin)
        guard problems.isEmpty else { throw SettingsError(problems) }
        let merged = try JSONEncoder().encode(schema.defaults.merging(given) { $1 })
        do {
            return try JSONDecoder().decode(Self.self, from: merged)
        } catch {
            throw SettingsError(["\(plugin) cannot take it (\(error))"])
        }
    }
}
