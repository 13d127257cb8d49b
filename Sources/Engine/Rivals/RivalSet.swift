/// The rivals of an experiment: they learn from the rows that the network learns from, in turns of counted steps. Lives in
/// one thread.
public final class RivalSet {
    private var seed: UInt64
    private let team: ThreadTeam
    private let classes: Int?
    private let train: Rows
    private let test: Rows
    /// Makes the codes that rivals learn from; nil: none does.
    private let network: Network?
    private var members: [Member]

    /// Rows, and their answers.
    private struct Rows {
        let inputs: FixedInputs
        let labels: [Double]
        var values: [Double]
        var count: Int { labels.count }

        init(_ samples: Samples, keepsValues: Bool) {
            inputs = FixedInputs(samples.inputs, count: samples.count)
            labels = samples.labels.map { Double($0) }
            values = keepsValues ? inputs.rowMajor : []
        }
    }

    private struct Member {
        let rival: Rival
        let settings: Settings
        let layer: LayerPath?
        var learner: (any RivalLearner)?
        /// As it stood at the last report, with the steps done then.
        var model: (any RivalModel)?
        var modelSteps = -1
        var steps = 0
        var seconds = 0.0
        var version = Model.newParameterVersion()
        var scores: RivalScores?
        var isFinished: Bool
    }

    /// While it learns, a rival is measured on so many of the rows alone; when it is fitted, on all.
    private static let measuredRows = 1000

    /// - Parameters:
    ///   - choices: the rivals, in their order.
    ///   - network: whose layers may be learned from.
    ///   - task: of the data.
    ///   - threads: the most that may share the work.
    /// - Throws: a mistake in a rival's settings, data that it cannot learn from, memory that is not to be had.
    public init(
        _ choices: [Choice], network: NetworkDescription, task: Task, train: Samples, test: Samples, seed: UInt64,
        threads: Int
    ) throws(EngineError) {
        self.seed = seed
        let settings = try Self.settings(choices)
        try Self.check(settings, task: task, input: network.input, train)
        classes = task.classes
        team = ThreadTeam(threads: threads)
        let layers = try Self.layers(settings, of: network, width: train.inputs.width)
        let takesRows = layers.contains { $0 == nil }
        if takesRows {
            try MemoryRoom.require(
                8 * train.inputs.width * (train.count + test.count), place: "rivals", for: "the rows of the rivals",
                advice: "take fewer samples")
        }
        self.train = Rows(train, keepsValues: takesRows)
        self.test = Rows(test, keepsValues: takesRows)
        self.network =
            layers.contains { $0 != nil } ? try Network(network, capacity: 512, threads: threads) : nil
        members = zip(settings, layers).map { settings, layer in
            Member(
                rival: Catalogue.rivals.first { $0.entry.id == settings.entry.id }!, settings: settings, layer: layer,
                isFinished: false)
        }
        for index in members.indices where members[index].layer == nil { try begin(index, self.train.values) }
    }

    // MARK: - Checks

    private static func settings(_ choices: [Choice]) throws(EngineError) -> [Settings] {
        var all: [Settings] = []
        for (index, choice) in choices.enumerated() {
            all.append(try Settings(choice, in: .rival, place: "rivals.\(index)"))
        }
        return all
    }

    /// Checks what the document alone tells of rivals.
    /// - Parameters:
    ///   - task: of the data; nil: it is not known.
    ///   - network: the network beside them; nil: there is none.
    public static func check(
        _ choices: [Choice], task: Task?, network: NetworkDescription?
    ) throws(EngineError) {
        let all = try settings(choices)
        if let task { try check(all, task: task, input: network?.input, nil) }
        for settings in all where network == nil && !settings.text(Knob.rivalLayer.name).isEmpty {
            throw EngineError(
                place: "\(settings.place).on",
                message: "there is no network beside it whose layer it could learn from; leave it out")
        }
        if let network { _ = try layers(all, of: network, width: nil) }
    }

