import Foundation
import Processes
import Synchronization

/// One connection through a `TCPProxy`: two sockets, closed when both directions have ended.
final class ProxyLink: Sendable {
    let losesNextReply = Atomic(false)
    let holdsReplies = Atomic(false)
    /// Our port towards the server.
    let serverPort: Int?
    private let client: Int32
    private let server: Int32
    private let isOpen = Mutex(true)
    private let directions = Atomic(2)

    init(client: Int32, server: Int32) {
        self.client = client
        self.server = server
        self.serverPort = LoopbackPort.port(of: server)
    }

    /// Ends both directions now.
    func cut() {
        isOpen.withLock { isOpen in
            guard isOpen else { return }
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
        }
    }

    /// Copies until either side ends or `passes` refuses, then cuts; runs on a thread of its own.
    func pump(from source: Int32, to sink: Int32, passes: (ArraySlice<UInt8>) -> Bool, done: () -> Void) {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0, passes(buffer[..<count]), sendAll(buffer[..<count], to: sink) else { break }
        }
        cut()
        guard directions.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        isOpen.withLock { isOpen in
            isOpen = false
            close(client)
            close(server)
        }
        done()
    }

    private func sendAll(_ bytes: ArraySlice<UInt8>, to sink: Int32) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = send(sink, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
    }
}
