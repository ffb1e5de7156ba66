/// The rule by which two looks at a growing number become a rate.
enum EventRate {
    /// Events a second; nil where there is no time between the looks, or where the number fell: Redis lost data, or a
    /// process began anew.
    static func perSecond(from old: Int64, to new: Int64, milliseconds: Int64) -> Int64? {
        guard milliseconds > 0, new >= old else { return nil }
        return Int64(exactly: (Double(new - old) * 1_000 / Double(milliseconds)).rounded())
    }
}
