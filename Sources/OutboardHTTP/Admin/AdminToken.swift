import HTTPTypes
import Hummingbird

/// Who may change something by the admin API: whoever shows the token (RFC 6750).
package struct AdminToken: Sendable {
    private let bytes: [UInt8]

    /// - Parameter text: Not empty.
    package init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// - Throws: `Problem` unless the request shows the token that there is.
    static func check(_ token: AdminToken?, _ request: Request) throws {
        guard let token else {
            throw Problem(
                status: .forbidden,
                detail: "This core takes no changes; start it with OUTBOARD_ADMIN_TOKEN to let it.")
        }
        guard let field = request.headers[.authorization], field.lowercased().hasPrefix("bearer "),
            token.equals(field.dropFirst(7))
        else {
            throw Problem(
                status: .unauthorized, detail: "A change needs the header 'Authorization: Bearer TOKEN'.",
                headers: [.wwwAuthenticate: "Bearer"])
        }
    }

    /// Compares in a time that says nothing about where they differ.
    func equals(_ text: some StringProtocol) -> Bool {
        let given = Array(text.utf8)
        var difference = UInt8(given.count == bytes.count ? 0 : 1)
        for (index, byte) in given.enumerated() { difference |= byte ^ bytes[index % bytes.count] }
        return difference == 0
    }
}
