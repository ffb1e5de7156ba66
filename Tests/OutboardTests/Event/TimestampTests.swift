import Foundation
import Testing

@testable import Outboard

@Suite("Timestamp: RFC 3339 to the microsecond")
struct TimestampTests {
    @Test(
        "reads",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.000001Z", 1), ("1969-12-31T23:59:59.999999Z", -1),
            ("1970-01-01t00:00:00z", 0), ("1970-01-01T00:00:00.5Z", 500_000),
            ("1970-01-01T00:00:00.1234567890123Z", 123_456),
            ("1970-01-01T01:00:00+01:00", 0), ("1969-12-31T18:30:00-05:30", 0), ("1970-01-01T00:00:00-00:00", 0),
            ("1970-01-01T23:59:00+23:59", 0), ("2000-02-29T00:00:00Z", 951_782_400_000_000),
            ("1990-12-31T23:59:60Z", 662_687_999_999_999), ("1990-12-31T15:59:60-08:00", 662_687_999_999_999),
            ("1990-12-31T23:59:60.25Z", 662_687_999_999_999), ("2026-11-20T23:15:42.000117Z", 1_795_216_542_000_117),
            ("0000-01-01T00:00:00Z", -62_167_219_200_000_000), ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
        ] as [(String, Int64)])
    func reads(text: String, microseconds: Int64) {
        #expect(Timestamp(text)?.microseconds == microseconds)
    }

    @Test(
        "refuses",
        arguments: [
            "", "Z", "1970-01-01", "1970-01-01T00:00:00", "1970-01-01 00:00:00Z", "1970-01-01T00:00Z",
            "70-01-01T00:00:00Z",
            "1970-00-01T00:00:00Z", "1970-13-01T00:00:00Z", "1970-01-00T00:00:00Z", "1970-01-32T00:00:00Z",
            "1970-04-31T00:00:00Z", "1970-06-31T00:00:00Z", "1970-09-31T00:00:00Z", "1970-11-31T00:00:00Z",
            "1900-02-29T00:00:00Z", "2001-02-29T00:00:00Z", "2000-02-30T00:00:00Z", "1970-01-01T24:00:00Z",
            "1970-01-01T00:60:00Z", "1970-01-01T00:00:61Z", "1970-01-01T00:00:60Z", "1990-12-31T23:59:60-01:00",
            "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00,5Z", "1970-01-01T00:00:00.5", "1970-01-01T00:00:00+0100",
            "1970-01-01T00:00:00+24:00", "1970-01-01T00:00:00+01:60", "1970-01-01T00:00:00+01", "1970-01-01T00:00:00ZZ",
            "1970-01-01T00:00:00Z ", " 1970-01-01T00:00:00Z", "1970-01-01T00:00:00.5x", "197O-01-01T00:00:00Z",
            "+970-01-01T00:00:00Z", "1970-01-01T00:00:0١Z", "1970-01-01T00:00:00\u{5A}\u{0}", "12345-01-01T00:00:00Z",
        ])
    func refuses(text: String) {
        #expect(Timestamp(text) == nil)
    }

    /// What this bus writes is read eight bytes at once; one digit more, and each byte is looked at.
    @Test("reads its own form as any other, whatever byte stands anywhere", arguments: 0..<27)
    func ownForm(place: Int) {
        for byte in UInt8.min...UInt8.max {
            var text = Array("2024-02-29T23:59:38.506789Z".utf8)
            text[place] = byte
            let longer = Array(text[..<26]) + [UInt8(ascii: "0"), text[26]]
            let (own, other) = (Self.read(text), Self.read(longer))
            #expect(own == other, "byte \(byte)")
            let isPlain = byte == Array("2024-02-29T23:59:38.506789Z".utf8)[place]
            if isPlain { #expect(own == Timestamp("2024-02-29T23:59:38.506789Z")) }
        }
    }

    private static func read(_ text: [UInt8]) -> Timestamp? {
        text.withUnsafeBytes { Timestamp(rfc3339: $0) }
    }

    @Test("is Foundation's time, for any moment of the years 1583 to 9999", arguments: 1...8)
    func foundation(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: false)
        for _ in 0..<500 {
            // Before the calendar reform Foundation counts in the Julian calendar, RFC 3339 does not.
            let second = Int64.random(in: -12_200_000_000...253_402_300_799, using: &generator)
            let fraction = Int64.random(in: 0..<1_000_000, using: &generator)
            let time = Timestamp(microseconds: second * 1_000_000 + fraction)
            let text = format.format(Date(timeIntervalSince1970: TimeInterval(second)))
            let digits = String(String(1_000_000 + fraction).dropFirst())
            #expect(time.description == text.dropLast() + ".\(digits)Z")
            #expect(Timestamp(time.description) == time)
        }
    }

    @Test("writes every day of four centuries as the day after the one before")
    func everyDay() throws {
        var (year, month, day) = (1800, 1, 1)
        var time = try #require(Timestamp("1800-01-01T00:00:00Z"))
        while year < 2201 {
            func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
            let expected = "\(year)-\(padded(month))-\(padded(day))T00:00:00.000000Z"
            #expect(time.description == expected)
            #expect(Timestamp(expected) == time)
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            day += 1
            if day > [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] {
                (month, day) = (month + 1, 1)
            }
            if month > 12 { (year, month) = (year + 1, 1) }
            time = Timestamp(microseconds: time.microseconds + 86_400_000_000)
        }
    }

    @Test("stays inside the years that RFC 3339 can write")
    func range() {
        #expect(Timestamp(microseconds: .min) == .earliest)
        #expect(Timestamp(microseconds: .max) == .latest)
        #expect(Timestamp.earliest.description == "0000-01-01T00:00:00.000000Z")
        #expect(Timestamp.latest.description == "9999-12-31T23:59:59.999999Z")
        #expect(Timestamp("0000-01-01T00:00:00+01:00") == .earliest)
        #expect(Timestamp("9999-12-31T23:59:59-01:00") == .latest)
        #expect(Timestamp("9999-12-31T23:59:60Z") == .latest)
        #expect(Timestamp.earliest < .latest)
    }

    @Test("one writer writes times in any order as each alone is written")
    func writer() {
        var writer = TimestampWriter()
        let second: Int64 = 1_795_216_542_000_000
        let offsets: [Int64] = [0, 1, 999_999, 1_000_000, -1, 0]
        for microseconds in offsets.map({ second + $0 }) + offsets + [-1_000_000, -999_999, 1, second] {
            let time = Timestamp(microseconds: microseconds)
            let text = String(unsafeUninitializedCapacity: Timestamp.textCount) { output in
                output.baseAddress.map { writer.write(time, to: $0) }
                return Timestamp.textCount
            }
            #expect(text == time.description)
        }
    }

    @Test("is the machine's clock")
    func now() {
        let before = Date().timeIntervalSince1970
        let now = Double(Timestamp.now.microseconds) / 1_000_000
        #expect(now >= before - 0.001 && now <= Date().timeIntervalSince1970 + 0.001)
    }

    @Test("is coded as its text")
    func codable() throws {
        let time = Timestamp(microseconds: 1_795_216_542_000_117)
        let encoded = try JSONEncoder().encode([time])
        #expect(String(decoding: encoded, as: UTF8.self) == #"["2026-11-20T23:15:42.000117Z"]"#)
        #expect(try JSONDecoder().decode([Timestamp].self, from: encoded) == [time])
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([Timestamp].self, from: Data(#"["today"]"#.utf8))
        }
    }
}
