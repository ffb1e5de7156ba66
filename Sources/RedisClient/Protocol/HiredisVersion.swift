import CHiredis

/// The hiredis whose headers this program was built with; the library itself does not say its version.
package enum HiredisVersion {
    /// For example `1.1.0`.
    package static var text: String { "\(HIREDIS_MAJOR).\(HIREDIS_MINOR).\(HIREDIS_PATCH)" }
}
