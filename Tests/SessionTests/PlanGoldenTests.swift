import Datasets
import Testing

@testable import Engine
@testable import Session

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The operations, tensors and initial weights of today's networks, held to a file: a change of structure that moves
/// one of them changes what a seed gives, or how fast it trains. `RECORD=1` writes the file anew.
@Suite("Plans")
struct PlanGoldenTests {
    @Test("every preset and thirty random stacks plan to the operations, tensors and weights on file")
    func plans() throws {
        var text = ""
        for preset in Preset.withOwnData {
            let experiment = try Experiment(json: JSON(parsing: preset.text))
            let data = try prepare(experiment.data, features: experiment.features, directory: nil)
            text += try PlanText(preset.name, experiment.network(for: data), seed: experiment.seed).text
        }
        var random = Random(seed: 11)
        for number in 1...30 {
            text += try PlanText("random \(number)", Self.randomStack(&random), seed: UInt64(number)).text
        }
        let path = "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Fixtures/plans.txt"
        if getenv("RECORD") != nil, let file = fopen(path, "w") {
            fputs(text, file)
            fclose(file)
        }
        let expected = try TextFile.read(path).split(separator: "\n")
        let found = text.split(separator: "\n")
        #expect(expected.count == found.count)
        if let difference = zip(expected, found).first(where: { $0 != $1 }) {
            Issue.record("expected \(difference.0), found \(difference.1)")
        }
    }

    /// The entries that random stacks are made of: a new one in the catalogue must not change which stacks these are.
    private static let activations = [
        "linear", "sigmoid", "tanh", "relu", "leakyReLU", "prelu", "elu", "gelu", "softplus", "sin", "gaussian",
        "asinh",
        "threshold",
    ]
    private static let initializers = [
        "playground", "zeros", "uniform", "normal", "xavierUniform", "xavierNormal", "heUniform", "heNormal",
        "lecunNormal",
    ]
    private static let losses = [
        "squaredError", "absoluteError", "huber", "binaryCrossEntropy", "softmaxCrossEntropy", "hinge",
    ]

    private static func randomStack(_ random: inout Random) -> NetworkDescription {
        func pick<T>(_ list: [T]) -> T { list[Int(random.next() % UInt64(list.count))] }
        let loss = pick(losses)
        let layers = (0..<pick(Array(0...5))).map { _ -> Choice in
            guard pick(Array(0..<4)) > 0 else { return Choice("dropout", ["rate": .real(pick([0.1, 0.5]))]) }
            return Choice(
                "dense",
                [
                    "units": .integer(pick(Array(1...12))), "activation": .choice(Choice(pick(activations))),
                    "initializer": .choice(Choice(pick(initializers))),
                ])
        }
        let isRegression =
            Catalogue.losses.contains { $0.entry.id == loss && $0.suitsRegression } && pick([true, false])
        return NetworkDescription(
            input: Shape(pick(Array(1...7))),
            task: isRegression ? .regression : .classification(classes: pick(Array(2...5))), layers: layers,
            outputInitializer: Choice(pick(initializers)), loss: Choice(loss))
    }
}

/// A plan as lines of text. Rows of values and of training are numbered by first use; places of parameters are as they
/// are.
private struct PlanText {
    private(set) var text = ""
    private var names: [Slice: String] = [:]

    init(_ title: String, _ description: NetworkDescription, seed: UInt64) throws {
        let plan = try Plan(description)
        var random = Random(seed: seed)
        let weights = plan.initialParameters(&random).map { String($0.bitPattern, radix: 16) }
        text = "# \(title)\n"
        for tensor in plan.outline.tensors {
            let axes = tensor.axes.map(String.init).joined(separator: "x")
            text += "\(tensor.name) \(axes) at \(tensor.offset)\(tensor.decays ? " decays" : "")\n"
        }
        let hash = String(stableHash(weights.joined(separator: " ").utf8), radix: 16)
        text += "\(weights.count) weights \(weights.prefix(3).joined(separator: " ")) … hash \(hash)\n"
        add("forward", plan.program.trainingForward)
        add("evaluation", plan.program.evaluationForward)
        add("backward", plan.program.backward)
    }

    private mutating func add(_ title: String, _ operations: [Operation]) {
        text += "\(title)\n"
        for operation in operations {
            // The last places few operations have.
            let count = max(6, (operation.operands.lastIndex { $0 != nil } ?? 0) + 1)
            let words = operation.operands[..<count].map { $0.map { name($0) } ?? "-" }.joined(separator: " ")
            text +=
                "  \(operation.primitive.id) \(operation.kind) \(operation.m)x\(operation.n) \(operation.knobs) \(words)\n"
        }
    }

    private mutating func name(_ slice: Slice) -> String {
        let (letter, isNumbered) =
            switch slice.block {
            case .parameters: ("p", false)
            case .parameterGradients: ("g", false)
            case .values: ("v", true)
            case .training: ("t", true)
            }
        guard isNumbered else { return "\(letter)\(slice.offset)+\(slice.count)" }
        if let known = names[slice] { return known }
        let name = "\(letter)\(names.keys.count { $0.block == slice.block })+\(slice.count)"
        names[slice] = name
        return name
    }
}
