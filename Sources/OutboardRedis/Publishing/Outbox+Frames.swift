import DequeModule
package import NIOCore
import Outboard

extension Outbox {
    /// Commands for one flush.
    package struct Frames {
        package var bytes: ByteBuffer
        /// Events in each `PUBLISH`, in order.
        package var messages: [Int] = []
    }

    /// Takes waiting events for the wire.
    ///
    /// - Parameter unanswered: Messages that Redis has not acknowledged yet.
    /// - Returns: nil if nothing waits or the window is full.
    package mutating func takeFrames(unanswered: Int, allocator: ByteBufferAllocator) -> Frames? {
        let room = limits.window - unanswered
        guard waiting > 0, room > 0 else { return nil }
        if waiting <= room || limits.batch == 1 {
            let frames = takeSingles(min(waiting, room), allocator)
            advanceLane()
            return frames
        }
        gatherLanes()
        let frames = takeArrays(room, allocator)
        advanceLane()
        return frames
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
            return (Int(event.lane), channel, event.bytes.withBytes { Array($0) })
        }
    }

    // MARK: Private

    private mutating func takeSingles(_ count: Int, _ allocator: ByteBufferAllocator) -> Frames {
        var size = 0
        for event in events[sent..<sent + count] { size += event.bytes.count + 96 }
        var frames = Frames(bytes: allocator.buffer(capacity: size))
        frames.messages.reserveCapacity(count)
        for event in events[sent..<sent + count] {
            let lane = Int(event.lane)
            frames.bytes.writeBytes(lanes[lane].head)
            frames.bytes.writeDecimal(event.bytes.count)
            frames.bytes.writeStaticString("\r\n")
            _ = event.bytes.withBytes { frames.bytes.writeBytes($0) }
            frames.bytes.writeStaticString("\r\n")
            frames.messages.append(1)
            lanes[lane].sent = event.id
            unrecorded.insert(lane)
        }
        sent += count
        return frames
    }

    private mutating func takeArrays(_ room: Int, _ allocator: ByteBufferAllocator) -> Frames {
        var frames = Frames(bytes: allocator.buffer(capacity: 64 << 10))
        while waiting > 0, frames.messages.count < room, frames.bytes.readableBytes < 4 * limits.messageBytes {
            let lane = events[sent].lane
            var end = sent
            var size = 1
            while end < events.count, end - sent < limits.batch, events[end].lane == lane,
                end == sent || size + events[end].bytes.count + 1 <= limits.messageBytes
            {
                size += events[end].bytes.count + 1
                end += 1
            }
            writeMessage(sent..<end, lane: Int(lane), size: size, into: &frames)
        }
        return frames
    }

    private mutating func writeMessage(_ range: Range<Int>, lane: Int, size: Int, into frames: inout Frames) {
        let isArray = range.count > 1
        frames.bytes.writeBytes(lanes[lane].head)
        frames.bytes.writeDecimal(isArray ? size : size - 2)
        frames.bytes.writeStaticString("\r\n")
        for index in range {
            if isArray { frames.bytes.writeInteger(index == range.lowerBound ? UInt8(ascii: "[") : UInt8(ascii: ",")) }
            _ = events[index].bytes.withBytes { frames.bytes.writeBytes($0) }
        }
        if isArray { frames.bytes.writeInteger(UInt8(ascii: "]")) }
        frames.bytes.writeStaticString("\r\n")
        frames.messages.append(range.count)
        lanes[lane].sent = events[range.upperBound - 1].id
        unrecorded.insert(lane)
        sent = range.upperBound
    }
}

extension ByteBuffer {
    /// Writes a number of 0 and more as decimal digits.
    mutating func writeDecimal(_ number: Int) {
        if number < 10 { return _ = writeInteger(UInt8(ascii: "0") + UInt8(number)) }
        writeDecimal(number / 10)
        writeInteger(UInt8(ascii: "0") + UInt8(number % 10))
    }
}
