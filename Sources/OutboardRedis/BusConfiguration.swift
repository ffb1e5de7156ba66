public import Configuration
import Outboard

/// (Interface agreed; body to be replaced: Redis settings, namespace, lanes, publisher name, buffer bound.)
public struct BusConfiguration: Sendable {
    /// Reads OUTBOARD_REDIS_URL, OUTBOARD_REDIS_PASSWORD_FILE, OUTBOARD_NAMESPACE, OUTBOARD_LANES, … ; throws SettingsError with all problems.
    public init(reader: ConfigReader) throws {}
}
