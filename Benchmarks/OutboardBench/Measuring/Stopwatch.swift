#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Measures the CPU time of this process, all threads, and the time on the wall.
struct Stopwatch {
    private let cpu = ProcessUsage.cpuSeconds
    private let start = ContinuousClock.now

    func sample(events: Int) -> Sample {
        let cpu = ProcessUsage.cpuSeconds - cpu
        let (seconds, attoseconds) = start.duration(to: .now).components
        return Sample(
            events: events, cpuSeconds: cpu, seconds: Double(seconds) + Double(attoseconds) * 1e-18,
            peakMemoryBytes: ProcessUsage.peakMemoryBytes)
    }
}

/// What the operating system has counted for this process.
enum ProcessUsage {
    static var cpuSeconds: Double {
        var time = timespec()
        // The clock exists on every system that this runs on, so there is no failure to report.
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    static var peakMemoryBytes: Int {
        var usage = rusage()
        #if canImport(Glibc)
            let ourselves = Int32(RUSAGE_SELF.rawValue)
        #else
            let ourselves = RUSAGE_SELF
        #endif
        getrusage(ourselves, &usage)
        #if canImport(Darwin)
            return Int(usage.ru_maxrss)
        #else
            return Int(usage.ru_maxrss) << 10
        #endif
    }
}
