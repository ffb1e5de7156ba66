import Foundation
import Outboard

/// One message of a publisher, and where it was heard.
struct ObservedMessage: Sendable {
    let lane: Int
    let bytes: [UInt8]

    /// Its elements, judged by the scanner by which our own plugins read.
    var events: [ObservedEvent] {
        var events: [ObservedEvent] = []
        bytes.withUnsafeBytes { message in
            EventScanner.scan(message) { events.append(ObservedEvent($0, lane: lane)) }
        }
        return events
    }
}

/// One element of a message.
struct ObservedEvent: Sendable {
    /// The lane of the channel on which it came.
    let lane: Int
    /// Why no consumer could use it.
    let problem: String?
    let source: String
    let number: UInt64
    let type: String
    private let texts: Texts?

    /// What the scanner does not hand out as text.
    private struct Texts: Decodable {
        struct Request: Decodable {
            let method, path: String?
            let status: Int?
        }
        let time: String?
        let partitionkey: String?
        let data: Request?
    }

    init(_ element: borrowing ScannedElement, lane: Int) {
        self.lane = lane
        problem = element.malformed.map { "\($0)" } ?? element.unusable.map { "\($0)" }
        source = String(decoding: element.source, as: UTF8.self)
        number = element.id
        type = String(decoding: element.type, as: UTF8.self)
        // What is no JSON has a problem already.
        texts = try? JSONDecoder().decode(Texts.self, from: Data(element.bytes))
    }

    var time: String { texts?.time ?? "" }
    var partitionKey: String? { texts?.partitionkey }
    /// Members of `data` without which it is no `http.request`.
    var lacks: [String] {
        [
            texts?.data?.method == nil ? "method" : nil, texts?.data?.path == nil ? "path" : nil,
            texts?.data?.status == nil ? "status" : nil,
        ].compactMap(\.self)
    }

    var text: String { "\(source) number \(number) on lane \(lane)" }
}
