import OutboardRedis

/// The core's figures in Prometheus's text format, version 0.0.4.
struct MetricsText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""

    init(version: String, requests: EventRecorder.Counts, bus: BusStatistics, memory: Int?, started: Double) {
        family("outboard_build_info", "gauge", "Which version runs; always 1.")
        text += "outboard_build_info{version=\"\(version)\"} 1\n"
        family("outboard_http_requests_total", "counter", "Requests that came to their end, by class of status.")
        for (digit, count) in requests.byStatusClass.enumerated() where digit > 0 {
            text += "outboard_http_requests_total{status=\"\(digit)xx\"} \(count)\n"
        }
        single(
            "outboard_http_events_refused_total", "counter", "Request events that the bus refused.", requests.refused)
        single("outboard_events_accepted_total", "counter", "Events that got a number.", bus.accepted)
        single("outboard_events_acknowledged_total", "counter", "Events that Redis acknowledged.", bus.acknowledged)
        single("outboard_events_dropped_total", "counter", "Events that went because the buffer was full.", bus.dropped)
        single("outboard_events_buffered", "gauge", "Events that wait for Redis.", bus.buffered)
        single("outboard_bus_connected", "gauge", "1 while there is a connection to Redis.", bus.connected ? 1 : 0)
        if let memory {
            single("process_resident_memory_bytes", "gauge", "Resident memory size in bytes.", memory)
        }
        single("process_start_time_seconds", "gauge", "Start of the process since the Unix epoch.", started)
    }

    private mutating func family(_ name: String, _ kind: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    }

    private mutating func single(_ name: String, _ kind: String, _ help: String, _ value: some CustomStringConvertible)
    {
        family(name, kind, help)
        text += "\(name) \(value)\n"
    }
}
