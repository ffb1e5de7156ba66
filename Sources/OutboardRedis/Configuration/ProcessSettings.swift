package import Configuration
import Outboard

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where all processes of ours take their settings from: flag, then environment, then file.
///
/// A setting has one name in three forms: `--redis-url`, `OUTBOARD_REDIS_URL`, and `{"redis": {"url": …}}` in the JSON
/// file that `OUTBOARD_CONFIG_FILE` names.
package enum ProcessSettings {
    /// - Throws: `SettingsError` if the file cannot be read.
    package static func reader(
        arguments: [String] = CommandLine.arguments,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> ConfigReader {
        var providers: [any ConfigProvider] = [
            CommandLineArgumentsProvider(arguments: arguments),
            EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "outboard"),
        ]
        if let path = environment["OUTBOARD_CONFIG_FILE"], !path.isEmpty {
            providers.append(EnvironmentVariablesProvider(environmentVariables: try variables(inFile: path)))
        }
        return ConfigReader(providers: providers)
    }

    /// Flattens a JSON file into variables: `{"redis": {"url": "x"}}` becomes `REDIS_URL=x`.
    private static func variables(inFile path: String) throws -> [String: String] {
        do {
            let data = try Data(contentsOf: URL(filePath: path))
            var variables: [String: String] = [:]
            flatten(try JSONDecoder().decode(Setting.self, from: data), name: "", into: &variables)
            return variables
        } catch {
            throw SettingsError([
                "OUTBOARD_CONFIG_FILE='\(path)': cannot be read as a JSON object of settings (\(error)); mend the file "
                    + "or unset the variable"
            ])
        }
    }

    private static func flatten(_ setting: Setting, name: String, into variables: inout [String: String]) {
        switch setting {
        case .text(let text): variables[name] = text
        case .group(let members):
            for (key, value) in members {
                let part = key.uppercased().replacing(".", with: "_")
                flatten(value, name: name.isEmpty ? part : "\(name)_\(part)", into: &variables)
            }
        }
    }

    private enum Setting: Decodable {
        case text(String)
        case group([String: Setting])

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let flag = try? value.decode(Bool.self) {
                self = .text(flag ? "true" : "false")
            } else if let number = try? value.decode(Int.self) {
                self = .text(String(number))
            } else if let text = try? value.decode(String.self) {
                self = .text(text)
            } else {
                self = .group(try value.decode([String: Setting].self))
            }
        }
    }
}
