import Foundation

/// A clock of one process that can jump: libfaketime in front of the C library, told by a file.
///
/// Only the calendar clock jumps; the monotonic one cannot on any real machine.
struct FakeClock: Sendable {
    private let library: String
    private let file: URL

    /// The library's file where the Debian package `libfaketime` puts it; nil where it is not installed.
    static var library: String? {
        let places = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib")) ?? []  // none on other systems
        return places.map { "/usr/lib/\($0)/faketime/libfaketime.so.1" }
            .first { FileManager.default.fileExists(atPath: $0) }
    }

    /// Begins with the right time.
    init(library: String, file: URL) throws {
        self.library = library
        self.file = file
        try jump(seconds: 0)
    }

    /// What a process needs in order to live by this clock.
    var environment: [String: String] {
        [
            "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": file.path, "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
        ]
    }

    /// Sets the clock off by so many seconds from the right time; seen within a second.
    func jump(seconds: Int) throws {
        try Data("\(seconds < 0 ? "" : "+")\(seconds)\n".utf8).write(to: file)
    }
}
