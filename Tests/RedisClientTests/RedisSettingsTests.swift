import Testing

@testable import RedisClient

@Suite("Redis settings and small parts")
struct RedisSettingsTests {
    @Test(
        "reads the address of a URL",
        arguments: [
            ("redis://host", RedisSettings.Address.tcp(host: "host", port: 6_379)),
            ("redis://host:1", .tcp(host: "host", port: 1)), ("redis://[::1]:7", .tcp(host: "::1", port: 7)),
            ("redis+unix:///a/b%20c", .unix(path: "/a/b c")),
        ])
    func address(url: String, address: RedisSettings.Address) throws {
        #expect(try RedisSettings(url: url).address == address)
    }

    @Test("reads user, password and database")
    func credentials() throws {
        let settings = try RedisSettings(url: "redis://me:p%40%25ss@host/3")
        #expect(settings.user == "me" && settings.password == "p@%ss" && settings.database == 3 && settings.tls == nil)
        #expect(try RedisSettings(url: "redis://:a@host", password: "b").password == "b")
        #expect(try RedisSettings(url: "rediss://host").tls != nil)
    }

    @Test(
        "refuses what it cannot read and shows no password",
        arguments: [
            "host", "http://host", "redis://", "redis://u:secret@", "redis://u:secret@h:0", "redis://u:secret@h:70000",
            "redis://u:secret@h/x", "redis://u:secret%zz@h", "redis://u:secret@[::1", "redis+unix://secret",
        ])
    func refusals(url: String) {
        let error = #expect(throws: RedisError.self) { try RedisSettings(url: url) }
        #expect(error?.code == .badURL)
        #expect(error?.description.contains("secret") == false)
    }

    @Test(
        "computes SHA-1 as FIPS 180-4 prints it",
        arguments: [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
            ), (String(repeating: "a", count: 1_000_000), "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
        ])
    func sha1(text: String, digest: String) {
        #expect(SHA1.hexDigest(of: Array(text.utf8)) == digest)
    }

    @Test("waits between a tenth of the bound and the bound, which doubles up to the limit")
    func backoff() {
        var generator = SystemRandomNumberGenerator()
        var backoff = Backoff(first: .milliseconds(50), limit: .milliseconds(200))
        for bound in [50, 100, 200, 200] {
            #expect((.milliseconds(bound) / 10 ... .milliseconds(bound)).contains(backoff.next(using: &generator)))
        }
        backoff.reset()
        #expect(backoff.next(using: &generator) <= .milliseconds(50))
    }

    @Test("shows no argument that Redis repeats")
    func unknownCommand() {
        let error = RedisError(serverText: "ERR unknown command 'X', with args beginning with: 'secret'")
        #expect(error.message == "ERR unknown command 'X'" && error.serverCode == "ERR")
    }
}
