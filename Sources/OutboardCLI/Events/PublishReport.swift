import OutboardRedis

/// What a publication came to.
struct PublishReport: Encodable {
    let type: String
    let published: Int
    let publisher: String
    let hearers: Hearers

    var text: String {
        let lanes =
            hearers.least == hearers.most
            ? ShortText.counted(hearers.most, "subscriber") : "\(hearers.least) to \(hearers.most) subscribers"
        let plugins = hearers.plugins.isEmpty ? "no plugin" : hearers.plugins.joined(separator: ", ")
        return "published \(ShortText.counted(Int64(published), "event")) of \(type) as \(publisher); "
            + "\(lanes) a lane, heard by \(plugins)"
    }
}
