import Outboard
import Testing

@testable import OutboardHTTP

@Suite("GatewaySettings")
struct GatewaySettingsTests {
    @Test(
        "reads an upstream",
        arguments: [
            ("http://app:3000", "http://app:3000", ""), ("HTTP://app/", "http://app", ""),
            ("https://app/api/v1/", "https://app", "/api/v1"), ("http://[::1]:80", "http://[::1]:80", ""),
        ])
    func valid(text: String, origin: String, prefix: String) throws {
        let settings = try GatewaySettings(upstream: text)
        #expect(settings.origin == origin && settings.prefix == prefix)
    }

    @Test(
        "refuses what is none, naming the setting",
        arguments: [
            "app", "app:3000", "ftp://app", "http://", "http://user:secret@app", "http://app?x=1", "http://app#x",
            "http://app:0", "http://app:99999",
        ])
    func invalid(text: String) {
        let error = #expect(throws: SettingsError.self) { try GatewaySettings(upstream: text) }
        #expect(error?.description.contains("OUTBOARD_UPSTREAM") == true)
    }
}
