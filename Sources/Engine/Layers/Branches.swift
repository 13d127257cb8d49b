/// Runs several stacks over the same input and joins their results: the shape of inception blocks and of ensembles.
///
/// Shapes: x: [values, batch]; y: [Σ of the stacks' values, batch] for `concatenate`, else as each stack's.
/// An empty stack is the identity. A maximum's gradient goes to the first of the largest.
struct Branches: Layer {
    static let entry = Entry(
        id: "branches", title: "branches",
        summary: "Runs several stacks side by side over the same input and joins what they make of it.",
        formula: "y = join(F₁(x), F₂(x), …)",
        source: "Szegedy and others, Going deeper with convolutions, 2014",
        watch: "The width after joining is the sum of the branches': the next layer has that many inputs.",
        knobs: [
            Knob(
                "stacks", title: "stacks", summary: "The stacks of layers, each over the whole input.",
                kind: .list(.list(.choice(.layer))),
                default: .list([
                    .list([.choice(Choice("dense", ["units": .integer(2)]))]),
                    .list([
                        .choice(Choice("dense", ["units": .integer(2)])),
                        .choice(Choice("dense", ["units": .integer(2)])),
                    ]),
                ])),
            Knob(
                "join", title: "join", summary: "How the stacks' results become one.",
                kind: .word(Join.allCases.map(\.rawValue)), default: .text(Join.concatenate.rawValue)),
        ])

    enum Join: String, CaseIterable {
        case concatenate, sum, mean, max
    }

    let stacks: [[Choice]]
    let join: Join
    private let place: String

    init(settings: Settings) throws(EngineError) {
        stacks = settings.stacks("stacks")
        join = Join(rawValue: settings.text("join"))!
        place = settings.place
        guard !stacks.isEmpty else {
            throw EngineError(place: "\(place).stacks", message: "branches need a stack; add one")
        }
    }

    var title: String { "branches" }

    var activation: Settings? { nil }

    func decoder(from output: Shape, to input: Shape) -> [Choice] { ShapeDecoder.layers(from: output, to: input) }

    var link: Outline.Link? {
        switch join {
        case .concatenate: .join(.concatenation)
        case .sum: .join(.sum)
        case .mean: .join(.mean)
        case .max: .join(.largest)
        }
    }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        var results: [Value] = []
        for (index, stack) in stacks.enumerated() {
            results.append(
                try plan.run(stack, x, name: "stacks.\(index)", place: "\(place).stacks.\(index)"))
        }
        if join == .concatenate {
            if let sequence = results.first(where: { $0.shape.axes.count == 2 }) {
                throw EngineError(
                    place: place,
                    message: "the join \(join.rawValue) cannot lay sequences (\(sequence.shape)) side by side; "
                        + "join by sum, mean or max, or put the branches into eachStep")
            }
            return plan.concatenation(results)
        }
        if let other = results.first(where: { !$0.shape.adds(to: results[0].shape) }) {
            throw EngineError(
                place: place,
                message:
                    "the join \(join.rawValue) needs stacks with as many values each, found \(results[0].shape) and "
                    + "\(other.shape); give their last layers the same number of units, or join by concatenate")
        }
        return switch join {
        case .sum: plan.sum(results)
        case .mean: plan.scaled(plan.sum(results), by: 1 / Double(results.count))
        case .max: plan.maximum(results)
        case .concatenate: preconditionFailure("joined above")
        }
    }
}