    private static func check(
        _ all: [Settings], task: Task, input: Shape?, _ samples: Samples?
    ) throws(EngineError) {
        guard let place = all.first?.place else { return }
        let answers: Rival.Answers
        switch task {
        case .classification: answers = .classes
        case .regression: answers = .values
        case .reconstruction, .values:
            throw EngineError(place: place, message: "rivals learn classes or one value, but these data have neither")
        }
        if let input, input.axes.count == 2, all.contains(where: { $0.text(Knob.rivalLayer.name).isEmpty }) {
            throw EngineError(
                place: place, message: "rivals learn from rows or images, but these samples are sequences of steps")
        }
        for settings in all {
            let rival = Catalogue.rivals.first { $0.entry.id == settings.entry.id }!
            guard !rival.answers.contains(answers) else { continue }
            let others = Catalogue.rivals.filter { $0.answers.contains(answers) }.map { $0.entry.id }
            throw EngineError(
                place: settings.place,
                message: answers == .classes
                    ? "\(rival.entry.id) learns values, but these data have classes; choose \(others.joined(separator: ", "))"
                    : "\(rival.entry.id) learns classes, but these data have values; choose \(others.joined(separator: ", "))"
            )
        }
        if let samples, samples.count == 0 { throw EngineError.noTrainingSamples }
        if let samples, samples.labels.count != samples.count {
            throw EngineError(place: place, message: "rivals learn one answer for each sample, but these have several")
        }
    }

    /// The layer that each learns from; nil: the inputs.
    /// - Parameter width: values of a sample; nil: not known.
    private static func layers(
        _ all: [Settings], of network: NetworkDescription, width: Int?
    ) throws(EngineError) -> [LayerPath?] {
        guard all.contains(where: { !$0.text(Knob.rivalLayer.name).isEmpty }) else { return all.map { _ in nil } }
        let outline = try network.outline()
        if let width, width != network.inputWidth {
            throw EngineError(
                place: "rivals", message: "rivals cannot learn from layers of a network that does not take the samples")
        }
        var layers: [LayerPath?] = []
        for settings in all {
            let name = settings.text(Knob.rivalLayer.name)
            guard !name.isEmpty else {
                layers.append(nil)
                continue
            }
            guard let layer = outline.path(named: name) else {
                let names = outline.layers.flatMap(\.withInside).compactMap(\.name)
                throw EngineError(
                    place: "\(settings.place).on",
                    message: names.isEmpty
                        ? "there is no layer \(quoted(name)); give a layer this name"
                        : "there is no layer \(quoted(name)); \(NearestName.advice(name, among: names))")
            }
            layers.append(layer)
        }
        return layers
    }

    // MARK: - Steps

    private func begin(_ index: Int, _ rows: [Double]) throws(EngineError) {
        let member = members[index]
        let form = RivalForm(width: rows.count / train.count, classes: classes)
        let clock = ContinuousClock()
        let started = clock.now
        let learner = try member.rival.learner(
            member.settings,
            RivalData(rows: rows, count: train.count, form: form, labels: train.labels, seed: seed))
        members[index].learner = learner
        (members[index].steps, members[index].modelSteps, members[index].scores) = (0, -1, nil)
        members[index].version = Model.newParameterVersion()
        members[index].isFinished = learner.isFinished
        members[index].seconds = (clock.now - started).seconds
    }

    public var count: Int { members.count }

    /// Whether all are fitted that learn from the inputs.
    public var isFinished: Bool { members.allSatisfy { $0.isFinished || $0.layer != nil } }

    /// So many steps of each that is not finished and learns from the inputs.
    public func advance(steps: Int) {
        for index in members.indices where !members[index].isFinished && members[index].layer == nil {
            advance(index, steps: steps)
        }
    }

    private func advance(_ index: Int, steps: Int) {
        guard let learner = members[index].learner else { return }
        let clock = ContinuousClock()
        let started = clock.now
        members[index].steps += learner.advance(steps: steps, team: team)
        members[index].seconds += (clock.now - started).seconds
        if learner.isFinished {
            _ = model(index)
            members[index].isFinished = true
            // Its memory is the model's alone from now on.
            members[index].learner = nil
        }
    }

