import Foundation
import Outboard
import OutboardRedis
import Testing

@testable import OutboardCLI

@Suite("Certificate")
struct CertificateTests {
    private static let source = "/torture-1-0123456789abcdef/http.request/0"

    /// A run of ten events: seven counted, two missed, one failed.
    private func certificate(
        published: Int64 = 10, record: Int64 = 10, books: [Book: Int64] = [:], requests: Int64 = 7,
        buckets: [String: Int64] = ["/1/0": 4, "/1/1": 3], problems: [String] = [], crowd: FaultPlan.Crowd = .many
    ) throws -> Certificate {
        var all = PluginBooks(plugin: try PluginName("request-counter"))
        for (book, number) in [.applied: 10, .handled: 7, .failed: 1, .missed: 2].merging(
            books, uniquingKeysWith: { $1 })
        {
            all.books[book] = [Self.source: number]
        }
        all.published = [Self.source: record]
        return Certificate(
            settings: Certificate.Settings(seed: 42, seconds: 20, rate: 500, replicas: 3, publishers: 2, crowd: crowd),
            faults: [.kill: 2, .partition: 1],
            account: Certificate.Account(published: published, expected: ["/1/0": 5, "/1/1": 4]),
            counters: Certificate.Counters(requests: requests, buckets: buckets), audit: PluginAudit(all),
            problems: problems)
    }

    @Test("holds where every event is counted once or booked")
    func holds() throws {
        let certificate = try certificate()
        #expect(certificate.violations == [])
        #expect(certificate.countedTwice == 0 && certificate.unaccounted == 0 && certificate.missed == 2)
        #expect(
            certificate.command == "outboard torture --seed 42 --seconds 20 --rate 500 --replicas 3 --publishers 2")
    }

    @Test("finds an event counted twice beyond the books")
    func twice() throws {
        let certificate = try certificate(requests: 8, buckets: ["/1/0": 5, "/1/1": 3])
        #expect(certificate.countedTwice == 1)
        #expect(!certificate.holds)
    }

    @Test("finds one that was counted twice where another one is missing, by its bucket")
    func hidden() throws {
        let certificate = try certificate(buckets: ["/1/0": 6, "/1/1": 1])
        #expect(certificate.countedTwice == 1)
        #expect(certificate.violations == ["counted twice: 1"])
    }

    @Test("finds events that nobody accounts for, and a fence that is not the record")
    func lost() throws {
        #expect(try certificate(published: 12).violations == ["published 12, accounted for 10"])
        #expect(try certificate(record: 11).violations == ["\(Self.source): the record is 11, the fence 10"])
        #expect(try certificate(record: 9).violations == ["\(Self.source): the record is 9, the fence 10"])
        #expect(try certificate(requests: 6, buckets: ["/1/0": 4, "/1/1": 2]).holds == false)
        #expect(try certificate(books: [.handled: 6]).holds == false)
        #expect(try certificate(problems: ["replica 1 ended by itself"]).violations == ["replica 1 ended by itself"])
    }

    @Test("allows no loss where only one replica at a time suffered")
    func oneAtATime() throws {
        let lossy = try certificate(crowd: .one)
        #expect(lossy.violations == ["missed 2, though only one replica at a time suffered"])
        #expect(lossy.command.hasSuffix(" --one-at-a-time"))
    }

    @Test("says all of it to a person and to a program")
    func texts() throws {
        let text = try certificate().text
        #expect(text.contains("  seed           42\n"))
        #expect(text.contains("  counted twice  0\n  verdict        HOLDS\n"))
        #expect(text.contains("  faults         3\n                 2 × kill -9\n                 1 × partition\n"))
        let json = try JSONSerialization.jsonObject(with: Data(try certificate(published: 12).json().utf8))
        let fields = try #require(json as? [String: Any])
        #expect(fields["counted_twice"] as? Int == 0)
        #expect(fields["unaccounted"] as? Int == 2)
        #expect(fields["holds"] as? Bool == false)
    }
}
