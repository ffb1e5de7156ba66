import ArgumentParser
import Foundation

/// Draws what the growth suite has measured.
struct ChartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chart", abstract: "Draws the curves of a run's growth suite as SVG, a file each.")

    @Argument(help: "The JSON of the run.")
    var json: String

    @Option(help: "The folder for the drawings.")
    var folder = "docs/charts"

    func run() throws {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        let report = try decoder.decode(Report.self, from: Data(contentsOf: URL(filePath: json)))
        guard let section = report.sections.first(where: { $0.suite == SuiteName.growth.rawValue }) else {
            throw ValidationError("\(json) has no growth suite; make one with: make bench ARGS=\"--suite growth\"")
        }
        let place = URL(filePath: folder)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        for chart in GrowthChart.charts(of: section) {
            let file = place.appending(path: chart.fileName)
            try Data(chart.svg.utf8).write(to: file)
            print("written: \(file.relativePath)")
        }
    }
}
