import NIOCore

/// Arguments of a command, encoded as they come.
package struct RedisArguments: Sendable {
    package private(set) var count = 0
    var bytes = ByteBuffer()

    package init() {}

    package mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    package mutating func append(_ number: Int) { append(Int64(number)) }

    package mutating func append(_ number: Int64) { append(magnitude: number.magnitude, isNegative: number < 0) }

    package mutating func append(_ number: UInt64) { append(magnitude: number, isNegative: false) }

    /// Writes an argument in one piece: a flush has hundreds of them, and each piece is checked and may move the buffer.
    package mutating func append(_ raw: UnsafeRawBufferPointer) {
        count += 1
        // "$", the count, and two line ends.
        bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: raw.count + Digits.most + 5) { output in
            withUnsafeTemporaryAllocation(byteCount: Digits.most, alignment: 1) { digits in
                let start = Digits.write(UInt64(raw.count), into: digits)
                var rest = output
                Self.write("$", into: &rest)
                Self.write(UnsafeRawBufferPointer(rebasing: digits[start...]), into: &rest)
                Self.write("\r\n", into: &rest)
                Self.write(raw, into: &rest)
                Self.write("\r\n", into: &rest)
                return output.count - rest.count
            }
        }
    }

    package mutating func append(contentsOf other: RedisArguments) {
        var added = other.bytes
        bytes.writeBuffer(&added)
        count += other.count
    }

    private mutating func append(magnitude: UInt64, isNegative: Bool) {
        withUnsafeTemporaryAllocation(byteCount: Digits.most, alignment: 1) { digits in
            var start = Digits.write(magnitude, into: digits)
            if isNegative {
                start -= 1
                digits[start] = UInt8(ascii: "-")
            }
            append(UnsafeRawBufferPointer(rebasing: digits[start...]))
        }
    }

    @inline(__always)
    private static func write(_ text: StaticString, into output: inout UnsafeMutableRawBufferPointer) {
        write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount), into: &output)
    }

    @inline(__always)
    private static func write(_ bytes: UnsafeRawBufferPointer, into output: inout UnsafeMutableRawBufferPointer) {
        output.copyMemory(from: bytes)
        output = UnsafeMutableRawBufferPointer(rebasing: output[bytes.count...])
    }

    /// Whole numbers, written as digits.
    private enum Digits {
        /// Bytes of the longest number of 64 bits, with a sign.
        static let most = 21

        /// Writes a number to the end of `output`, which has room for `most` bytes.
        ///
        /// - Returns: The index at which it begins.
        static func write(_ number: UInt64, into output: UnsafeMutableRawBufferPointer) -> Int {
            var rest = number
            var start = output.count
            repeat {
                start -= 1
                output[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            return start
        }
    }
}

/// One command for Redis.
package struct RedisCommand: Sendable {
    /// The command's name, for error messages.
    package let name: String
    private var arguments: RedisArguments

    package init(_ words: String...) {
        self.init(words: words)
    }

    /// - Parameter words: The name, then the arguments.
    package init(words: [String]) {
        var arguments = RedisArguments()
        for word in words.dropFirst() { arguments.append(word) }
        self.init(words.first ?? "PING", arguments: arguments)
    }

    package init(_ name: String, arguments: RedisArguments) {
        self.name = name
        var all = RedisArguments()
        all.append(name)
        all.append(contentsOf: arguments)
        self.arguments = all
    }

    /// Appends the command as RESP.
    func write(into buffer: inout ByteBuffer) {
        buffer.writeString("*\(arguments.count)\r\n")
        var bytes = arguments.bytes
        buffer.writeBuffer(&bytes)
    }

    /// Bytes that `write` appends, nearly.
    var size: Int { arguments.bytes.readableBytes + 16 }
}

/// A Lua script, called by its digest.
package struct RedisScript: Sendable {
    package let name: String
    package let source: [UInt8]
    /// SHA-1 of the source as 40 hex digits, by which `EVALSHA` knows it.
    package let digest: String

    package init(name: String, source: [UInt8]) {
        self.name = name
        self.source = source
        self.digest = SHA1.hexDigest(of: source)
    }
}
