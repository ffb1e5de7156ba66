import Outboard
import OutboardRedis

/// One event as one line for a person.
struct EventLine {
    private enum Style: String {
        case dim = "2", bold = "1", red = "31", green = "32", yellow = "33", cyan = "36"
    }

    let isColoured: Bool
    /// Of the terminal; where the line would not fit, the source is shortened to publisher and lane.
    let width: Int

    init(isColoured: Bool, width: Int = .max) {
        self.isColoured = isColoured
        self.width = width
    }

    /// `23:15:42.117 http.request GET /hello 200 1.2 ms  /core-…/http.request/3 17`
    func text(_ event: HeardEvent) -> String {
        if let problem = event.problem, event.source.isEmpty {
            return paint("\(Printable.line(event.channel)) \(Printable.line(problem))", .red)
        }
        let time = String(event.time.description.dropFirst(11).prefix(12))
        let type = Printable.line(event.type)
        let problem = event.problem.map { "  \($0)" } ?? ""
        let plain = event.request.map { text($0) { text, _ in text } } ?? Printable.line(event.data ?? "")
        let what = event.request.map { text($0, paint) } ?? plain
        var name = "\(Printable.line(event.source)) \(event.id)"
        if time.count + type.count + plain.count + name.count + problem.count + 4 > width,
            let source = EventSource(event.source)
        {
            name = "\(source.publisher)/\(source.lane) \(event.id)"
        }
        return "\(paint(time, .dim)) \(type) \(what)  \(paint(name, .dim))\(paint(problem, .red))"
    }

    private func text(_ request: HTTPRequest, _ paint: (String, Style) -> String) -> String {
        let style: Style =
            switch request.status {
            case 500...: .red
            case 400...: .yellow
            case 300...: .cyan
            default: .green
            }
        return paint(Printable.line(request.method), .bold) + " \(Printable.line(request.path)) "
            + paint("\(request.status)", style) + " \(Self.duration(microseconds: request.durationMicroseconds))"
    }

    /// `0.3 ms`, `12.5 ms`, `1.2 s`
    static func duration(microseconds: Int) -> String {
        let (whole, unit) = microseconds < 1_000_000 ? (1_000, "ms") : (1_000_000, "s")
        return "\(microseconds / whole).\(abs(microseconds) % whole / (whole / 10)) \(unit)"
    }

    private func paint(_ text: String, _ style: Style) -> String {
        isColoured && !text.isEmpty ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }
}
