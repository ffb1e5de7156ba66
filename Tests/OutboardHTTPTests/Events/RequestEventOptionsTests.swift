import Outboard
import Testing

@testable import OutboardHTTP

@Suite("RequestEventOptions")
struct RequestEventOptionsTests {
    @Test("refuses headers that carry secrets, whatever their case, all at once")
    func secrets() {
        let error = #expect(throws: SettingsError.self) {
            try RequestEventOptions(
                headers: ["Cookie", "AUTHORIZATION", "set-cookie", "Proxy-Authorization", "accept", "no name"])
        }
        #expect(error?.problems.count == 5)
    }

    @Test("takes the rest, once each")
    func names() throws {
        let options = try RequestEventOptions(headers: ["Accept", "accept", "X-Tenant"])
        #expect(options.headers.map(\.name) == ["accept", "x-tenant"])
    }

    @Test("refuses absurd numbers", arguments: [-1, 9])
    func proxies(count: Int) {
        #expect(throws: SettingsError.self) { try RequestEventOptions(headers: [], trustedProxies: count) }
    }
}
