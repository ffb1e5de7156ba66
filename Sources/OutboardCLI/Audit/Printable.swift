/// Text from Redis on its way to a terminal.
///
/// Names of fields and keys may come from anybody who can write there; control characters could move the cursor or
/// forge a line, so they are shown as numbers.
enum Printable {
    static func text(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            if isControl(scalar) {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
    }

    /// The same for a text that must stay in its line.
    static func line(_ text: String) -> String {
        self.text(text).replacing("\n", with: "\\u{a}")
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar != "\n" && scalar.properties.generalCategory == .control
    }
}
