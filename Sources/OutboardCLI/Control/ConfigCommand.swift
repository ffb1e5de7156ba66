import ArgumentParser
import Outboard
import OutboardRedis
import RedisClient

/// `outboard config`: shows and changes the settings of a plugin while it runs.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Shows the settings of a plugin, or changes them while it runs.",
        discussion: """
            Values are JSON; a text needs no quotation marks. The change is checked against the plugin's manifest, then \
            by each replica between two events. What a replica refuses is taken back everywhere. --dry-run changes \
            nothing: it asks the live replicas whether their plugin would take the change, and waits 2 s for answers.

            Examples:
              outboard config request-counter
              outboard config request-counter perMinute=false
              outboard config request-counter perMinute=false --dry-run
              outboard config request-counter --unset perMinute

            Exit codes: 0 every live replica follows (or would), 1 refused or not all answered, 64 bad usage, no such plugin or a \
            wrong value, 69 Redis cannot be asked.
            """)

    @Argument(help: "The plugin's name, as 'outboard plugins' lists it.")
    var plugin: String

    @Argument(help: "Settings to change, name=value.")
    var changes: [String] = []

    @Option(help: "A setting that goes back to what the processes were started with; may be repeated.")
    var unset: [String] = []

    @Flag(help: "Shows what the change would be and asks the live replicas whether they would take it.")
    var dryRun = false

    @Option(help: "Seconds to wait until the replicas follow.")
    var wait = 10

    @OptionGroup var bus: BusOptions

    @Flag(help: "Writes JSON.")
    var json = false

    @concurrent func run() async throws {
        try await CommandFailure.explained {
            let configuration = try bus.configuration()
            let plugin = try PluginName(plugin)
            try await BusOptions.withConnection(configuration) { connection in
                try await BookReader(names: configuration.names, redis: connection).requireRegistered(plugin)
                let reader = PluginReader(names: configuration.names, redis: connection)
                let director = PluginOperator(names: configuration.names, redis: connection)
                if changes.isEmpty && unset.isEmpty {
                    try show(try await reader.detail(of: plugin).settings, of: plugin)
                } else {
                    let question = ConfigurationQuestion(configuration, about: plugin)
                    try await change(plugin, reader, director) { config in
                        try await question.ask(config, on: connection)
                    }
                }
            }
        }
    }

    // MARK: Showing

    private func show(_ settings: [ManifestSummary.Setting], of plugin: PluginName) throws {
        if json { return _ = Output.write(try JSONText.of(settings)) }
        guard !settings.isEmpty else { return _ = Output.write("\(plugin) has no settings\n") }
        var table = TextTable([
            .init("SETTING", .left), .init("VALUE", .left), .init("DEFAULT", .left), .init("TYPE", .left),
        ])
        for setting in settings {
            table.add([setting.name, setting.value.text, setting.standard?.text ?? "–", setting.about ?? ""])
        }
        Output.write(lines: table.lines)
    }

    private func show(_ run: DryRun, of plugin: PluginName) throws {
        if json {
            Output.write(try JSONText.of(run))
        } else {
            try show(run.settings, of: plugin)
            Output.write(lines: run.lines)
        }
        if !run.holds { throw ExitCode(1) }
    }

    // MARK: Changing

    private func change(
        _ plugin: PluginName, _ reader: PluginReader, _ director: PluginOperator,
        ask: ([String: JSONValue]) async throws -> ConfigurationTrial
    ) async throws {
        guard let schema = try await reader.manifest(of: plugin)?.schema else {
            throw SettingsError(["\(plugin) has no manifest that can be read; start one of its replicas first"])
        }
        let wanted = try SettingChanges.change(changes, unset: unset, schema: schema, plugin: plugin)
        while true {
            let before = try await director.control(of: plugin)
            let config = wanted.config(after: before.config)
            if dryRun {
                let settings = try await reader.manifest(of: plugin)?.settings(changed: config) ?? []
                return try show(DryRun(settings: settings, trial: try await ask(config)), of: plugin)
            }
            // Somebody else may change it at the same time: then from what that one has left.
            guard let revision = try await director.configure(plugin, config, from: before.revision) else { continue }
            return try await follow(revision, before, plugin, reader, director)
        }
    }

    private func follow(
        _ revision: Int64, _ before: PluginControl, _ plugin: PluginName, _ reader: PluginReader,
        _ director: PluginOperator
    ) async throws {
        let change = try await FollowedChange.wait(
            for: revision, state: before.state, of: plugin, seconds: wait, reader: reader)
        var lines = change.lines("configured")
        if !change.refused.isEmpty {
            // The old settings are still in force; so nobody who starts later meets the refused ones.
            let isBack = try await director.configure(plugin, before.config, from: revision) != nil
            lines.append(
                isBack ? "refused; the settings are as they were" : "refused; somebody else has changed them since")
        }
        if json { Output.write(try JSONText.of(change)) } else { Output.write(lines: lines) }
        if !change.refused.isEmpty || !change.waiting.isEmpty { throw ExitCode(1) }
    }
}
