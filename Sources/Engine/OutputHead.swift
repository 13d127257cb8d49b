/// The output layer and the loss that follow from task, loss and rule.
struct OutputHead: Sendable {
    /// A layer's result before or after its activation.
    enum Stage: Sendable { case preActivation, activation }

    let units: Int
    /// The shape of the input that the output gives back; nil: it gives other answers.
    let reconstructed: Shape?
    /// The steps with a target each; nil: each sample has one.
    let steps: Int?
    /// Whether each sample tells which classes are possible: the others have no part in its answer. Behind the targets lies for
    /// each unit what is added to its pre-activation: 0, or `excluded`.
    let limitsAnswers: Bool
    /// Added to the pre-activation of a class that is not possible: its probability becomes 0.
    static let excluded: Float = -1e9
    let activation: Settings
    let initializer: Settings
    /// The loss that the figures show.
    let loss: Loss
    let lossSettings: Settings
    /// The values that the shown loss is computed from.
    let lossStage: Stage
    /// The targets that the shown loss compares with.
    let targets: Loss.Targets
    /// The gradient's kernel (a loss's id, or "rule." and a rule's name), what it is computed from, with which targets,
    /// and where it arrives.
    let gradientKind: String
    let gradientStage: Stage
    let gradientTargets: Loss.Targets
    let gradientArrival: Stage
    /// Whether batches' targets are made of the labels, for each class of each step would have a number else.
    let targetsAreLabels: Bool

    init(_ description: NetworkDescription) throws(EngineError) {
        let lossSettings = try Settings(description.loss, in: .loss, place: "output.loss")
        let loss = Catalogue.losses.first { $0.entry.id == lossSettings.entry.id }!
        reconstructed = description.task == .reconstruction ? description.input : nil
        steps = reconstructed == nil ? description.sequence.targetSteps : nil
        switch description.task {
        case .regression, .values:
            guard loss.suitsRegression else {
                let others = Catalogue.losses.filter(\.suitsRegression).map(\.entry.id).joined(separator: ", ")
                throw EngineError(
                    place: "output.loss",
                    message: "\(loss.entry.id) compares classes, but this data has values; choose one of \(others)")
            }
            if case .values(let count) = description.task { units = count } else { units = 1 }
        case .classification(let classes):
            guard classes >= 2 else {
                throw EngineError(
                    place: "data.task", message: "a classification needs at least 2 classes, this data has \(classes)")
            }
            guard classes <= NetworkDescription.mostClasses else {
                throw EngineError(
                    place: "data.task",
                    message: "expected at most \(NetworkDescription.mostClasses) classes, this data has \(classes); "
                        + "for labels that are values choose the task regression")
            }
            units = classes == 2 ? loss.unitsForTwoClasses : classes
        case .reconstruction:
            try Self.checkReconstruction(description, loss)
            units = description.input.count
        }
        targetsAreLabels = steps != nil && units > 1
        activation = try Self.activation(of: description, loss: loss, units: units)
        limitsAnswers = description.limitsAnswers
        if limitsAnswers {
            let isOverAll = Catalogue.activations.contains {
                $0.entry.id == loss.impliedActivation && $0.scope == .layer
            }
            guard isOverAll, steps == nil else {
                throw EngineError(
                    place: "output.loss",
                    message: "answers that are limited to the classes of a task are compared with each other: choose a "
                        + "loss over all classes (\(listed(Catalogue.losses.filter { $0.unitsForTwoClasses > 1 }.map(\.entry.id)))), "
                        + "found \(loss.entry.id), or take the answers over all classes")
            }
        }
        initializer = try Settings(description.outputInitializer, in: .initializer, place: "output.initializer")
        self.loss = loss
        self.lossSettings = lossSettings
        switch description.rule {
        case .gradient:
            let stage = loss.impliedActivation == nil ? Stage.activation : .preActivation
            lossStage = stage
            targets = loss.targets
            gradientKind = loss.entry.id
            gradientStage = stage
            gradientTargets = loss.targets
            gradientArrival = stage
        case .rosenblatt, .delta, .hebb:
            try Self.checkRule(description)
            lossStage = .activation
            targets = .binary
            gradientArrival = .preActivation
            gradientStage = description.rule == .rosenblatt ? .activation : .preActivation
            gradientTargets = description.rule == .hebb ? .signed : .binary
            gradientKind = "rule.\(description.rule.rawValue)"
        }
    }

