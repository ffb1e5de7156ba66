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
    static func raiseLimit() {
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        // Where it cannot be raised the old limit holds.
        _ = setrlimit(resource, &limit)
    }
}
