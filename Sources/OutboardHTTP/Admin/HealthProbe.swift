import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Asks a core on this machine whether it is ready, for container health checks.
package enum HealthProbe {
    package static func isReady(host: String, port: Int) async -> (isReady: Bool, finding: String) {
        // A server on all addresses is on the loopback, too.
        let local = host == "0.0.0.0" ? "127.0.0.1" : host == "::" ? "::1" : host
        let url = "http://\(local.contains(":") ? "[\(local)]" : local):\(port)/health/ready"
        do {
            let response = try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(3))
            let body = try await response.body.collect(upTo: 64 << 10)
            return (response.status == .ok, String(buffer: body))
        } catch {
            return (false, "\(url) does not answer: \(error)\n")
        }
    }
}
