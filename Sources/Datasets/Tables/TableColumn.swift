import Engine
/// A column of a file: what it became, and why.
public struct TableColumn: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable { case number, boolean, category, label, leftOut }

    /// The value that replaces a missing cell, with `data.missing` "mean": the training rows' mean, or their commonest text.
    public enum Fill: Sendable, Hashable { case number(Float), text(String) }

    public var name: String
    public var kind: Kind
    /// Why it is left out.
    public var reason = ""
    /// Cells without a value, over all rows of the file.
    public var missing = 0
    /// The numbers' range over all rows of the file; nil where there are none.
    public var range: ClosedRange<Float>?
    /// The training rows' texts, ascending: of two, the second is the feature; of more, each one is.
    public var categories: [String] = []
    public var fill: Fill?

    public init(
        name: String, kind: Kind, reason: String = "", missing: Int = 0, range: ClosedRange<Float>? = nil,
        categories: [String] = [], fill: Fill? = nil
    ) {
        (self.name, self.kind, self.reason, self.missing) = (name, kind, reason, missing)
        (self.range, self.categories, self.fill) = (range, categories, fill)
    }

    /// Whether a text of a file is one of the categories, in UTF-8 or in Windows-1252.
    func holds(_ text: [UInt8]) -> Bool {
        if kind == .boolean { return CellText.boolean(text) != nil }
        return [true, false].contains { categories.contains(CellText.decoded(text, isUTF8: $0)) }
    }

    /// The names of its features: "age", or "sex=male".
    public var features: [String] {
        switch kind {
        case .number, .boolean: [name]
        case .category: (categories.count == 2 ? categories[1...] : categories[...]).map { "\(name)=\($0)" }
        case .label, .leftOut: []
        }
    }
}

/// A file's columns and rows as they were read, and every guess that was made.
public struct TableReport: Sendable, Hashable {
    /// All of the file's columns, in its order.
    public var columns: [TableColumn]
    /// Indices of the columns that are inputs, in the order of their features.
    public var inputs: [Int]
    /// Rows that are used.
    public var rows: Int
    /// Rows that are left out because a cell or the label is missing.
    public var leftOut: Int
    /// `warnings`, then every guess.
    public var notes: [String]
    /// Notes that are worth a word before the table is trusted: rows and columns that are left out though the document does
    /// not ask for it, infinite cells, and classes and categories that differ in case or blanks alone.
    public var warnings: [String]
}

/// How a network's training rows became its inputs: saved with its weights, and asked for when they are used again.
public struct DataRecord: Sendable, Hashable {
    /// The input columns of a file; empty for generated data, and for weights that were saved without.
    public var columns: [TableColumn]
    /// The label's column; empty for generated data.
    public var label: String
    /// One name for each class; empty for regression.
    public var classes: [String]
    /// Each feature is standardized as (value − mean) / scale.
    public var featureMeans: [Float]
    public var featureScales: [Float]
    /// A regression's value in original units is label · targetScale + targetMean.
    public var targetMean: Float
    public var targetScale: Float
    /// The shape of the images; nil: there were none, or weights were saved without.
    public var image: Shape?

    public init(
        columns: [TableColumn], label: String, classes: [String], featureMeans: [Float], featureScales: [Float],
        targetMean: Float, targetScale: Float, image: Shape? = nil
    ) {
        self.image = image
        (self.columns, self.label, self.classes) = (columns, label, classes)
        (self.featureMeans, self.featureScales) = (featureMeans, featureScales)
        (self.targetMean, self.targetScale) = (targetMean, targetScale)
    }
}
