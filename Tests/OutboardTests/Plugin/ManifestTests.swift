import Foundation
import Testing

@testable import Outboard

@Suite("Manifest")
struct ManifestTests {
    @Test(
        "a declared effect knows where it lies",
        arguments: [
            (EffectDeclaration.counter("requests"), "counter", "counters"),
            (.family("status"), "family", "counters:status"),
            (.series("requests", per: .minute), "series", "series:requests:minute"),
            (.series("requests", per: .day), "series", "series:requests:day"),
            (.histogram("duration_us"), "histogram", "histogram:duration_us"),
            (.histograms("duration_us"), "histograms", "histograms:duration_us"),
            (.rank("paths"), "rank", "rank:paths"),
            (.unique("clients"), "unique", "unique:clients"),
            (.unique("clients", per: .day), "unique", "unique:clients"),
            (.maximum("duration_us"), "maximum", "maximum"),
            (.minimum("duration_us"), "minimum", "minimum"),
        ])
    func keys(effect: EffectDeclaration, kind: String, key: String) {
        #expect(effect.kind.rawValue == kind && effect.key == key)
    }

    @Test("a declared effect is an object of kind, name and key, with a unit where it knows the time")
    func coding() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let effects: [EffectDeclaration] = [.family("status"), .series("requests", per: .hour)]
        let text = String(decoding: try encoder.encode(effects), as: UTF8.self)
        #expect(
            text == #"[{"key":"counters:status","kind":"family","name":"status"},"#
                + #"{"key":"series:requests:hour","kind":"series","name":"requests","unit":"hour"}]"#)
        #expect(try JSONDecoder().decode([EffectDeclaration].self, from: Data(text.utf8)) == effects)
        let newer = #"{"key":"k:n","kind":"sketch","name":"n"}"#
        #expect(try JSONDecoder().decode(EffectDeclaration.self, from: Data(newer.utf8)).kind.rawValue == "sketch")
    }

    @Test("names every problem: its name, its version, the names of its effects")
    func problems() {
        let manifest = Manifest(
            name: "Request Counter", version: "1.0", summary: "",
            effects: [.counter("Requests"), .counter("fine"), .family("")])
        let error = #expect(throws: SettingsError.self) { try manifest.validatedName() }
        #expect(error?.problems.count == 4)
        #expect(error?.problems.filter { $0.hasPrefix("plugin effect: effect name '") }.count == 2)
    }
}
