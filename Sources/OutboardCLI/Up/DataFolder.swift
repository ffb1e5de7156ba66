import Foundation
import Processes

/// `.outboard/`: the data of our own Redis, used by one `outboard up` at a time.
///
/// The lock is the kernel's, on a file that stays: it is gone with its holder, however that ends.
final class DataFolder: Sendable {
    let redis: URL
    /// What `outboard load` and its like want, and what runs.
    let board: ServiceBoard
    private let lock: Int32

    /// - Throws: `UpFailure` if the folder cannot be used or another `outboard up` uses it.
    init(_ folder: URL) throws {
        redis = folder.appending(path: "redis")
        board = ServiceBoard(dataFolder: folder)
        do {
            try FileManager.default.createDirectory(at: redis, withIntermediateDirectories: true)
        } catch {
            throw UpFailure(.usage, "cannot make \(redis.path): \(error.localizedDescription)")
        }
        let file = folder.appending(path: "lock").path
        let lock = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard lock >= 0 else { throw UpFailure(.usage, "cannot open \(file): \(systemText(errno))") }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw UpFailure(.usage, "another 'outboard up' runs with \(folder.path); stop it, or give --data-dir")
        }
        self.lock = lock
        do {
            try board.clear()
        } catch {
            throw UpFailure(.usage, "cannot clear \(folder.path): \(error.localizedDescription)")
        }
    }

    deinit { close(lock) }
}
