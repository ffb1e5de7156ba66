import Foundation
import Testing

@testable import Outboard

@Suite("The schema of a plugin's configuration")
struct ConfigurationSchemaTests {
    enum Mode: String, Codable { case fast, exact }

    struct Settings: PluginConfiguration {
        var perMinute = true
        var limit = 10
        var share = 1.0
        var mode = Mode.exact
        var statuses = [500]
        var weights = ["a": 1]
        var cap: Int?
        var prefix: String? = "/"
    }

    private func schema() throws -> ConfigurationSchema { try ConfigurationSchema(defaults: Settings()) }

    @Test("takes types from Swift where JSON alone would not tell: a Double of 1, an optional without a value")
    func types() throws {
        let fields = try schema().fields
        #expect(fields["perMinute"] == .init(type: .boolean, default: .bool(true)))
        #expect(fields["limit"] == .init(type: .integer, default: .integer(10)))
        #expect(fields["share"]?.type == .number)
        #expect(fields["mode"] == .init(type: .string, default: .string("exact")))
        #expect(fields["statuses"] == .init(type: .array, default: .array([.integer(500)])))
        #expect(fields["weights"] == .init(type: .object, default: .object(["a": .integer(1)])))
        #expect(fields["cap"] == .init(type: .integer, isNullable: true, default: .null))
        #expect(fields["prefix"] == .init(type: .string, isNullable: true, default: .string("/")))
        #expect(fields.count == 8)
    }

    @Test("is written as a JSON schema and read back as the same")
    func coding() throws {
        struct Small: PluginConfiguration {
            var perMinute = true
            var cap: Int?
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let small = try ConfigurationSchema(defaults: Small())
        #expect(
            String(decoding: try encoder.encode(small), as: UTF8.self)
                == #"{"properties":{"cap":{"default":null,"type":["integer","null"]},"#
                + #""perMinute":{"default":true,"type":"boolean"}},"type":"object"}"#)
        let none = try ConfigurationSchema(defaults: NoConfiguration())
        #expect(String(decoding: try encoder.encode(none), as: UTF8.self) == #"{"properties":{},"type":"object"}"#)
        let schema = try schema()
        let read = try JSONDecoder().decode(ConfigurationSchema.self, from: encoder.encode(schema))
        #expect(read.fields.mapValues(\.type) == schema.fields.mapValues(\.type))
        #expect(read.fields.mapValues(\.isNullable) == schema.fields.mapValues(\.isNullable))
    }

    @Test("reads what it does not know as a field that takes any value")
    func foreign() throws {
        let text =
            #"{"type":"object","title":"x","properties":{"a":{"type":"tuple"},"b":{"type":["string","integer"]}}}"#
        let read = try JSONDecoder().decode(ConfigurationSchema.self, from: Data(text.utf8))
        #expect(read.fields["a"] == .init(type: nil, default: .null))
        #expect(read.problems(of: ["a": .bool(true), "b": .integer(1)], for: "p").isEmpty)
    }

    @Test(
        "takes changes that fit",
        arguments: [
            "{}", #"{"perMinute":false}"#, #"{"limit":-3}"#, #"{"share":0.5}"#, #"{"share":2}"#, #"{"cap":null}"#,
            #"{"cap":7,"prefix":null}"#, #"{"statuses":[]}"#, #"{"mode":"fast"}"#,
        ])
    func fits(text: String) throws {
        let changes = try #require(ConfigurationSchema.changes(in: text))
        #expect(try schema().problems(of: changes, for: "p") == [])
    }

    @Test(
        "names the field, what it got and what it needs",
        arguments: [
            (#"{"perMinute":"yes"}"#, #"setting 'perMinute' of p is "yes", needs true or false"#),
            (#"{"perMinute":1}"#, "setting 'perMinute' of p is 1, needs true or false"),
            (#"{"limit":1.5}"#, "setting 'limit' of p is 1.5, needs a whole number"),
            (#"{"limit":null}"#, "setting 'limit' of p is null, needs a whole number"),
            (#"{"share":"1"}"#, #"setting 'share' of p is "1", needs a number"#),
            (#"{"cap":true}"#, "setting 'cap' of p is true, needs a whole number, or null"),
            (#"{"mode":["/"]}"#, #"setting 'mode' of p is ["/"], needs a text in quotation marks"#),
            (
                #"{"perMinut":true}"#,
                "p has no setting 'perMinut'; it has: cap, limit, mode, perMinute, prefix, share, statuses, weights"
            ),
        ])
    func refuses(text: String, problem: String) throws {
        let changes = try #require(ConfigurationSchema.changes(in: text))
        #expect(try schema().problems(of: changes, for: "p") == [problem])
    }

    @Test("names every problem at once, in order; a long value is cut")
    func several() throws {
        let changes = try #require(
            ConfigurationSchema.changes(in: #"{"zeta":1,"limit":"\#(String(repeating: "x", count: 100))","alpha":1}"#))
        let problems = try schema().problems(of: changes, for: "p")
        #expect(problems.count == 3 && problems[0].contains("'alpha'") && problems[2].contains("'zeta'"))
        #expect(problems[1].contains("x…, needs") && problems[1].count < 120)
    }

    @Test("reads objects only", arguments: ["", "[]", "true", "{", #""perMinute""#])
    func noObject(text: String) {
        #expect(ConfigurationSchema.changes(in: text) == nil)
    }

    @Test("changes are laid over the defaults")
    func changed() throws {
        var expected = Settings()
        expected.limit = 3
        expected.cap = 7
        expected.prefix = nil
        let changes = try #require(ConfigurationSchema.changes(in: #"{"limit":3,"cap":7,"prefix":null}"#))
        #expect(try Settings().changed(by: changes, for: "p") == expected)
        #expect(try Settings().changed(by: [:], for: "p") == Settings())
    }

    @Test(
        "what fits the schema and not the plugin names the place",
        arguments: [
            (#"{"statuses":[500,"x"]}"#, "p cannot take its settings at 'statuses.1': "),
            (#"{"mode":"slow"}"#, "p cannot take its settings at 'mode': "),
            (#"{"limit":"x","extra":1}"#, "p has no setting 'extra'; "),
        ])
    func unfit(text: String, problem: String) throws {
        let changes = try #require(ConfigurationSchema.changes(in: text))
        let error = #expect(throws: SettingsError.self) { try Settings().changed(by: changes, for: "p") }
        #expect(error?.problems.first?.hasPrefix(problem) == true, "\(error?.problems ?? [])")
    }
}
