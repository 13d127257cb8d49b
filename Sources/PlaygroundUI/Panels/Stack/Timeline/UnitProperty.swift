import Datasets
import Engine
import Session

/// A property of the steps of a sequence that units may follow: one record in `all`.
struct UnitProperty: Sendable {
    /// One lower-case word.
    var id: String
    /// In the list of orders: "whether it is inside quotation marks".
    var words: String
    /// Rows of values by step, each with its name, of which a unit follows the one with the largest correlation; empty: the
    /// sequence has none.
    var series: @Sendable (SequenceText) -> [(name: String, values: [Float])]

    static let all: [UnitProperty] = [
        UnitProperty(id: "quotes", words: "whether they are inside quotation marks") { text in
            guard text.names.contains("\"") else { return [] }
            var isInside = false
            return [
                (
                    "quotes",
                    text.names.map { name in
                        if name == "\"" { isInside.toggle() }
                        return isInside ? 1 : 0
                    }
                )
            ]
        },
        UnitProperty(id: "capitals", words: "whether a capital was before them") { text in
            let isCapital = text.names.map { $0.first?.isUppercase ?? false }
            guard text.isSymbols, isCapital.contains(true), isCapital.contains(false) else { return [] }
            return [("capitals just before", isCapital.indices.map { $0 > 0 && isCapital[$0 - 1] ? 1 : 0 })]
        },
        UnitProperty(id: "words", words: "whether a word begins there") { text in
            guard text.names.contains(Whitespace.space.name) else { return [] }
            func isSpace(_ step: Int) -> Bool { step < 0 || text.names[step] == Whitespace.space.name }
            return [("words' starts", text.names.indices.map { isSpace($0 - 1) && !isSpace($0) ? 1 : 0 })]
        },
        UnitProperty(id: "position", words: "their place in the sequence") { text in
            [("position", text.names.indices.map { Float($0) })]
        },
        UnitProperty(id: "target", words: "the target") { text in
            guard !text.targets.isEmpty, text.targets.count == text.names.count, text.targets.allSatisfy({ $0 != nil })
            else { return [] }
            let targets = text.targets.map { $0! }
            guard let names = text.targetNames else { return [("the target", targets)] }
            return Set(targets).sorted().map { label in
                let name = names.indices.contains(Int(label)) ? names[Int(label)] : "\(Int(label) + 1)"
                return ("the target “\(name)”", targets.map { $0 == label ? 1 : 0 })
            }
        },
        UnitProperty(id: "input", words: "what comes in") { text in
            guard text.isSymbols else {
                return text.features.enumerated().map { feature, name in
                    (name, text.names.indices.map { text.inputs[$0 * text.features.count + feature] })
                }
            }
            // One that comes once would be followed by whatever is large there.
            return Set(text.names).sorted().filter { name in text.names.count { $0 == name } > 1 }.map { name in
                ("“\(name)”", text.names.map { $0 == name ? 1 : 0 })
            }
        },
    ]

    static subscript(id: String) -> UnitProperty? { all.first { $0.id == id } }
}

/// The steps of a sequence, for properties to be read off.
struct SequenceText {
    /// Of each step; of amounts empty texts.
    var names: [String]
    var isSymbols: Bool
    /// Of amounts, `[steps, features]`.
    var inputs: [Float]
    var features: [String]
    /// One for each target step, or one; empty: the network learns none.
    var targets: [Float?]
    /// nil: targets are values.
    var targetNames: [String]?

    init(_ snapshot: Snapshot, _ choice: SequenceChoice) {
        let data = snapshot.data
        let kind = data.sequence!
        let length = data.stepCount(of: choice)
        inputs = data.inputs(of: choice)
        let all = inputs
        names = (0..<length).map { step in
            data.symbol(all, at: step).map { kind.names.indices.contains($0) ? kind.names[$0] : "" } ?? ""
        }
        isSymbols = !kind.alphabet.isEmpty && names.allSatisfy { !$0.isEmpty }
        features = kind.features
        // A network that gives back its input learns no others.
        targets =
            snapshot.network.task == .reconstruction
            ? [] : Array(data.targets(of: choice).prefix(kind.targetSteps == nil ? 1 : length))
        targetNames = data.task == .regression ? nil : data.classNames
    }
}

/// How well a unit follows a property: its correlation with it over the steps.
struct UnitFollowing: Hashable {
    /// "quotes"
    var name: String
    /// Pearson's r, −1…1.
    var r: Double

    /// The correlation of two rows of values; nil: one of them does not change.
    static func correlation(_ a: [Float], _ b: [Float]) -> Double? {
        let count = Double(min(a.count, b.count))
        guard count > 1 else { return nil }
        let meanA = a.reduce(0) { $0 + Double($1) } / Double(a.count)
        let meanB = b.reduce(0) { $0 + Double($1) } / Double(b.count)
        var (ab, aa, bb) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            let (dx, dy) = (Double(x) - meanA, Double(y) - meanB)
            ab += dx * dy
            aa += dx * dx
            bb += dy * dy
        }
        guard aa > 1e-12, bb > 1e-12 else { return nil }
        return ab / (aa * bb).squareRoot()
    }

    /// The row of values of a property that a unit's states follow best.
    init?(_ states: [Float], _ series: [(name: String, values: [Float])]) {
        let found = series.compactMap { row in
            Self.correlation(states, row.values).map { UnitFollowing(name: row.name, r: $0) }
        }
        guard let best = found.max(by: { abs($0.r) < abs($1.r) }) else { return nil }
        self = best
    }

    private init(name: String, r: Double) { (self.name, self.r) = (name, r) }
}

/// The units of cells in the order in which they are shown.
struct UnitOrder {
    let units: [Int]
    private let trace: CellTrace
    private let text: SequenceText
    private let property: UnitProperty?

    /// - Parameter property: nil: in their own order; a unit's property is then the one that it follows best.
    init(_ trace: CellTrace, _ text: SequenceText, property: UnitProperty?) {
        (self.trace, self.text, self.property) = (trace, text, property)
        let all = 0..<trace.cells.units
        guard let property else {
            units = Array(all)
            return
        }
        let series = property.series(text)
        let sizes = all.map { abs(Self.following(trace, text, $0, series)?.r ?? 0) }
        units = all.sorted { (-sizes[$0], $0) < (-sizes[$1], $1) }
    }

    /// The property that a unit follows.
    func following(_ unit: Int) -> UnitFollowing? {
        Self.following(trace, text, unit, (property.map { [$0] } ?? UnitProperty.all).flatMap { $0.series(text) })
    }

    private static func following(
        _ trace: CellTrace, _ text: SequenceText, _ unit: Int, _ series: [(name: String, values: [Float])]
    ) -> UnitFollowing? {
        // Only cells over the input's steps can follow these.
        guard trace.cells.steps >= text.names.count else { return nil }
        return UnitFollowing(text.names.indices.map { trace.state(unit, at: $0) }, series)
    }
}
