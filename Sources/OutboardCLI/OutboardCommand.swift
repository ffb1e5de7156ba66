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
            AuditCommand.self,
            ConformanceCommand.self,
            TortureCommand.self,
        ])
}
