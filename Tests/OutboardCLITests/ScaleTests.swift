import Outboard
import Testing

@testable import OutboardCLI

@Suite("Scale")
struct ScaleTests {
    @Test("reads NAME=N")
    func reads() {
        #expect(Scale(argument: "request-counter=3") == Scale(name: "request-counter", count: 3))
        #expect(Scale(argument: "a=0") == Scale(name: "a", count: 0))
    }

    @Test("refuses what is no number of replicas", arguments: ["a", "a=", "=3", "a=-1", "a=100", "a=x", "a=1=2", ""])
    func refuses(argument: String) {
        #expect(Scale(argument: argument) == nil)
    }

    @Test("gives each service one replica unless told otherwise; the last word counts")
    func replicas() {
        var problems = SettingsProblems()
        let replicas = Scale.replicas(
            of: ["a", "b"], scaled: [Scale(name: "b", count: 7), Scale(name: "b", count: 2)], &problems)
        #expect(problems.found.isEmpty)
        #expect(replicas.map(\.label) == ["a.1", "b.1", "b.2"])
    }

    @Test("names what exists for each service that does not")
    func unknown() {
        var problems = SettingsProblems()
        let scales = [Scale(name: "core", count: 2), Scale(name: "b", count: 2), Scale(name: "c", count: 1)]
        _ = Scale.replicas(of: ["a", "b"], scaled: scales, &problems)
        #expect(
            problems.found == [
                "--scale core=2: no service 'core'; there are: a, b",
                "--scale c=1: no service 'c'; there are: a, b",
            ])
    }
}
