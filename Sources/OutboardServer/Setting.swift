import OutboardRedis

/// The settings of the core, as the command line and its help know them.
struct Setting {
    /// The key within a configuration, for example `http.port`.
    let key: String
    let standard: String
    let meaning: String

    /// For example `--http-port`.
    var flag: String { CommandLineFlags.flag(key) }
    /// For example `OUTBOARD_HTTP_PORT`.
    var variable: String { "OUTBOARD_" + key.uppercased().replacing(".", with: "_") }

    static let all = [
        Setting(key: "http.host", standard: "127.0.0.1", meaning: "address to serve on; 0.0.0.0 in a container"),
        Setting(key: "http.port", standard: "8080", meaning: "port to serve on"),
        Setting(key: "admin.host", standard: "127.0.0.1", meaning: "address of health, metrics and API"),
        Setting(key: "admin.port", standard: "9090", meaning: "port of health, metrics and API"),
        Setting(key: "admin.token", standard: "", meaning: "what a change by the API needs; unset: it takes none"),
        Setting(key: "admin.token.file", standard: "", meaning: "file that holds it"),
        Setting(key: "up.dir", standard: "", meaning: "data folder of the outboard up that runs this core; it sets it"),
        Setting(key: "upstream", standard: "", meaning: "http://host:port to stand in front of; unset: demo site"),
        Setting(key: "upstream.timeout", standard: "30", meaning: "seconds until an answer begins, and between parts"),
        Setting(key: "max.body.bytes", standard: "1073741824", meaning: "largest request body passed upstream"),
        Setting(key: "trusted.proxies", standard: "0", meaning: "proxies of yours in front, by X-Forwarded-For"),
        Setting(key: "event.query", standard: "false", meaning: "whether events say the query string"),
        Setting(key: "event.headers", standard: "", meaning: "request headers that events say, by commas"),
        Setting(key: "redis.url", standard: "redis://127.0.0.1:6379", meaning: "or rediss://, redis+unix:///path"),
        Setting(key: "redis.password.file", standard: "", meaning: "file that holds the password"),
        Setting(key: "redis.ca.file", standard: "", meaning: "for rediss://: whom to trust (PEM)"),
        Setting(key: "redis.cert.file", standard: "", meaning: "for rediss://: our certificate (PEM)"),
        Setting(key: "redis.key.file", standard: "", meaning: "for rediss://: its key (PEM)"),
        Setting(key: "namespace", standard: "outboard", meaning: "first part of all names in Redis"),
        Setting(key: "lanes", standard: "256", meaning: "lanes of each type, equal in all processes"),
        Setting(key: "buffer.bytes", standard: "67108864", meaning: "bytes of events that may wait for Redis"),
        Setting(key: "log.level", standard: "info", meaning: "trace, debug, info, notice, warning, error, critical"),
    ]
}
