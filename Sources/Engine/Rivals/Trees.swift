import Basics

/// A decision tree: nodes that ask whether a value is at most a threshold, and leaves that answer.
struct Tree: Sendable, Hashable {
    /// Numbers of an answer.
    let outputs: Int
    /// Of each node the column that it asks for; −1: it is a leaf.
    private(set) var columns: [Int32] = []
    private(set) var thresholds: [Float] = []
    /// Of each node the one for values up to the threshold, and the one for those above.
    private(set) var low: [Int32] = []
    private(set) var high: [Int32] = []
    /// Of each node its answer, row-major `[nodes, outputs]`.
    var values: [Double] = []

    init(outputs: Int) { self.outputs = outputs }

    var count: Int { columns.count }
    var leaves: Int { columns.reduce(0) { $0 + ($1 < 0 ? 1 : 0) } }

    /// Adds a leaf.
    mutating func add(_ value: [Double]) -> Int {
        columns.append(-1)
        thresholds.append(0)
        low.append(-1)
        high.append(-1)
        values += value
        return columns.count - 1
    }

    mutating func split(_ node: Int, column: Int, threshold: Float) {
        columns[node] = Int32(column)
        thresholds[node] = threshold
    }

    /// Puts a node below another one: first the lower one, then the higher one.
    mutating func connect(_ parent: Int, to node: Int) {
        if low[parent] < 0 { low[parent] = Int32(node) } else { high[parent] = Int32(node) }
    }

    /// The leaf of a row.
    func leaf(of row: UnsafePointer<Double>) -> Int {
        columns.withUnsafeBufferPointer { columns in
            var node = 0
            while columns[node] >= 0 {
                node = Int(row[Int(columns[node])] <= Double(thresholds[node]) ? low[node] : high[node])
            }
            return node
        }
    }

    /// Splits above each other.
    var depth: Int {
        var depths = [Int](repeating: 0, count: count)
        for node in columns.indices where columns[node] >= 0 {
            for child in [low[node], high[node]] { depths[Int(child)] = depths[node] + 1 }
        }
        return depths.max() ?? 0
    }

    /// Appends the nodes of several trees to what is saved.
    static func tensors(of trees: [Tree], outputs: Int) -> [RivalTensor] {
        func flat(_ numbers: (Tree) -> [Double]) -> [Double] { trees.flatMap(numbers) }
        let nodes = trees.reduce(0) { $0 + $1.count }
        return [
            RivalTensor("nodes", axes: [trees.count], trees.map { Double($0.count) }),
            RivalTensor("columns", axes: [nodes], flat { $0.columns.map { Double($0) } }),
            RivalTensor("thresholds", axes: [nodes], flat { $0.thresholds.map { Double($0) } }),
            RivalTensor("low", axes: [nodes], flat { $0.low.map { Double($0) } }),
            RivalTensor("high", axes: [nodes], flat { $0.high.map { Double($0) } }),
            RivalTensor("values", axes: [nodes, outputs], flat(\.values)),
        ]
    }

    /// - Throws: a tensor that is missing or does not fit; nodes that lead nowhere.
    static func trees(_ tensors: RivalTensors, width: Int, outputs: Int) throws(EngineError) -> [Tree] {
        let counts = try tensors.integers("nodes", [nil], in: 1..<Int(Int32.max)).map { Int($0) }
        let (all, overflow) = counts.reduce((0, false)) { sum, count in
            let (next, over) = sum.0.addingReportingOverflow(count)
            return (next, sum.1 || over)
        }
        guard !overflow else {
            throw EngineError(place: "\(tensors.place).nodes", message: "expected fewer nodes, found too many")
        }
        let columns = try tensors.integers("columns", [all], in: -1..<width)
        let thresholds = try tensors["thresholds", [all]].values
        let low = try tensors.integers("low", [all], in: -1..<Int(Int32.max))
        let high = try tensors.integers("high", [all], in: -1..<Int(Int32.max))
        let values = try tensors["values", [all, outputs]].values
        var trees: [Tree] = []
        var first = 0
        for count in counts {
            var tree = Tree(outputs: outputs)
            let nodes = first..<first + count
            (tree.columns, tree.thresholds) = (Array(columns[nodes]), thresholds[nodes].map { Float($0) })
            (tree.low, tree.high) = (Array(low[nodes]), Array(high[nodes]))
            tree.values = Array(values[first * outputs..<(first + count) * outputs])
            for node in 0..<count where tree.columns[node] >= 0 {
                // Below a node stand later ones: so every way ends.
                for child in [tree.low[node], tree.high[node]] where child <= node || child >= count {
                    throw EngineError(
                        place: "\(tensors.place).low",
                        message: "expected below node \(node) nodes up to \(count - 1) that come later, found \(child)")
                }
            }
            trees.append(tree)
            first += count
        }
        return trees
    }
}

