import Engine

/// The list of all datasets, each described by its entry. Generators have the knobs `samples` and `noise`
/// where they mean something; `csv` has `file` and `label`; `points` has none.
public enum Datasets {
    public static var all: [Entry] { fatalError("not built yet") }
    public static func entry(_ id: String) -> Entry? { all.first { $0.id == id } }
    /// The share of the rows that trains when the experiment does not say: 0.5, or 1 for the truth tables.
    public static func defaultTrainFraction(_ id: String) -> Double { fatalError("not built yet") }
    /// The task of a generator; nil where the data decides (`csv`, `points`).
    public static func task(_ id: String) -> TaskKind? { fatalError("not built yet") }
}

/// Data ready to train on, and all that plots need to know of it.
public struct PreparedData: Sendable {
    public var columns: [Column]
    public var task: Task
    public var classNames: [String]
    /// As the experiment names them: "x1", "sin(x1)", "x1*x2 - 0.5".
    public var features: [String]
    /// Rows in original units, for drawing.
    public var trainPoints: Table
    public var testPoints: Table
    /// The same rows as features, standardized where the description says so.
    public var train: Samples
    public var test: Samples
    /// A regression's value in original units is label · targetScale + targetMean.
    public var targetMean: Float
    public var targetScale: Float

    /// The features of raw rows.
    /// - Parameter rows: row-major `[count, columns]` in original units.
    /// - Returns: row-major `[count, features]`.
    public func featureValues(of rows: [Float], count: Int) -> [Float] { fatalError("not built yet") }
}

/// Makes or reads the data, shuffles and splits it, and computes the features.
/// - Parameters:
///   - features: names or formulas; empty: every column.
///   - directory: what a relative `file` is relative to (nil: the working folder).
public func prepare(_ description: DataDescription, features: [String], directory: String?) throws(DataError) -> PreparedData {
    fatalError("not built yet")
}

/// The features that the editor offers for two columns x1 and x2 (for one: those of x1 alone): the Playground's
/// seven first, as formulas in the spelling that experiments use, with what the screen shows ("x1²").
public func offeredFeatures(columns: [String]) -> [(formula: String, title: String)] { fatalError("not built yet") }

/// What the screen shows for a feature: "x1^2" → "x1²", "x1*x2" → "x1·x2", else the formula itself.
public func featureTitle(_ formula: String) -> String { fatalError("not built yet") }

/// Checks a feature's formula. The error points at the column.
public func checkFeature(_ formula: String, columns: [String]) throws(DataError) { fatalError("not built yet") }
