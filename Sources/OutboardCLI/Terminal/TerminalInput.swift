import Dispatch
import Foundation

/// What a person does to a full screen: keys, and another size of the window.
final class TerminalInput: Sendable {
    enum Event: Sendable, Equatable {
        case key(Character)
        case resized
    }

    /// The last ones, for one reader; a person is slower than the screen.
    let events: AsyncStream<Event>
    // Set once, and only cancelled later, which any thread may do.
    nonisolated(unsafe) private let sources: [any DispatchSourceProtocol]

    init() {
        let (events, continuation) = AsyncStream<Event>.makeStream(bufferingPolicy: .bufferingNewest(16))
        self.events = events
        let window = DispatchSource.makeSignalSource(signal: SIGWINCH, queue: .global())
        window.setEventHandler { continuation.yield(.resized) }
        window.activate()
        let keys = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: .global())
        keys.setEventHandler {
            var bytes = [UInt8](repeating: 0, count: 64)
            let count = read(STDIN_FILENO, &bytes, bytes.count)
            // At its end standard input would be readable for ever.
            guard count > 0 else { return keys.cancel() }
            for byte in bytes.prefix(count) { continuation.yield(.key(Character(UnicodeScalar(byte)))) }
        }
        // A source that was never activated must not be freed; where there are no keys it only ends.
        keys.activate()
        if isatty(STDIN_FILENO) != 1 { keys.cancel() }
        sources = [window, keys]
    }

    deinit { for source in sources { source.cancel() } }
}
