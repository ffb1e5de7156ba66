import Outboard

/// Which events are shown.
package struct EventFilter: Sendable {
    /// A path, or what it begins with.
    package enum Path: Sendable, Equatable {
        case exactly(String)
        case beginning(String)
    }

    /// One status, or a class of them.
    package enum Status: Sendable, Equatable {
        case exactly(Int)
        case hundreds(Int)
    }

    package var path: Path?
    package var status: Status?
    /// Types that some plugin hears; nil where that does not matter.
    package var heardTypes: Set<String>?

    package init(path: Path? = nil, status: Status? = nil, heardTypes: Set<String>? = nil) {
        self.path = path
        self.status = status
        self.heardTypes = heardTypes
    }

    /// Reads `/users/*` or `/users/7`.
    package static func path(_ text: String) -> Path {
        text.hasSuffix("*") ? .beginning(String(text.dropLast())) : .exactly(text)
    }

    /// Reads `404` or `5xx`; nil for anything else.
    package static func status(_ text: String) -> Status? {
        if let code = Int(text), (100...999).contains(code) { return .exactly(code) }
        let lower = text.lowercased()
        guard lower.count == 3, lower.hasSuffix("xx"), let first = lower.first?.wholeNumberValue, first > 0 else {
            return nil
        }
        return .hundreds(first)
    }

    package func matches(_ event: HeardEvent) -> Bool {
        if let heardTypes, heardTypes.contains(event.type) { return false }
        switch path {
        case .exactly(let path): if event.request?.path != path { return false }
        case .beginning(let prefix): if event.request?.path.hasPrefix(prefix) != true { return false }
        case nil: break
        }
        switch status {
        case .exactly(let code): return event.request?.status == code
        case .hundreds(let first): return event.request.map { $0.status / 100 == first } ?? false
        case nil: return true
        }
    }
}
