/// The types of a configuration's fields as Swift knows them.
///
/// JSON alone does not tell: a `Double` of 1 is written as `1`, and an optional without a value is not written at all.
/// So the configuration is encoded once into this, which looks at the types and lets the values go.
struct FieldTypes {
    struct Kind: Equatable {
        /// nil where the type has a coding of its own; its encoded default tells then.
        let type: ConfigurationSchema.FieldType?
        let isOptional: Bool
    }

    /// By field.
    let kinds: [String: Kind]

    init(of configuration: some Encodable) throws {
        let recorder = Recorder()
        try configuration.encode(to: recorder)
        kinds = recorder.kinds
    }

    private static func type(of swift: Any.Type) -> ConfigurationSchema.FieldType? {
        switch swift {
        case is Bool.Type: .boolean
        case is any BinaryInteger.Type: .integer
        case is any BinaryFloatingPoint.Type: .number
        case is String.Type: .string
        default: nil
        }
    }

    /// Lives within one call of `encode(to:)`, so nobody else sees it change.
    private final class Recorder: Encoder {
        var kinds: [String: Kind] = [:]
        let codingPath: [any CodingKey] = []
        let userInfo: [CodingUserInfoKey: Any] = [:]

        func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
            KeyedEncodingContainer(Fields<Key>(recorder: self))
        }

        // A configuration that is no object was refused before.
        func unkeyedContainer() -> any UnkeyedEncodingContainer { Ignored() }
        func singleValueContainer() -> any SingleValueEncodingContainer { Ignored() }
    }

    private struct Fields<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let recorder: Recorder
        let codingPath: [any CodingKey] = []

        func record(_ type: Any.Type, _ key: Key, isOptional: Bool) {
            recorder.kinds[key.stringValue] = Kind(type: FieldTypes.type(of: type), isOptional: isOptional)
        }

        func encodeNil(forKey key: Key) { recorder.kinds[key.stringValue] = Kind(type: nil, isOptional: true) }
        func encode<T: Encodable>(_ value: T, forKey key: Key) { record(T.self, key, isOptional: false) }
        func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) { record(T.self, key, isOptional: true) }
        // For these the protocol has a default of its own, which would be taken instead of the general one.
        func encodeIfPresent(_ value: Bool?, forKey key: Key) { record(Bool.self, key, isOptional: true) }
        func encodeIfPresent(_ value: String?, forKey key: Key) { record(String.self, key, isOptional: true) }
        func encodeIfPresent(_ value: Double?, forKey key: Key) { record(Double.self, key, isOptional: true) }
        func encodeIfPresent(_ value: Float?, forKey key: Key) { record(Float.self, key, isOptional: true) }
        func encodeIfPresent(_ value: Int?, forKey key: Key) { record(Int.self, key, isOptional: true) }
        func encodeIfPresent(_ value: Int8?, forKey key: Key) { record(Int8.self, key, isOptional: true) }
        func encodeIfPresent(_ value: Int16?, forKey key: Key) { record(Int16.self, key, isOptional: true) }
        func encodeIfPresent(_ value: Int32?, forKey key: Key) { record(Int32.self, key, isOptional: true) }
        func encodeIfPresent(_ value: Int64?, forKey key: Key) { record(Int64.self, key, isOptional: true) }
        func encodeIfPresent(_ value: UInt?, forKey key: Key) { record(UInt.self, key, isOptional: true) }
        func encodeIfPresent(_ value: UInt8?, forKey key: Key) { record(UInt8.self, key, isOptional: true) }
        func encodeIfPresent(_ value: UInt16?, forKey key: Key) { record(UInt16.self, key, isOptional: true) }
        func encodeIfPresent(_ value: UInt32?, forKey key: Key) { record(UInt32.self, key, isOptional: true) }
        func encodeIfPresent(_ value: UInt64?, forKey key: Key) { record(UInt64.self, key, isOptional: true) }

        func nestedContainer<Nested: CodingKey>(
            keyedBy keyType: Nested.Type, forKey key: Key
        ) -> KeyedEncodingContainer<Nested> { KeyedEncodingContainer(IgnoredFields<Nested>()) }
        func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { Ignored() }
        func superEncoder() -> any Encoder { Recorder() }
        func superEncoder(forKey key: Key) -> any Encoder { Recorder() }
    }

    /// What lies deeper: its values are let go.
    private struct IgnoredFields<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let codingPath: [any CodingKey] = []

        func encodeNil(forKey key: Key) {}
        func encode<T: Encodable>(_ value: T, forKey key: Key) {}
        func nestedContainer<Nested: CodingKey>(
            keyedBy keyType: Nested.Type, forKey key: Key
        ) -> KeyedEncodingContainer<Nested> { KeyedEncodingContainer(IgnoredFields<Nested>()) }
        func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { Ignored() }
        func superEncoder() -> any Encoder { Recorder() }
        func superEncoder(forKey key: Key) -> any Encoder { Recorder() }
    }

    private struct Ignored: UnkeyedEncodingContainer, SingleValueEncodingContainer {
        let codingPath: [any CodingKey] = []
        let count = 0

        func encodeNil() {}
        func encode<T: Encodable>(_ value: T) {}
        func nestedContainer<Nested: CodingKey>(keyedBy keyType: Nested.Type) -> KeyedEncodingContainer<Nested> {
            KeyedEncodingContainer(IgnoredFields<Nested>())
        }
        func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { Ignored() }
        func superEncoder() -> any Encoder { Recorder() }
    }
}
