import Engine

/// The features that the editor offers for two columns x1 and x2 (for one: those of x1 alone): the Playground's
/// seven first, as formulas in the spelling that experiments use, with what the screen shows ("x1²").
public func offeredFeatures(columns: [String]) -> [(formula: String, title: String)] {
    let formulas: [String]
    switch columns {
    case ["x1", "x2"]:
        formulas = [
            "x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)", "x1^3", "x2^3", "cos(x1)", "cos(x2)", "abs(x1)",
            "abs(x2)", "sqrt(x1^2+x2^2)",
        ]
    case ["x1"]: formulas = ["x1", "x1^2", "x1^3", "sin(x1)", "cos(x1)", "abs(x1)"]
    default: formulas = columns
    }
    return formulas.map { ($0, featureTitle($0)) }
}

/// The formula of a feature that is called by its title ("radius", "x1²", "sin x1"); any other text as it is.
/// - Parameter columns: a column's name is always that column.
public func featureFormula(_ name: String, columns: [String]) -> String {
    if columns.contains(name) { return name }
    return offeredFeatures(columns: columns).first { $0.title == name }?.formula ?? name
}

/// A feature's name on the screen: "x1^2" → "x1²", "x1*x2" → "x1·x2", else the formula itself.
public func featureTitle(_ formula: String) -> String {
    switch formula {
    case "sqrt(x1^2+x2^2)": return "radius"
    case "abs(x1)": return "|x1|"
    case "abs(x2)": return "|x2|"
    case "sin(x1)", "sin(x2)", "cos(x1)", "cos(x2)":
        return String(formula.prefix(3)) + " " + formula.dropFirst(4).dropLast()
    default: break
    }
    var title = ""
    var scalars = Array(formula.unicodeScalars)[...]
    while let scalar = scalars.popFirst() {
        let after = scalars.dropFirst().first
        let ends = after.map { !("0"..."9").contains($0) && $0 != "." } ?? true
        if scalar == "^", let digit = scalars.first, digit == "2" || digit == "3", ends {
            title += digit == "2" ? "²" : "³"
            scalars.removeFirst()
        } else if scalar == "*" {
            title += "·"
        } else {
            title.unicodeScalars.append(scalar)
        }
    }
    return title
}

/// Checks a feature's formula. The error points at the column.
public func checkFeature(_ formula: String, columns: [String]) throws(DataError) {
    _ = try FeatureMap([formula], columns: columns)
}

/// The columns' places by their names; of two with the same name the first.
struct ColumnPlaces: Sendable, ExpressibleByArrayLiteral {
    let names: [String]
    private let places: [String: Int]

    init(_ names: [String]) {
        self.names = names
        places = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    init(arrayLiteral names: String...) { self.init(names) }

    subscript(name: String) -> Int? { places[name] }
}

/// Columns in original units → features.
struct FeatureMap: Sendable {
    private enum Part: Sendable {
        case column(Int)
        case formula(Formula)
    }
    let names: [String]
    private let parts: [Part]
    private let columnCount: Int

    /// - Parameter names: column names or formulas; empty: every column.
    init(_ names: [String], columns: [String]) throws(DataError) {
        self.names = names.isEmpty ? columns : names
        columnCount = columns.count
        if names.isEmpty {
            parts = columns.indices.map { .column($0) }
            return
        }
        let places = ColumnPlaces(columns)
        var parts: [Part] = []
        for (i, name) in self.names.enumerated() {
            if let index = places[name] {
                parts.append(.column(index))
            } else {
                let formula = try Formula(name, columns: places, place: "features.\(i)")
                parts.append(formula.column.map { .column($0) } ?? .formula(formula))
            }
        }
        self.parts = parts
    }

    /// Every column as it is.
    init(columns: [String]) {
        (names, parts, columnCount) = (columns, columns.indices.map { .column($0) }, columns.count)
    }

    /// Of images, which have no columns.
    static let none = FeatureMap()

    private init() { (names, parts, columnCount) = ([], [], 0) }

    /// For each column the features that are the column itself; nil where a feature is a formula.
    var featuresOfColumns: [[Int]]? {
        var features = [[Int]](repeating: [], count: columnCount)
        for (feature, part) in parts.enumerated() {
            guard case .column(let index) = part else { return nil }
            features[index].append(feature)
        }
        return features
    }

    /// Each feature as steps in postfix.
    var steps: [[FormulaStep]] {
        parts.map { part in
            switch part {
            case .column(let index): [.column(index)]
            case .formula(let formula): formula.steps
            }
        }
    }

    /// Whether a feature is a column of 0 and 1 that stand for a text or a truth value.
    func isIndicator(_ feature: Int, _ columns: [Column]) -> Bool {
        guard case .column(let index) = parts[feature] else { return false }
        return columns[index].isIndicator
    }

    /// The features of one row.
    func compute(_ row: UnsafeBufferPointer<Float>, into features: UnsafeMutableBufferPointer<Float>) {
        for (at, part) in parts.enumerated() {
            switch part {
            case .column(let index): features[at] = row[index]
            case .formula(let formula): features[at] = Float(formula.evaluate { Double(row[$0]) })
            }
        }
    }

    /// - Returns: row-major `[count, features]`.
    func values(of rows: [Float], count: Int) -> [Float] {
        precondition(rows.count >= count * columnCount, "rows are [count, columns]")
        var values = [Float](repeating: 0, count: count * parts.count)
        rows.withUnsafeBufferPointer { rows in
            values.withUnsafeMutableBufferPointer { values in
                for row in 0..<count {
                    compute(
                        UnsafeBufferPointer(rebasing: rows[row * columnCount..<(row + 1) * columnCount]),
                        into: UnsafeMutableBufferPointer(
                            rebasing: values[row * parts.count..<(row + 1) * parts.count]))
                }
            }
        }
        return values
    }
}
