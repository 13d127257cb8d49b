extension Rival {
    static let randomForest = Rival(
        Entry(
            id: "randomForest", title: "random forest",
            summary:
                "Many trees, each from rows drawn with replacement and splits among a few columns; their mean answers.",
            formula: "y(x) = 1/T · Σ treeₜ(x)", source: "Breiman, Random forests, 2001",
            watch: "It seldom overfits with more trees; the depth and the leaf rows do that.",
            knobs: [
                .treeCount("How many trees answer: more are steadier and take longer."), .treeDepth(0), .leafRows,
                .splitColumns(.root),
            ]),
        answers: [.classes, .values],
        learner: { settings, data in RandomForestLearner(settings, data) },
        restored: { _, form, tensors throws(EngineError) in try TreesModel(form, tensors) })
}

/// A step is a tree. Each has a generator of its own, so that it does not matter who grows it.
final class RandomForestLearner: RivalLearner {
    private let data: RivalData
    private let columns: RankedColumns
    private let targets: TreeGrower.Targets
    private let limits: TreeLimits
    private let number: Int
    private var forest: TreesModel

    init(_ settings: Settings, _ data: RivalData) {
        self.data = data
        columns = RankedColumns(data)
        targets = TreeGrower.Targets(data)
        limits = TreeLimits(
            settings, width: data.width, columns: TreeLimits.Columns(rawValue: settings.text("columns"))!)
        number = settings.integer("trees")
        forest = TreesModel([], data.form, decreases: [Double](repeating: 0, count: data.width))
    }

    var isFinished: Bool { forest.trees.count == number }

    func advance(steps: Int, team: ThreadTeam) -> Int {
        let first = forest.trees.count
        let count = min(steps, number - first)
        guard count > 0 else { return 0 }
        // The memory of growing trees is held for a few at a time.
        let most = 4 * team.size
        if count > most {
            var done = 0
            while done < count { done += advance(steps: min(most, count - done), team: team) }
            return done
        }
        var grown = [TreeGrower?](repeating: nil, count: count)
        grown.withUnsafeMutableBufferPointer { grown in
            let places = grown.baseAddress!
            team.run(parts: count) { part, _ in places[part] = grow(first + part) }
        }
        for grower in grown.compactMap(\.self) {
            forest.trees.append(grower.tree)
            // Each tree counts alike.
            let sum = grower.decreases.reduce(0, +)
            if sum > 0 {
                for column in grower.decreases.indices { forest.decreases[column] += grower.decreases[column] / sum }
            }
        }
        return count
    }

    private func grow(_ tree: Int) -> TreeGrower {
        var random = Random(seed: data.seed, part: tree)
        var weights = [Int32](repeating: 0, count: data.count)
        for _ in 0..<data.count { weights[random.index(data.count)] += 1 }
        let grower = TreeGrower(columns, targets, weights: weights, limits: limits, random: random)
        grower.splitAll()
        return grower
    }

    var model: any RivalModel { forest }
}
