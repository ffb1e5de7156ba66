import ArgumentParser

/// `outboard`, the command line.
@main
struct OutboardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outboard",
        abstract: "Runs and inspects an Outboard bus: a core server, plugin services, Redis between them.",
        version: "0.1.0",
        subcommands: [
            UpCommand.self,
            LoadCommand.self,
            UnloadCommand.self,
            ScaleCommand.self,
            PluginsCommand.self,
            InspectCommand.self,
            CountersCommand.self,
            EnableCommand.self,
            DisableCommand.self,
            ConfigCommand.self,
            ForgetCommand.self,
            TailCommand.self,
            TopCommand.self,
            TraceCommand.self,
            PublishCommand.self,
            DoctorCommand.self,
            BenchCommand.self,
            AuditCommand.self,
            TortureCommand.self,
            ConformanceCommand.self,
            NewCommand.self,
        ])
}