    /// Fits all that learn from the inputs whole.
    /// - Parameter isInterrupted: asked now and then; where it says so, the fitting ends as it stands.
    public func fit(unless isInterrupted: () -> Bool = { false }) {
        for index in members.indices where members[index].layer == nil {
            while !members[index].isFinished, !isInterrupted() { advance(index, steps: 64) }
        }
    }

    /// Begins anew, with other random numbers where the seed is another.
    public func reset(seed: UInt64) throws(EngineError) {
        self.seed = seed
        for index in members.indices where members[index].layer == nil { try begin(index, train.values) }
    }

    // MARK: - Measuring

    private func model(_ index: Int) -> (any RivalModel)? {
        if members[index].modelSteps != members[index].steps, let learner = members[index].learner {
            members[index].model = learner.model
            members[index].modelSteps = members[index].steps
            members[index].version &+= 1
        }
        return members[index].model
    }

    /// Measures all. Those that learn from a layer are fitted anew from what it is with these parameters.
    /// - Parameter parameters: the network's, flat.
    public func measure(parameters: @autoclosure () -> [Float]) throws(EngineError) {
        if let network { network.load(parameters: parameters()) }
        for index in members.indices {
            var rows = (train: train.values, test: test.values)
            if let layer = members[index].layer {
                rows.train = try network!.rows(of: layer, at: train.inputs)
                rows.test = try network!.rows(of: layer, at: test.inputs)
                try begin(index, rows.train)
                advance(index, steps: .max)
            } else if members[index].scores?.steps == members[index].steps,
                members[index].scores?.isWhole == members[index].isFinished
            {
                continue
            }
            guard let model = model(index) else { continue }
            let isWhole = members[index].isFinished
            members[index].scores = RivalScores(
                steps: members[index].steps, isWhole: isWhole,
                train: score(model, rows.train, train, isWhole: isWhole),
                test: score(model, rows.test, test, isWhole: isWhole))
        }
    }

    /// The share of right classes, or R².
    private func score(_ model: any RivalModel, _ values: [Double], _ rows: Rows, isWhole: Bool) -> Double? {
        let count = isWhole ? rows.count : min(rows.count, Self.measuredRows)
        guard count > 0 else { return nil }
        let width = values.count / rows.count
        let part = count == rows.count ? values : Array(values.prefix(count * width))
        let outputs = model.outputs(of: part, count: count, team: team)
        if classes != nil {
            let right = zip(model.classes(of: outputs), rows.labels).reduce(0) { $0 + ($1.0 == Int($1.1) ? 1 : 0) }
            return Double(right) / Double(count)
        }
        let labels = rows.labels.prefix(count)
        let mean = labels.reduce(0, +) / Double(count)
        let all = labels.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let left = zip(outputs, labels).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return all > 0 ? 1 - left / all : nil
    }

    // MARK: - Reports

    /// Each as it stands.
    public var reports: [RivalReport] {
        let titles = Catalogue.titles(ofRivals: members.map(\.settings.choice))
        return members.indices.map { index in
            let model = model(index)
            let member = members[index]
            return RivalReport(
                choice: member.settings.choice, title: titles[index], layer: member.layer, model: model,
                steps: member.steps, isFinished: member.isFinished, seconds: member.seconds,
                isMeasured: member.scores != nil, trainScore: member.scores?.train, testScore: member.scores?.test,
                scoresClasses: classes != nil, version: member.version)
        }
    }

    /// Takes a fitted rival in place of learning.
    public func restore(_ index: Int, _ model: any RivalModel) {
        guard members.indices.contains(index) else { return }
        members[index].model = model
        (members[index].steps, members[index].modelSteps, members[index].scores) = (0, 0, nil)
        members[index].version = Model.newParameterVersion()
        (members[index].learner, members[index].isFinished) = (nil, true)
    }
}

/// The scores of a rival, and after how many of its steps they were measured.
struct RivalScores {
    var steps: Int
    /// Measured on all rows.
    var isWhole: Bool
    var train: Double?
    var test: Double?
}

