#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The settings of a plugin as a JSON schema: which fields there are, of what types, with which defaults.
///
/// Made from a configuration's defaults where the plugin runs, read back from its manifest where an operator changes
/// it; both check changes by the same rules.
///
/// - SeeAlso: https://json-schema.org/draft/2020-12
package struct ConfigurationSchema: Sendable, Hashable {
    /// The types of JSON schema that a field can have.
    package enum FieldType: String, Sendable, Codable, CaseIterable {
        case boolean, integer, number, string, array, object
    }

    /// One setting.
    package struct Field: Sendable, Hashable {
        /// nil where the default does not tell: any value is taken here, and the plugin judges it.
        package let type: FieldType?
        /// Whether the setting may be null, which is what an optional one is without a value.
        package let isNullable: Bool
        package let `default`: JSONValue

        package init(type: FieldType?, isNullable: Bool = false, default value: JSONValue) {
            self.type = type
            self.isNullable = isNullable
            self.default = value
        }
    }

    /// By name.
    package let fields: [String: Field]

    package init(fields: [String: Field]) {
        self.fields = fields
    }

    /// The schema of a configuration, from its defaults.
    ///
    /// - Throws: What the configuration's `encode(to:)` throws, or if it is no JSON object.
    package init(defaults: some PluginConfiguration) throws {
        let values = try JSONDecoder().decode([String: JSONValue].self, from: JSONEncoder().encode(defaults))
        let recorded = try FieldTypes(of: defaults)
        var fields = values.mapValues { Field(type: FieldType($0), default: $0) }
        for (name, kind) in recorded.kinds {
            let value = values[name] ?? .null
            fields[name] = Field(type: kind.type ?? FieldType(value), isNullable: kind.isOptional, default: value)
        }
        self.init(fields: fields)
    }

    /// The defaults, as an object.
    package var defaults: [String: JSONValue] { fields.mapValues(\.default) }

    /// Reads a JSON object of changes, for example `{"perMinute": false}`.
    ///
    /// - Returns: nil if the text is no JSON object.
    package static func changes(in text: String) -> [String: JSONValue]? {
        // What is wrong with it is said by whoever knows where the text came from.
        try? JSONDecoder().decode([String: JSONValue].self, from: Data(text.utf8))
    }

    /// What is wrong with changes: a sentence a problem, none if all of them fit.
    ///
    /// - Parameter plugin: Whose settings these are, for the messages.
    package func problems(of changes: [String: JSONValue], for plugin: String) -> [String] {
        changes.sorted { $0.key < $1.key }.compactMap { name, value in
            guard let field = fields[name] else {
                let names = fields.keys.sorted().joined(separator: ", ")
                return "\(plugin) has no setting '\(name)'; it has: \(names.isEmpty ? "none" : names)"
            }
            guard !field.takes(value) else { return nil }
            return "setting '\(name)' of \(plugin) is \(value.shown), needs \(field.need)"
        }
    }
}

extension ConfigurationSchema: Codable {
    private struct Property: Codable {
        let type: TypeName?
        let `default`: JSONValue?
    }

    /// `"integer"`, or `["integer", "null"]` where null is a value, too.
    private enum TypeName: Codable {
        case one(String)
        case several([String])

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let one = try? value.decode(String.self) {
                self = .one(one)
            } else {
                self = .several(try value.decode([String].self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var value = encoder.singleValueContainer()
            switch self {
            case .one(let name): try value.encode(name)
            case .several(let names): try value.encode(names)
            }
        }

        var names: [String] {
            switch self {
            case .one(let name): [name]
            case .several(let names): names
            }
        }
    }

    private enum CodingKeys: CodingKey {
        case type, properties
    }

    /// Reads a schema as a manifest has it; a type that is not known here takes any value.
    package init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: CodingKeys.self)
        let properties = try object.decodeIfPresent([String: Property].self, forKey: .properties) ?? [:]
        self.init(
            fields: properties.mapValues { property in
                let names = property.type?.names ?? []
                let types = names.compactMap(FieldType.init(rawValue:))
                return Field(
                    type: types.count == 1 ? types[0] : nil, isNullable: names.contains("null"),
                    default: property.default ?? .null)
            })
    }

    package func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: CodingKeys.self)
        try object.encode("object", forKey: .type)
        try object.encode(
            fields.mapValues { field in
                let name = field.type?.rawValue
                return Property(
                    type: name.map { field.isNullable ? .several([$0, "null"]) : .one($0) }, default: field.default)
            }, forKey: .properties)
    }
}

extension ConfigurationSchema.FieldType {
    /// The type of a value as it stands; null has none.
    init?(_ value: JSONValue) {
        switch value {
        case .null: return nil
        case .bool: self = .boolean
        case .integer: self = .integer
        case .number: self = .number
        case .string: self = .string
        case .array: self = .array
        case .object: self = .object
        }
    }
}

extension ConfigurationSchema.Field {
    fileprivate func takes(_ value: JSONValue) -> Bool {
        guard let type else { return true }
        guard let given = ConfigurationSchema.FieldType(value) else { return isNullable }
        return given == type || (type == .number && given == .integer)
    }

    /// What the field takes, for people.
    fileprivate var need: String {
        let need =
            switch type {
            case .boolean: "true or false"
            case .integer: "a whole number"
            case .number: "a number"
            case .string: "a text in quotation marks"
            case .array: "an array"
            case .object: "an object"
            case nil: "any value"
            }
        return isNullable ? "\(need), or null" : need
    }
}

extension JSONValue {
    /// The value as it is given in a message: the text of it, cut where it is long.
    fileprivate var shown: String {
        let text = text
        return text.count > 60 ? "\(text.prefix(60))…" : text
    }
}
