extension Rival {
    static let decisionTree = Rival(
        Entry(
            id: "decisionTree", title: "decision tree",
            summary: "Questions one after the other, each whether one column is at most a number.",
            formula: "split: max of n·G − n₁·G₁ − n₂·G₂,  G = 1 − Σ pₖ²",
            source: "Breiman, Friedman, Olshen and Stone, Classification and regression trees, 1984",
            watch: "Its boundary is made of steps along the axes; without a limit it follows every training point.",
            knobs: [.treeDepth(0), .leafRows]),
        answers: [.classes, .values],
        learner: { settings, data in DecisionTreeLearner(settings, data) },
        restored: { _, form, tensors throws(EngineError) in try TreesModel(form, tensors) })
}

/// A step is a split: of all leaves the one is split whose split lowers the impurity most.
final class DecisionTreeLearner: RivalLearner {
    private let data: RivalData
    private let grower: TreeGrower

    init(_ settings: Settings, _ data: RivalData) {
        self.data = data
        grower = TreeGrower(
            RankedColumns(data), TreeGrower.Targets(data), limits: TreeLimits(settings, width: data.width),
            random: Random(seed: data.seed))
    }

    var isFinished: Bool { grower.isFinished }

    func advance(steps: Int, team: ThreadTeam) -> Int {
        for done in 0..<steps {
            if grower.isFinished { return done }
            grower.split()
        }
        return steps
    }

    var model: any RivalModel { TreesModel([grower.tree], data.form, decreases: grower.decreases) }
}
