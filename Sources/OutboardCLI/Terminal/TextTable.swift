/// Columns of text, as wide as their widest cell, two spaces between them. A pure value; it knows no terminal.
struct TextTable {
    enum Alignment {
        case left, right
    }

    struct Column {
        let title: String
        let alignment: Alignment
        /// Cells that are longer are cut, with an ellipsis.
        let limit: Int

        init(_ title: String, _ alignment: Alignment = .right, limit: Int = .max) {
            self.title = title
            self.alignment = alignment
            self.limit = limit
        }
    }

    private let columns: [Column]
    private let indentation: Int
    private var rows: [[String]]

    /// - Parameters:
    ///   - columns: Where no title is given, there is no line of titles.
    ///   - indentation: Spaces before the first column.
    init(_ columns: [Column], indentation: Int = 0, rows: [[String]] = []) {
        self.columns = columns
        self.indentation = indentation
        self.rows = rows
    }

    /// Adds a row; cells that are missing are empty.
    mutating func add(_ cells: [String]) {
        rows.append(cells)
    }

    /// The lines, without spaces at their ends.
    var lines: [String] {
        let titles = columns.map(\.title)
        let shown = (titles.allSatisfy(\.isEmpty) ? [] : [titles]) + rows
        let cells = shown.map { row in
            columns.indices.map { index in
                Self.cut(Printable.line(index < row.count ? row[index] : ""), to: columns[index].limit)
            }
        }
        let widths = columns.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        return cells.map { row in
            let line = columns.indices.map { index in
                let space = String(repeating: " ", count: widths[index] - row[index].count)
                return columns[index].alignment == .left ? row[index] + space : space + row[index]
            }.joined(separator: "  ")
            return Self.trimmed(String(repeating: " ", count: indentation) + line)
        }
    }

    /// The text in at most `width` columns.
    static func cut(_ text: String, to width: Int) -> String {
        text.count <= width ? text : width < 1 ? "" : text.prefix(width - 1) + "…"
    }

    private static func trimmed(_ line: String) -> String {
        guard let last = line.lastIndex(where: { $0 != " " }) else { return "" }
        return String(line[...last])
    }
}
