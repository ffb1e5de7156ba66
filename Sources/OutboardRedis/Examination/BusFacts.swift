/// What lies on a bus, as an examination sees it.
struct BusFacts {
    /// One publisher's record and heartbeat.
    struct Publisher {
        let id: String
        /// Milliseconds since the last heartbeat; nil where there is none.
        var heartbeatAge: Int64?
        var dropped: Int64 = 0
        /// `<type>/<lane>` → number.
        var numbers: [String: Int64] = [:]
        /// Whether a number rose while we looked.
        var isMoving = false
    }

    struct Plugin {
        let detail: PluginDetail
        let audit: PluginAudit
        /// Channels of its types that nobody is subscribed to.
        var unheard: [String] = []
    }

    /// A key that is not what the protocol says, and what it is.
    struct WrongKey {
        let key: String
        let kind: String
        let wanted: String
    }

    /// As the hash of the bus says it; nil where there is none.
    var lanes: String?
    /// `OUTBOARD_LANES` of this shell; nil where it is not set.
    var wantedLanes: Int?
    var publishers: [Publisher] = []
    var plugins: [Plugin] = []
    var wrongKeys: [WrongKey] = []
}
