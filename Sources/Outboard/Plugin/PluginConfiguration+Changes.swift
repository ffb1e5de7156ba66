#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension PluginConfiguration {
    /// These settings, some of them changed.
    ///
    /// - Parameters:
    ///   - changes: The settings that differ.
    ///   - plugin: Whose settings these are, for the messages.
    /// - Throws: `SettingsError` that names every problem: an unknown setting, a value of a wrong type.
    package func changed(by changes: [String: JSONValue], for plugin: String) throws -> Self {
        let schema = try ConfigurationSchema(defaults: self)
        let problems = schema.problems(of: changes, for: plugin)
        guard problems.isEmpty else { throw SettingsError(problems) }
        let merged = try JSONEncoder().encode(schema.defaults.merging(changes) { $1 })
        do {
            return try JSONDecoder().decode(Self.self, from: merged)
        } catch {
            throw SettingsError(["\(plugin) cannot take it (\(error))"])
        }
    }
}
