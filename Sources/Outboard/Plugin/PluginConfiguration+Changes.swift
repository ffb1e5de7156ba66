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
    /// - Throws: `SettingsError` that names every problem: an unknown setting, a value of a wrong type, or what
    ///   the configuration itself has against them.
    package func changed(by changes: [String: JSONValue], for plugin: String) throws -> Self {
        let schema = try ConfigurationSchema(defaults: self)
        let problems = schema.problems(of: changes, for: plugin)
        guard problems.isEmpty else { throw SettingsError(problems) }
        let merged = try JSONEncoder().encode(schema.defaults.merging(changes) { $1 })
        do {
            return try JSONDecoder().decode(Self.self, from: merged)
        } catch let error as DecodingError {
            throw SettingsError(["\(plugin) cannot take its settings\(error.place): \(error.reason)"])
        } catch {
            throw SettingsError(["\(plugin) cannot take its settings: \(error)"])
        }
    }
}

extension DecodingError {
    private var context: Context? {
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
            .dataCorrupted(let context):
            context
        @unknown default: nil
        }
    }

    /// Where in the settings, as ` at 'notErrors.0'`.
    fileprivate var place: String {
        guard let path = context?.codingPath, !path.isEmpty else { return "" }
        return " at '" + path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".") + "'"
    }

    fileprivate var reason: String { context?.debugDescription ?? "\(self)" }
}
