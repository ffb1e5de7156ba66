import Foundation

// Compiled together with the sources of Outboard by ../run-event-scanner.sh; libFuzzer calls this with bytes of its own
// making, looking for ones that reach new code. What must hold for every input is a precondition: it ends the process,
// and libFuzzer keeps the input.

/// Gives one input to the scanner and checks what must hold for any.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzEventScanner(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // A copy of exactly the input's size, so that reading beyond it is caught by the address sanitizer.
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
    defer { memory.deallocate() }
    if let start { memory.copyMemory(from: UnsafeRawBufferPointer(start: start, count: count)) }
    let message = UnsafeRawBufferPointer(memory)

    var end = 0
    EventScanner.scan(message) { element in
        guard let base = message.baseAddress, let place = element.bytes.baseAddress else { return }
        let offset = place - base
        precondition(offset >= end && offset + element.bytes.count <= count, "elements lie in order in the message")
        end = offset + element.bytes.count
        if element.malformed == nil { ElementProperties.check(element) }
    }
    TextProperties.check(message)
    return 0
}
