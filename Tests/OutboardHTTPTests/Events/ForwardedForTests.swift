import Testing

@testable import OutboardHTTP

@Suite("ForwardedFor")
struct ForwardedForTests {
    @Test(
        "believes as many entries as there are proxies of ours",
        arguments: [
            (0, "6.6.6.6", "10.0.0.1"), (1, "6.6.6.6", "6.6.6.6"), (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
            (2, "6.6.6.6 ,1.2.3.4,10.0.0.9", "1.2.3.4"), (3, "1.2.3.4", "1.2.3.4"), (1, "", "10.0.0.1"),
        ])
    func client(proxies: Int, header: String, expected: String) {
        let rule = ForwardedFor(trustedProxies: proxies)
        #expect(rule.client(header: header, peer: "10.0.0.1") == expected)
    }

    @Test("falls back to the peer without a header")
    func noHeader() {
        #expect(ForwardedFor(trustedProxies: 1).client(header: nil, peer: "10.0.0.1") == "10.0.0.1")
    }
}