/// Trees whose answers are averaged: one, or a forest.
struct TreesModel: RivalModel {
    var trees: [Tree]
    let form: RivalForm
    /// Of each column the impurity that it took away, over all trees.
    var decreases: [Double]

    init(_ trees: [Tree], _ form: RivalForm, decreases: [Double]) {
        (self.trees, self.form, self.decreases) = (trees, form, decreases)
    }

    init(_ form: RivalForm, _ tensors: RivalTensors) throws(EngineError) {
        self.form = form
        trees = try Tree.trees(tensors, width: form.width, outputs: form.classes ?? 1)
        decreases = try tensors["decreases", [form.width]].values
    }

    var tensors: [RivalTensor] {
        Tree.tensors(of: trees, outputs: outputCount) + [RivalTensor("decreases", axes: [form.width], decreases)]
    }

    var outputCount: Int { form.classes ?? 1 }
    var givesProbabilities: Bool { form.classes != nil }
    var summary: String {
        let number = trees.reduce(0) { $0 + $1.leaves }
        let leaves = number == 1 ? "1 leaf" : "\(number) leaves"
        return trees.count == 1 ? "depth \(trees[0].depth), \(leaves)" : "\(plural(trees.count, "tree")), \(leaves)"
    }

    var importances: [Double] {
        let sum = decreases.reduce(0, +)
        return sum > 0 ? decreases.map { $0 / sum } : decreases
    }

    func answer(_ rows: UnsafePointer<Double>, count: Int, into answers: UnsafeMutablePointer<Double>) {
        let outputs = outputCount
        for index in 0..<count * outputs {
            answers[index] = trees.isEmpty && form.classes != nil ? 1 / Double(outputs) : 0
        }
        // A tree's nodes stay in the cache for all rows.
        for tree in trees {
            for row in 0..<count {
                let leaf = tree.leaf(of: rows + row * form.width) * outputs
                for output in 0..<outputs { answers[row * outputs + output] += tree.values[leaf + output] }
            }
        }
        guard trees.count > 1 else { return }
        for index in 0..<count * outputs { answers[index] /= Double(trees.count) }
    }
}

extension TreeGrower.Targets {
    /// The rows' own answers.
    init(_ data: RivalData) {
        if let classes = data.form.classes {
            self = .classes(data.labels.map { Int32($0) }, count: classes)
        } else {
            self = .values(data.labels)
        }
    }
}

extension Knob {
    static func treeDepth(_ value: Int) -> Knob {
        Knob(
            "depth", title: "depth", summary: "The most splits above each other; 0: as many as it takes.",
            kind: .integer(0...1000), default: .integer(value), raise: "when the training score is low",
            lower: "when the test score is much lower than the training score")
    }
    static let leafRows = Knob(
        "leafRows", title: "leaf rows", summary: "The fewest rows of a leaf: more make it smoother.",
        kind: .integer(1...1_000_000), default: .integer(1), raise: "when single points have regions of their own",
        lower: "when small groups are lost")
    static func treeCount(_ summary: String) -> Knob {
        Knob(
            "trees", title: "trees", summary: summary, kind: .integer(1...10_000), default: .integer(100),
            raise: "when the answers change from seed to seed", lower: "when fitting takes too long")
    }
    static func splitColumns(_ value: TreeLimits.Columns) -> Knob {
        Knob(
            "columns", title: "split columns",
            summary: "The columns that each split is chosen among: all, or the square root of their number.",
            kind: .word(TreeLimits.Columns.allCases.map(\.rawValue)), default: .text(value.rawValue))
    }
}

extension TreeLimits {
    enum Columns: String, Sendable, CaseIterable { case all, root }

    /// - Parameter columns: nil: all.
    init(_ settings: Settings, width: Int, columns: Columns = .all) {
        let depth = settings.integer("depth")
        self.depth = depth == 0 ? .max : depth
        leafRows = settings.integer("leafRows")
        self.columns = columns == .all ? width : max(1, Int(Double(width).squareRoot()))
    }
}

extension Random {
    /// A generator for one of several parts of a run, each of which repeats by itself.
    init(seed: UInt64, part: Int) { self.init(seed: seed &+ UInt64(part) &* 0x9E37_79B9_7F4A_7C15) }
}
