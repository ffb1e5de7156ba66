import Testing

@testable import OutboardHTTP

@Suite("TraceContext")
struct TraceContextTests {
    private let valid = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test("reads a valid header and writes it again")
    func roundTrip() throws {
        #expect(try #require(TraceContext(valid)).description == valid)
    }

    @Test("keeps the trace and its flags for a child, not the span")
    func child() throws {
        let parent = try #require(TraceContext(valid))
        let child = parent.child(by: .process)
        #expect(child.traceID == parent.traceID && child.flags == parent.flags && child.spanID != parent.spanID)
        #expect(TraceContext(child.description) == child)
    }

    @Test(
        "reads later versions as far as they are ours",
        arguments: [
            ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future", "01"),
            ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-fe", "00"),
        ])
    func laterVersions(header: String, flags: String) throws {
        #expect(try #require(TraceContext(header)).flags == flags)
    }

    @Test(
        "refuses what is no trace context",
        arguments: [
            "", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
            "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
        ])
    func refusals(header: String) {
        #expect(TraceContext(header) == nil)
    }

    @Test("writes every digit in its place")
    func digits() {
        #expect(
            IdentitySource.hex(0x0123_4567_89AB_CDEF, .max, 0, 10)
                == "0123456789abcdefffffffffffffffff0000000000000000000000000000000a")
        for shift in 0..<16 {
            for digit in UInt64(0)..<16 {
                let text = String(digit << UInt64(shift * 4), radix: 16)
                #expect(
                    IdentitySource.hex(digit << UInt64(shift * 4)) == String(repeating: "0", count: 16 - text.count)
                        + text)
            }
        }
    }

    @Test("makes ids that do not repeat")
    func unique() {
        #expect(Set((0..<10_000).map { _ in IdentitySource.process.hex32() }).count == 10_000)
        #expect(Set((0..<10_000).map { _ in IdentitySource.process.hex16() }).count == 10_000)
        #expect(TraceContext(TraceContext.started(by: .process).description) != nil)
    }
}
