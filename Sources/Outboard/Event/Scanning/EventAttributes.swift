/// Where the attributes of one event lie in its bytes. Of an attribute that comes twice the last one counts.
struct EventAttributes: Sendable {
    var specversion = JSONText.absent
    var source = JSONText.absent
    var id = JSONText.absent
    var type = JSONText.absent
    var time = JSONText.absent
    var dataContentType = JSONText.absent
    var partitionKey = JSONText.absent
    var traceparent = JSONText.absent
    var data = JSONText.absent
    /// Where the members of `data` lie, if it is a request in our own order: the walk over it has noted them anyway.
    var request = HTTPRequestPlaces()
    var isRequest = false
    /// Whether the attributes came as we write them: what they have to be in any case, they then are.
    var areOurs = false

    /// Notes a member of the event; one with another name is allowed and ignored.
    @inline(__always)
    mutating func note(_ member: JSONMember) {
        guard member.nameIsEscaped else {
            note(member.value, named: member.name, member.nameCount)
            return
        }
        noteEscaped(member)
    }

    @inline(never)
    private mutating func noteEscaped(_ member: JSONMember) {
        // The longest name has 15 characters of at most six bytes each.
        guard member.nameCount <= 90 else { return }
        member.withName { name, count in note(member.value, named: name, count) }
    }

    @inline(__always)
    private mutating func note(_ value: JSONText, named name: UnsafePointer<UInt8>, _ count: Int) {
        // The count tells most names apart; in each case it proves that there are as many bytes as are compared.
        switch count {
        case 2: if JSONGrammar.equal(name, "id") { id = value }
        case 4:
            if JSONGrammar.equal(name, "data") {
                data = value
            } else if JSONGrammar.equal(name, "type") {
                type = value
            } else if JSONGrammar.equal(name, "time") {
                time = value
            }
        case 6: if JSONGrammar.equal(name, "source") { source = value }
        case 11:
            if JSONGrammar.equal(name, "specversion") {
                specversion = value
            } else if JSONGrammar.equal(name, "traceparent") {
                traceparent = value
            }
        case 12: if JSONGrammar.equal(name, "partitionkey") { partitionKey = value }
        case 15: if JSONGrammar.equal(name, "datacontenttype") { dataContentType = value }
        default: return
        }
    }
}
