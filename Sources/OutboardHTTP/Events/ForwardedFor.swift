/// Who the client is when proxies stand in front of us.
///
/// `X-Forwarded-For` is a list to which each proxy appends the address it was called from. Only the last entries, those
/// that our own proxies wrote, can be believed; so the rule is the number of these proxies, and 0 means that the header
/// counts for nothing.
struct ForwardedFor: Sendable, Equatable {
    /// How many proxies of ours stand in front of this process.
    let trustedProxies: Int

    /// - Parameters:
    ///   - header: The request's `X-Forwarded-For`, all its lines joined.
    ///   - peer: The address that the connection comes from.
    func client(header: String?, peer: String?) -> String? {
        guard trustedProxies > 0, let header else { return peer }
        let addresses = header.split(separator: ",").map { $0.drop { $0 == " " } }.map(Self.trimmed)
        guard addresses.count >= trustedProxies else { return addresses.first.map(String.init) ?? peer }
        return String(addresses[addresses.count - trustedProxies])
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.prefix(64)
        while text.last == " " { text.removeLast() }
        return text
    }
}
