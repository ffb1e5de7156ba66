import Foundation

/// A curve of the growth suite as a drawing.
struct GrowthChart {
    private struct Series: Sendable {
        let name: String
        let colour: String
        let cost: @Sendable (Sample) -> Double?
    }

    private static let series = [
        Series(name: "one replica", colour: "#0072b2", cost: { $0.cpuMicrosecondsPerEvent }),
        Series(name: "Redis", colour: "#d55e00", cost: { $0.redisMicrosecondsPerEvent }),
        Series(name: "publishers", colour: "#009e73", cost: { $0.publisherMicrosecondsPerEvent }),
    ]

    let name: String
    private let points: [(x: Double, outcome: Outcome)]

    /// The charts of a section: a curve each, in the order in which they were measured.
    static func charts(of section: Section) -> [GrowthChart] {
        var names: [String] = []
        var points: [String: [(x: Double, outcome: Outcome)]] = [:]
        for outcome in section.outcomes {
            guard let mark = outcome.name.range(of: GrowthSuite.mark), let x = Double(outcome.name[mark.upperBound...])
            else { continue }
            let name = String(outcome.name[..<mark.lowerBound])
            if points[name] == nil { names.append(name) }
            points[name, default: []].append((x, outcome))
        }
        return names.map { GrowthChart(name: $0, points: points[$0] ?? []) }
    }

    var fileName: String { name.replacing(" ", with: "-") + ".svg" }

    // MARK: Drawing

    private static let (width, height) = (640.0, 300.0)
    private static let (left, right, top, bottom) = (52.0, 16.0, 40.0, 44.0)

    /// The drawing: steps on the x axis are equally wide, because what grows grows by factors.
    var svg: String {
        let costs = points.flatMap { point in Self.series.compactMap { point.outcome.median($0.cost) } }
        let most = max(nice(costs.max()), 0.1)
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\""
                + " font-family=\"sans-serif\" font-size=\"12\">",
            "<title>CPU microseconds an event over \(name)</title>",
            "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
        ]
        for step in 0...4 {
            let value = most * Double(step) / 4
            let y = y(value, most)
            lines.append(line(Self.left, y, Self.width - Self.right, y, "#dddddd", 1))
            lines.append(text(Self.left - 6, y + 4, "end", short(value)))
        }
        for (index, point) in points.enumerated() {
            lines.append(text(x(index), Self.height - Self.bottom + 18, "middle", short(point.x)))
        }
        lines.append(text(Self.width / 2, Self.height - 8, "middle", name))
        lines.append(text(8, 18, "start", "CPU µs an event"))
        for (number, series) in Self.series.enumerated() {
            let places = points.enumerated().compactMap { index, point in
                point.outcome.median(series.cost).map { (x(index), y($0, most)) }
            }
            let path = places.map { "\(short($0.0, 1)),\(short($0.1, 1))" }.joined(separator: " ")
            lines.append(
                "<polyline points=\"\(path)\" fill=\"none\" stroke=\"\(series.colour)\" stroke-width=\"2\"/>")
            lines += places.map {
                "<circle cx=\"\(short($0.0, 1))\" cy=\"\(short($0.1, 1))\" r=\"3\" fill=\"\(series.colour)\"/>"
            }
            let start = 260 + Double(number) * 125
            lines.append(line(start, 14, start + 18, 14, series.colour, 2))
            lines.append(text(start + 24, 18, "start", series.name))
        }
        return (lines + ["</svg>", ""]).joined(separator: "\n")
    }

    private func x(_ index: Int) -> Double {
        let room = Self.width - Self.left - Self.right - 40
        return Self.left + 20 + (points.count > 1 ? room * Double(index) / Double(points.count - 1) : room / 2)
    }

    private func y(_ value: Double, _ most: Double) -> Double {
        Self.height - Self.bottom - (Self.height - Self.top - Self.bottom) * value / most
    }

    /// The next of 1, 2, 4, 8 times a power of ten.
    private func nice(_ value: Double?) -> Double {
        guard let value, value > 0 else { return 0 }
        let power = pow(10, floor(log10(value)))
        return [1, 2, 4, 8, 10].map { $0 * power }.first { $0 >= value } ?? value
    }

    private func short(_ value: Double, _ digits: Int = 2) -> String {
        value.formatted(
            .number.precision(.fractionLength(0...digits)).grouping(.never).locale(.init(identifier: "en_US")))
    }

    private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String, _ wide: Int) -> String {
        "<line x1=\"\(short(x1, 1))\" y1=\"\(short(y1, 1))\" x2=\"\(short(x2, 1))\" y2=\"\(short(y2, 1))\""
            + " stroke=\"\(colour)\" stroke-width=\"\(wide)\"/>"
    }

    private func text(_ x: Double, _ y: Double, _ anchor: String, _ text: String) -> String {
        "<text x=\"\(short(x, 1))\" y=\"\(short(y, 1))\" text-anchor=\"\(anchor)\" fill=\"#222222\">\(text)</text>"
    }
}
