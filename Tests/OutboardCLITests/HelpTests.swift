import ArgumentParser
import Testing

@testable import OutboardCLI

@Suite("Help of the command line")
struct HelpTests {
    static let commands = OutboardCommand.configuration.subcommands.map { $0.configuration.commandName ?? "" }

    @Test("every command says what it is for, its exit codes, and gives an example", arguments: commands)
    func complete(name: String) throws {
        let command = try #require(
            OutboardCommand.configuration.subcommands.first { $0.configuration.commandName == name })
        #expect(!command.configuration.abstract.isEmpty)
        let help = OutboardCommand.helpMessage(for: command)
        #expect(help.contains("Exit codes:"))
        if !["up", "audit", "torture"].contains(name) { #expect(help.contains("outboard \(name)")) }
    }

    @Test("every shell gets a script that completes all commands", arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) throws {
        let script = OutboardCommand.completionScript(for: try #require(CompletionShell(rawValue: shell)))
        for name in Self.commands { #expect(script.contains(name)) }
    }
}
