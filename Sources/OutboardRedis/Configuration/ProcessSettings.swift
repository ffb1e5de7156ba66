package import Configuration
package import Outboard

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
    /// A file that cannot be read is a problem like others: the settings are then those of the flags and the environment.
    package static func reader(
        arguments: [String] = CommandLine.arguments,
        environment: [String: String] = ProcessInfo.processInfo.environment, _ problems: inout SettingsProblems
    ) -> ConfigReader {
        var providers: [any ConfigProvider] = [
            CommandLineArgumentsProvider(arguments: arguments),
            EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "outboard"),
        ]
        if let path = environment["OUTBOARD_CONFIG_FILE"], !path.isEmpty {
            do throws(SettingsError) {
                providers.append(EnvironmentVariablesProvider(environmentVariables: try variables(inFile: path)))
            } catch { for problem in error.problems { problems.add(problem) } }
        }
        return ConfigReader(providers: providers)
    }

    /// Flattens a JSON file into variables: `{"redis": {"url": "x"}}` becomes `REDIS_URL=x`.
    private static func variables(inFile path: String) throws(SettingsError) -> [String: String] {
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
