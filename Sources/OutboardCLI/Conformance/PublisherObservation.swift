import Outboard

/// All that was seen of a publisher which was run twice; what the cases of `PublisherCases` judge.
struct PublisherObservation: Sendable {
    /// One life of the program.
    struct Run: Sendable {
        /// nil if it had to be killed.
        var exitCode: Int32?
        /// Redis's clock when it was started and when it had ended.
        var began: Int64 = 0
        var ended: Int64 = 0
        var messages: [ObservedMessage] = []
        /// The elements of all messages, in order.
        var events: [ObservedEvent] = []
        /// All that Redis was told meanwhile, in its order.
        var commands: [MonitorLine] = []
        /// Publishers that were not there before.
        var publishers: [Publisher] = []
        var output: [String] = []
    }

    /// A run whose connection was cut.
    struct Cut: Sendable {
        /// Where, for example `behind a lost reply`.
        let place: String
        let run: Run
        /// Whether there were events to cut at.
        let happened: Bool
    }

    /// What Redis knows of one publisher behind its end.
    struct Publisher: Sendable {
        let id: String
        let record: [String: String]
        /// Seconds that its record lives.
        let lifetime: Int64
        /// Its member of the sorted set of heartbeats.
        let heartbeat: Int64?
    }

    /// What OUTBOARD_EVENTS said.
    let requested: Int
    /// What the names of all channels of the type begin with.
    let channels: String
    /// The key of a publisher's record, without its id.
    let records: String
    let runs: [Run]
    /// Two more runs, in which the connection was cut at its first events.
    let cuts: [Cut]
    /// The books of our own consumer, behind `runs`.
    let account: PluginAccount
    /// Elements in which it saw no event.
    let malformed: Int
}
