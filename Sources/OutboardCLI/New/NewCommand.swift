import ArgumentParser
import Foundation
import Outboard

/// `outboard new`: a plugin to begin with, that builds, has a test and counts.
struct NewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Writes a new plugin: code, test, container.",
        discussion: """
            In an empty folder it writes a package of its own. In a checkout of Outboard it writes Services/<Name>/ and \
            says which lines to add to the lists of services. It never overwrites a file. With --json it says the same \
            as JSON: plugin, type, kind (package or service), folder, files, next.

            Exit codes: 0 written, 64 bad usage, 70 a file cannot be written.
            """)

    @Argument(help: "The plugin's name, for example order-statistics.")
    var name: String

    @Option(help: "The folder to write to; made if it is not there.")
    var path = "."

    @Option(help: "A checkout of Outboard (default: the one this program was built in, else the public repository).")
    var outboard: String?

    @Flag(help: "Writes JSON.")
    var json = false

    func run() throws {
        do {
            let plugin = try NewPlugin(name)
            let report = Checkout.isOutboard(path) ? try add(plugin) : try create(plugin)
            Output.write(json ? try JSONText.of(report) : report.text + "\n")
        } catch let error as SettingsError {
            throw fail("\(error)", code: 64)
        } catch let error as CocoaError {
            throw fail("cannot be written: \(error.localizedDescription)", code: 70)
        }
    }

    /// Adds a service to the checkout of Outboard that `path` is.
    private func add(_ plugin: NewPlugin) throws -> NewReport {
        guard outboard == nil else {
            throw SettingsError(["--outboard: '\(path)' is a checkout of Outboard itself; leave the option out"])
        }
        let manifest = try String(contentsOf: URL(filePath: path).appending(path: "Package.swift"), encoding: .utf8)
        guard !manifest.contains("name: \"\(plugin.type)\"") else {
            throw SettingsError(["plugin name '\(name)': Package.swift has a target \(plugin.type); take another name"])
        }
        let service = ServiceFiles(plugin: plugin)
        try NewFiles(service.files).write(to: URL(filePath: path))
        return NewReport(
            plugin: plugin, kind: .service, folder: path, files: service.files.keys.sorted(), next: service.additions)
    }

    /// Writes a package to `path`.
    private func create(_ plugin: NewPlugin) throws -> NewReport {
        let folder = URL(filePath: path)
        try NewFiles.checkEmpty(folder)
        let package = PluginPackage(plugin: plugin, dependency: try dependency())
        try NewFiles(package.files).write(to: folder)
        return NewReport(
            plugin: plugin, kind: .package, folder: path, files: package.files.keys.sorted(),
            next: """
                \(path == "." ? "" : "cd \(path) && ")swift test
                OUTBOARD_REDIS_URL=redis://127.0.0.1:6390 swift run \(plugin.name)
                """)
    }

    private func dependency() throws -> PluginPackage.Dependency {
        guard let outboard else { return Checkout.own.map { .checkout($0) } ?? .repository }
        guard Checkout.isOutboard(outboard) else {
            throw SettingsError([
                "--outboard '\(outboard)': has no Package.swift of Outboard; name a checkout, for example "
                    + "one made by: git clone \(PluginPackage.Dependency.url)"
            ])
        }
        // A relative path is one from here, and holds in the package only if that is here, too.
        return .checkout(path == "." ? outboard : URL(filePath: outboard).standardizedFileURL.path)
    }

    private func fail(_ text: String, code: Int32) -> ExitCode {
        Console().fail(Printable.text(text))
        return ExitCode(code)
    }
}

/// Checkouts of Outboard on this machine.
private enum Checkout {
    /// Whether a folder has the package `outboard`.
    static func isOutboard(_ folder: String) -> Bool {
        let manifest = URL(filePath: folder).appending(path: "Package.swift")
        // One that cannot be read is none.
        guard let text = try? String(contentsOf: manifest, encoding: .utf8) else { return false }
        return text.contains("\n    name: \"outboard\",\n")
    }

    /// The one in which this program was built; nil if it was installed elsewhere.
    static var own: String? {
        var folder = (Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])).resolvingSymlinksInPath()
        while folder.pathComponents.count > 1 {
            folder.deleteLastPathComponent()
            if isOutboard(folder.path) { return folder.standardizedFileURL.path }
        }
        return nil
    }
}
