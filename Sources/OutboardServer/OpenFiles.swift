#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How many files, connections among them, this process may have open.
enum OpenFiles {
    /// Raises the soft limit to the hard one; many systems begin with 1024, which two hundred browsers can use up.
    ///
    /// - Returns: The limit that holds.
    static func raiseLimit() -> Int {
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 1_024 }
        let soft = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        let holds = setrlimit(resource, &limit) == 0 ? limit.rlim_max : soft
        return Int(clamping: holds)
    }
}
