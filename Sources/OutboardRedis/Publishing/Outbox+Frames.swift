import DequeModule
package import NIOCore
import Outboard

extension Outbox {
    /// Commands for one flush.
    package struct Frames {
        package var bytes: ByteBuffer
        /// Commands in `bytes`.
        package private(set) var messages = 0
        /// The same, with the events in each, in order.
        package private(set) var runs: [MessageRun] = []

        mutating func add(messages count: Int, eventsEach: Int) {
            messages += count
            if let last = runs.indices.last, runs[last].eventsEach == eventsEach {
                runs[last].messages += count
            } else {
                runs.append(MessageRun(messages: count, eventsEach: eventsEach))
            }
        }
    }

    /// Messages one behind the other that hold the same number of events.
    package struct MessageRun {
        package var messages: Int
        package let eventsEach: Int
    }

    /// Takes waiting events for the wire.
    ///
    /// - Parameter unanswered: Messages that Redis has not acknowledged yet.
    /// - Returns: nil if nothing waits or the window is full.
    package mutating func takeFrames(unanswered: Int, allocator: ByteBufferAllocator) -> Frames? {
        let room = limits.window - unanswered
        guard waiting > 0, room > 0 else { return nil }
        if waiting <= room || limits.batch == 1 { return takeSingles(min(waiting, room), allocator) }
        gatherLanes()
        return takeArrays(room, allocator)
    }

    /// The first waiting event of each lane as a single message, without taking it: what is published again and again
    /// until somebody hears that lane.
    package mutating func firstWaitingOfEachLane() -> [(lane: Int, channel: String, bytes: [UInt8])] {
        var seen = Set<Int32>()
        let first = events[sent...].filter { seen.insert($0.lane).inserted }
        return first.map { event in
            note(event.id, triedOn: Int(event.lane))
            let lane = lanes[Int(event.lane)]
            let channel = names.events(type: lane.type, lane: lane.number)
            return (Int(event.lane), channel, Array(shelf.bytes(of: event.place)))
        }
    }

    // MARK: Private

    private mutating func takeSingles(_ count: Int, _ allocator: ByteBufferAllocator) -> Frames {
        let end = sent + count
        var size = 0
        for index in sent..<end { size += events[index].place.count + lanes[Int(events[index].lane)].frameOverhead }
        var frames = Frames(bytes: allocator.buffer(capacity: size))
        frames.bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { output in
            var writer = FrameWriter(output)
            while sent < end { takeRunOfSingles(end, &writer) }
            return writer.count
        }
        frames.add(messages: count, eventsEach: 1)
        return frames
    }

    /// Writes the events up to the first one of another lane: what belongs to the lane is done once.
    private mutating func takeRunOfSingles(_ end: Int, _ writer: inout FrameWriter) {
        let lane = events[sent].lane
        var index = sent
        lanes[Int(lane)].head.withUnsafeBytes { head in
            while index < end, events[index].lane == lane {
                let place = events[index].place
                writer.write(head)
                writer.writeLength(place.count)
                writer.write(shelf.bytes(of: place))
                writer.writeLineEnd()
                index += 1
            }
        }
        sent = index
        noteSent(lane: Int(lane), through: events[index - 1].id)
    }

    private mutating func takeArrays(_ room: Int, _ allocator: ByteBufferAllocator) -> Frames {
        var frames = Frames(bytes: allocator.buffer(capacity: 64 << 10))
        while waiting > 0, frames.messages < room, frames.bytes.readableBytes < 4 * limits.messageBytes {
            let lane = events[sent].lane
            var end = sent
            var size = 1
            while end < events.count, end - sent < limits.batch, events[end].lane == lane,
                end == sent || size + events[end].place.count + 1 <= limits.messageBytes
            {
                size += events[end].place.count + 1
                end += 1
            }
            writeMessage(sent..<end, lane: Int(lane), size: size, into: &frames)
        }
        return frames
    }

    private mutating func writeMessage(_ range: Range<Int>, lane: Int, size: Int, into frames: inout Frames) {
        let isArray = range.count > 1
        let room = size + lanes[lane].frameOverhead
        frames.bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { output in
            var writer = FrameWriter(output)
            lanes[lane].head.withUnsafeBytes { writer.write($0) }
            writer.writeLength(isArray ? size : size - 2)
            for index in range {
                if isArray { writer.write(index == range.lowerBound ? UInt8(ascii: "[") : UInt8(ascii: ",")) }
                writer.write(shelf.bytes(of: events[index].place))
            }
            if isArray { writer.write(UInt8(ascii: "]")) }
            writer.writeLineEnd()
            return writer.count
        }
        frames.add(messages: 1, eventsEach: range.count)
        noteSent(lane: lane, through: events[range.upperBound - 1].id)
        sent = range.upperBound
    }

    private mutating func noteSent(lane: Int, through id: UInt64) {
        lanes[lane].sent = id
        unrecorded.insert(lane)
    }
}

extension Outbox.Lane {
    /// Bytes of a `PUBLISH` around its payload, at most: the head, the length, three line ends, two brackets.
    fileprivate var frameOverhead: Int { head.count + FrameWriter.mostDigits + 8 }
}

/// Writes into memory that has room for all of it; every write proves that it has.
private struct FrameWriter {
    static let mostDigits = 20
    private let output: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ output: UnsafeMutableRawBufferPointer) { self.output = output }

    @inline(__always)
    mutating func write(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= output.count - count, "the room for a frame was counted before")
        guard let target = output.baseAddress, let source = bytes.baseAddress else { return }
        (target + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    @inline(__always)
    mutating func write(_ byte: UInt8) {
        output[count] = byte
        count += 1
    }

    @inline(__always)
    mutating func writeLineEnd() {
        write(UInt8(ascii: "\r"))
        write(UInt8(ascii: "\n"))
    }

    /// Writes a number of 0 and more as decimal digits, and a line end.
    @inline(__always)
    mutating func writeLength(_ number: Int) {
        var divisor = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            write(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
        writeLineEnd()
    }
}
