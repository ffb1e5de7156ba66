/// The name of a plugin: `[a-z][a-z0-9-]{0,47}`; the same for all of its replicas and versions.
public struct PluginName: Sendable, Hashable, CustomStringConvertible {
    /// The name as it stands in Redis's keys.
    public let rawValue: String

    /// - Throws: `SettingsError` if `rawValue` is not of the form above.
    public init(_ rawValue: String) throws {
        let bytes = Array(rawValue.utf8)
        let valid =
            (1...48).contains(bytes.count) && bytes[0].isLowercaseLetter
            && bytes.allSatisfy { $0.isLowercaseLetter || $0.isDigit || $0 == UInt8(ascii: "-") }
        guard valid else {
            throw SettingsError([
                "plugin name '\(rawValue)': needs a lowercase letter, then up to 47 of a-z, 0-9 and -, "
                    + "for example request-counter"
            ])
        }
        self.rawValue = rawValue
    }

    /// The name.
    public var description: String { rawValue }
}

extension UInt8 {
    /// `a` through `z`.
    package var isLowercaseLetter: Bool { self >= UInt8(ascii: "a") && self <= UInt8(ascii: "z") }
    /// `0` through `9`.
    package var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
}