    /// - Throws: a loss that compares classes, or inputs that are no amounts.
    private static func checkReconstruction(_ description: NetworkDescription, _ loss: Loss) throws(EngineError) {
        guard loss.suitsReconstruction else {
            let others = Catalogue.losses.filter(\.suitsReconstruction).map(\.entry.id).joined(separator: ", ")
            throw EngineError(
                place: "output.loss",
                message: "\(loss.entry.id) compares classes, but a reconstruction is compared with the input's values; "
                    + "choose one of \(others)")
        }
        guard description.sequence.vocabulary == nil, !description.sequence.hasLengths else {
            throw EngineError(
                place: "training.procedure",
                message: "expected amounts to give back, found sequences of "
                    + (description.sequence.vocabulary == nil ? "different lengths" : "symbols")
                    + "; choose other data, or another procedure")
        }
    }

    /// The written output activation, or the one that task, loss and rule imply.
    private static func activation(
        of description: NetworkDescription, loss: Loss, units: Int
    ) throws(EngineError) -> Settings {
        let place = "output.activation"
        let standard =
            description.rule != .gradient
            ? Catalogue.activation(standardFor: .rule)
            : loss.impliedActivation
                ?? Catalogue.activation(standardFor: description.task.classes == nil ? .values : .classes)
        let settings = try Settings(description.outputActivation ?? Choice(standard), in: .activation, place: place)
        let id = settings.entry.id
        if description.rule != .gradient, id != standard {
            throw EngineError(
                place: place,
                message: "the rule \(description.rule.rawValue) needs the output activation \(standard), found \(id)")
        }
        if description.rule == .gradient, let implied = loss.impliedActivation, id != implied {
            throw EngineError(
                place: place,
                message:
                    "\(loss.entry.id) implies the output activation \(implied), found \(id); leave it out, or choose another loss"
            )
        }
        if units < 2, Catalogue.activations.contains(where: { $0.entry.id == id && $0.scope == .layer }) {
            throw EngineError(
                place: place,
                message:
                    "\(id) needs two or more outputs, here is one; choose the loss softmaxCrossEntropy for two classes"
            )
        }
        return settings
    }

    /// Whether the shown loss is −ln p of the right class, in nats.
    func isInNats(_ task: Task) -> Bool {
        guard case .classification(let classes) = task else { return false }
        return classes <= loss.likelihoodClasses
    }

    /// Rows of a sample's targets: of each step, and behind them each step's share of the sample's loss; or the limits.
    var targetRows: Int { steps.map { $0 * (units + 1) } ?? (limitsAnswers ? 2 * units : units) }

    private static func checkRule(_ description: NetworkDescription) throws(EngineError) {
        let rule = description.rule.rawValue
        guard description.sequence.targetSteps == nil else {
            throw EngineError(
                place: "training.rule",
                message:
                    "the rule \(rule) learns one answer to each sample, but this data has one at every step; choose the "
                    + "rule gradient")
        }
        guard description.layers.isEmpty else {
            throw EngineError(
                place: "training.rule",
                message:
                    "the rule \(rule) trains a single layer, but there \(description.layers.count == 1 ? "is a hidden one; remove it" : "are \(description.layers.count) hidden ones; remove them"), or choose the rule gradient"
            )
        }
        guard description.task.classes != nil else {
            throw EngineError(
                place: "training.rule",
                message: "the rule \(rule) learns classes, but here the targets are values; choose the rule gradient")
        }
        guard description.loss.id == Catalogue.halfSquare.entry.id else {
            throw EngineError(
                place: "output.loss",
                message:
                    "the rule \(rule) makes its own derivative and shows squaredError, found \(description.loss.id); choose squaredError, or the rule gradient"
            )
        }
    }
}

extension NetworkDescription {
    /// Whether the loss is −ln p of the right class, in nats.
    public var lossIsInNats: Bool { (try? OutputHead(self))?.isInNats(task) ?? false }
    /// Whether the loss is half the squared distance.
    public var lossIsHalfSquare: Bool { (try? OutputHead(self))?.loss.isHalfSquare ?? false }
}
