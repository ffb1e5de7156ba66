import NIOCore

/// Arguments of a command, encoded as they come.
package struct RedisArguments: Sendable {
    package private(set) var count = 0
    var bytes = ByteBuffer()

    package init() {}

    package mutating func append(_ text: String) {
        let length = text.utf8.count
        begin(length)
        bytes.writeString(text)
        bytes.writeStaticString("\r\n")
    }

    package mutating func append(_ number: some BinaryInteger) {
        append(String(number))
    }

    package mutating func append(_ raw: UnsafeRawBufferPointer) {
        begin(raw.count)
        bytes.writeBytes(raw)
        bytes.writeStaticString("\r\n")
    }

    package mutating func append(contentsOf other: RedisArguments) {
        var added = other.bytes
        bytes.writeBuffer(&added)
        count += other.count
    }

    private mutating func begin(_ length: Int) {
        count += 1
        bytes.writeStaticString("$")
        bytes.writeString(String(length))
        bytes.writeStaticString("\r\n")
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