/// A rival as it stands: a value for whoever draws or prints.
public struct RivalReport: Sendable {
    public var choice: Choice
    public var title: String
    /// The layer that it learns from; nil: the inputs.
    public var layer: LayerPath?
    /// nil: it has not begun.
    public var model: (any RivalModel)?
    public var steps: Int
    public var isFinished: Bool
    /// Spent on fitting.
    public var seconds: Double
    /// Whether there are scores, as far as there can be.
    public var isMeasured: Bool
    /// The share of right classes, or R² of values; nil without rows, where all values are equal, or not measured yet.
    public var trainScore: Double?
    public var testScore: Double?
    /// Whether the scores are shares; else R².
    public var scoresClasses: Bool
    /// Another number for another model.
    public var version: Int
}

extension Metric {
    /// The scores of rivals on the test rows, or on the training rows where there are none.
    /// - Parameters:
    ///   - ofClasses: shares of right classes; else R².
    ///   - alone: no network learns, so that their curves are all there is to plot.
    public static func scores(ofRivals choices: [Choice], ofClasses: Bool, alone: Bool) -> [Metric] {
        Catalogue.titles(ofRivals: choices).enumerated().map { index, title in
            Metric(
                "rival\(index + 1)\(ofClasses ? "Accuracy" : "R2")", title: title,
                summary: ofClasses
                    ? "The part of the test samples whose class \(title) tells, 0 to 1."
                    : "The part of the test targets' variance that \(title) explains, at most 1.",
                formula: ofClasses ? "right answers / test samples" : "1 − Σ (t − y)² / Σ (t − t̄)²",
                source: "Hastie, Tibshirani and Friedman, The elements of statistical learning, 2009",
                watch: "Differences of a few samples are chance: look at other seeds of the data too.",
                format: ofClasses ? .percent : .number, isLowerBetter: false, plot: alone ? .task : .none, set: .test)
        }
    }
}

extension Catalogue {
    /// The names of rivals; several of one kind with the first setting in which they differ: "SVM linear".
    public static func titles(ofRivals choices: [Choice]) -> [String] {
        choices.map { choice in
            guard let entry = entry(.rival, choice.id) else { return choice.id }
            let same = choices.filter { $0.id == choice.id }
            let differing = entry.knobs.first { knob in Set(same.map { $0.value(of: knob) }).count > 1 }
            guard let differing else { return entry.title }
            return "\(entry.title) \(words(choice.value(of: differing), of: differing))"
        }
    }

    private static func words(_ value: KnobValue, of knob: Knob) -> String {
        switch value {
        case .integer(let number): "\(knob.symbol ?? knob.title) \(number)"
        case .real(let number):
            "\(knob.symbol ?? knob.title) \(number == number.rounded() && abs(number) < 1e9 ? "\(Int(number))" : "\(number)")"
        case .text(let text): knob.name == Knob.rivalLayer.name ? "on \(text.isEmpty ? "inputs" : text)" : text
        case .toggle(let isOn): "\(isOn ? "with" : "without") \(knob.title)"
        case .choice(let choice): choice.id
        case .list: ""
        }
    }
}

extension Outline.Layer {
    /// The layer itself and all that are inside it.
    fileprivate var withInside: [Outline.Layer] { [self] + stacks.flatMap { $0.layers.flatMap(\.withInside) } }
}

extension Outline {
    /// The layer that has a name, in blocks too; nil: there is none.
    public func path(named name: String) -> LayerPath? {
        layers.flatMap(\.withInside).first { $0.name == name }.flatMap {
            LayerPath(String($0.path.dropFirst("layers.".count)))
        }
    }
}

extension Duration {
    fileprivate var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

extension Catalogue {
    /// A fitted rival from what a file holds.
    /// - Parameter place: of its tensors in the file.
    /// - Throws: a tensor that is missing or does not fit.
    public static func restored(
        _ choice: Choice, form: RivalForm, tensors: [RivalTensor], place: String
    ) throws(EngineError) -> any RivalModel {
        let settings = try Settings(choice, in: .rival, place: place)
        let rival = rivals.first { $0.entry.id == settings.entry.id }!
        guard rival.answers.contains(form.classes == nil ? .values : .classes) else {
            throw EngineError(place: place, message: "\(rival.entry.id) does not learn such answers")
        }
        return try rival.restored(settings, form, RivalTensors(tensors, place: place))
    }
}
