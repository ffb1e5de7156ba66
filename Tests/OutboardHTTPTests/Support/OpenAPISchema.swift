import HTTPTypes
import HummingbirdTesting
import NIOCore
import Outboard
import Testing

/// Checks answers against an OpenAPI document, as far as ours goes: `$ref`, `type`, `properties`, `required`,
/// `additionalProperties`, `items` and `enum`.
struct OpenAPISchema {
    let document: JSONValue

    init(_ document: JSONValue) {
        self.document = document
    }

    /// The status must be described, and the body must be as described.
    func check(_ response: TestResponse, as operation: JSONValue, path: String) throws {
        let type = (response.headers[.contentType] ?? "").split(separator: ";").first.map(String.init) ?? ""
        try check(
            status: response.status.code, type: type, body: String(buffer: response.body), as: operation, path: path)
    }

    /// - Parameter type: The media type of the body.
    func check(status: Int, type: String, body: String, as operation: JSONValue, path: String) throws {
        let responses = operation.members["responses"]?.members ?? [:]
        let described = try #require(
            responses["\(status)"], "\(path): \(status) is not described")
        let content = resolved(described).members["content"]?.members ?? [:]
        guard !content.isEmpty else { return }
        let media = try #require(content[type], "\(path): \(type) is not described")
        guard type.hasSuffix("json") else { return }
        let value = try #require(JSONValue(text: body), "\(path) is JSON")
        let schema = try #require(media.members["schema"])
        for problem in problems(value, schema, at: "") { Issue.record("\(path)\(problem)") }
    }

    private func resolved(_ value: JSONValue) -> JSONValue {
        guard case .string(let reference)? = value.members["$ref"] else { return value }
        return reference.dropFirst(2).split(separator: "/").reduce(document) { $0.members[String($1)] ?? .null }
    }

    private func problems(_ value: JSONValue, _ schema: JSONValue, at place: String) -> [String] {
        let schema = resolved(schema).members
        var problems: [String] = []
        if case .string(let type)? = schema["type"], !has(value, type) {
            return ["\(place): \(value.text) is no \(type)"]
        }
        if case .array(let choices)? = schema["enum"], !choices.contains(value) {
            problems.append("\(place): \(value.text) is none of the choices")
        }
        if case .array(let required)? = schema["required"] {
            for case .string(let name) in required where value.members[name] == nil {
                problems.append("\(place).\(name) is missing")
            }
        }
        let properties = schema["properties"]?.members ?? [:]
        for (name, member) in value.members {
            if let property = properties[name] {
                problems += self.problems(member, property, at: "\(place).\(name)")
            } else if schema["additionalProperties"] == .bool(false) {
                problems.append("\(place).\(name) is not described")
            } else if let additional = schema["additionalProperties"] {
                problems += self.problems(member, additional, at: "\(place).\(name)")
            }
        }
        if case .array(let elements) = value, let items = schema["items"] {
            for (index, element) in elements.enumerated() {
                problems += self.problems(element, items, at: "\(place)[\(index)]")
            }
        }
        return problems
    }

    private func has(_ value: JSONValue, _ type: String) -> Bool {
        switch (value, type) {
        case (.object, "object"), (.array, "array"), (.string, "string"), (.bool, "boolean"), (.integer, "integer"),
            (.integer, "number"), (.number, "number"):
            true
        default: false
        }
    }
}
