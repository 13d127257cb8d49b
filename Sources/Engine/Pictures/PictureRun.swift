#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The quantity that a picture is changed to make small.
protocol PictureObjective: AnyObject {
    var side: Int { get }
    var channels: Int { get }
    /// Takes the present weights of the network that looks at the picture.
    func load(_ parameters: Block)
    /// - Parameters:
    ///   - picture: `[channels, side²]`, 0…1.
    ///   - gradient: the objective's gradient at it is added.
    ///   - step: the steps done, for what changes from step to step.
    /// - Returns: the objective, and the values of the procedure's own metrics.
    func look(
        _ picture: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>, step: Int
    ) -> (objective: Double, measured: [(Metric, Double)])
}

/// A picture that is changed step by step while the network that looks at it stays as it is. Not Sendable: lives in one thread.
///
/// A pixel is x = 1/(1 + e⁻ᶻ), so that it stays between black and white; z is what the steps change.
final class PictureRun {
    let descent: GradientDescent
    private(set) var objective: any PictureObjective
    /// The picture at the beginning, by the seed.
    private let draw: (UInt64) -> InputPicture
    private var start: InputPicture
    private let z: Block
    private let gradient: Block
    private var picture: [Float]
    private var updater: Updater
    private var quasiNewton: LimitedMemoryBFGS
    private var settings: Settings
    /// The version of the network's weights that the objective has taken.
    private var version: Int?
    /// The values at the present picture, whose gradient lies in `gradient`; nil: it has changed since.
    private var known: (objective: Double, measured: [(Metric, Double)])?

    static let totalVariation = Metric(
        "totalVariation", title: "variation",
        summary: "The mean squared difference of pixels beside and below each other, at least 0.",
        formula: "Σ (x[i+1, j] − x[i, j])² + (x[i, j+1] − x[i, j])² / values",
        source: "Rudin, Osher and Fatemi, Nonlinear total variation based noise removal algorithms, 1992",
        watch: "A picture full of single bright pixels has much of it: then raise its weight.", plot: .aside)

    /// Pixels of the start keep this far from black and white, where they could hardly be changed.
    private static let edge: Float = 0.1

    /// - Parameter settings: the procedure's.
    init(
        _ descent: GradientDescent, _ objective: any PictureObjective, seed: UInt64, settings: Settings,
        start draw: @escaping (UInt64) -> InputPicture
    ) throws(EngineError) {
        (self.descent, self.objective, self.draw, self.settings) = (descent, objective, draw, settings)
        start = draw(seed)
        let count = start.values.count
        if settings.text(PictureKnobs.method.name) == PictureKnobs.quasiNewton {
            try MemoryRoom.require(
                8 * count * settings.integer(PictureKnobs.memory.name), for: "the steps that L-BFGS remembers",
                advice: "let it remember fewer, or choose a smaller picture")
        }
        z = try Block(count: Plan.wholeVectors(count))
        gradient = try Block(count: z.count)
        picture = start.values
        updater = try Updater(
            descent.learning.optimizer, parameters: z, gradients: gradient, spans: [0..<z.count], decayingCount: 0)
        quasiNewton = LimitedMemoryBFGS(memory: settings.integer(PictureKnobs.memory.name))
        begin()
    }

    /// The picture as it stands.
    var now: InputPicture { InputPicture(channels: start.channels, side: start.side, values: picture) }

    private func begin() {
        z.fill(0)
        for (index, value) in start.values.enumerated() {
            let x = min(max(value, Self.edge), 1 - Self.edge)
            z[index] = log(x / (1 - x))
        }
        updater.reset()
        quasiNewton.reset()
        pictureChanged()
    }

    private func pictureChanged() {
        for index in picture.indices { picture[index] = 1 / (1 + exp(-z.base[index])) }
        known = nil
    }

    private var usesQuasiNewton: Bool { settings.text(PictureKnobs.method.name) == PictureKnobs.quasiNewton }

    // MARK: - Steps

    var stepsPerEpoch: Int { settings.integer(PictureKnobs.epochSteps.name) }

    func advance(steps: Int) -> TrainingProgress {
        for _ in 0..<steps {
            if descent.divergence != nil { return .diverged }
            look()
            if diverges() { return .diverged }
            if usesQuasiNewton {
                let place = UnsafeMutableBufferPointer(start: z.base, count: picture.count)
                if !quasiNewton.retreat(place, objective: known!.objective) {
                    quasiNewton.step(place, gradient: Array(gradient.values[..<picture.count]))
                }
            } else {
                _ = updater.update(
                    count: 1, rate: descent.scheduledRate, l1: 0, l2: 0, clipNorm: descent.learning.clipNorm)
            }
            pictureChanged()
            descent.step += 1
            if descent.step % stepsPerEpoch == 0 {
                descent.feed.epoch += 1
                return .finishedEpoch
            }
        }
        return .stepped
    }

    /// Brings `known` and the gradient up to date.
    private func look() {
        if version != descent.model.parameterVersion {
            objective.load(descent.model.parameterBlock)
            (version, known) = (descent.model.parameterVersion, nil)
        }
        guard known == nil else { return }
        gradient.fill(0)
        var (objective, measured) = self.objective.look(picture, into: gradient.base, step: descent.step)
        let variation = addVariation(weight: settings.real(PictureKnobs.totalVariation.name))
        objective += settings.real(PictureKnobs.totalVariation.name) * variation
        measured.append((Self.totalVariation, variation))
        for index in picture.indices { gradient.base[index] *= picture[index] * (1 - picture[index]) }
        known = (objective, measured)
    }

    /// Adds the gradient of weight · total variation.
    /// - Returns: the total variation.
    private func addVariation(weight: Double) -> Double {
        let (side, count) = (start.side, Float(picture.count))
        let factor = 2 * Float(weight) / count
        var sum = 0.0
        for channel in 0..<start.channels {
            for row in 0..<side {
                var squares: Float = 0
                let first = (channel * side + row) * side
                for place in first..<first + side {
                    if place < first + side - 1 {
                        let difference = picture[place + 1] - picture[place]
                        squares += difference * difference
                        gradient.base[place + 1] += factor * difference
                        gradient.base[place] -= factor * difference
                    }
                    if row < side - 1 {
                        let difference = picture[place + side] - picture[place]
                        squares += difference * difference
                        gradient.base[place + side] += factor * difference
                        gradient.base[place] -= factor * difference
                    }
                }
                sum += Double(squares)
            }
        }
        return sum / Double(count)
    }

    private func diverges() -> Bool {
        guard let known, !known.objective.isFinite else { return false }
        descent.divergence = descent.diagnose()
        return true
    }

    /// The values of all metrics but the procedure's `others`.
    func measure(_ metrics: [Metric], others: [(Metric, Double?)] = []) -> Evaluation {
        look()
        if descent.divergence == nil { _ = diverges() }
        return Evaluation(
            metrics,
            metrics.map { metric in
                known!.measured.first { $0.0 == metric }?.1 ?? others.first { $0.0 == metric }?.1
            })
    }

    // MARK: - Settings and state

    /// - Parameter make: the objective with the new settings; it is asked before anything changes.
    func apply(
        _ learning: LearningDescription, to network: NetworkDescription?, settings: Settings,
        _ objective: () throws(EngineError) -> any PictureObjective
    ) throws(EngineError) {
        let isOther =
            learning.procedure != descent.learning.procedure
            || (network ?? descent.model.network) != descent.model.network
        let next = try isOther ? objective() : self.objective
        try descent.apply(learning, to: network)
        try updater.apply(learning.optimizer)
        if isOther {
            (self.objective, self.settings, version, known) = (next, settings, nil, nil)
            // Its steps were those of another objective.
            quasiNewton = LimitedMemoryBFGS(memory: settings.integer(PictureKnobs.memory.name))
        }
    }

    func reset(seed: UInt64) {
        descent.reset(seed: seed)
        start = draw(seed)
        begin()
    }

    private static let place = "picture"

    var state: TrainingState {
        var state = descent.state
        state.parts[Self.place] = Array(z.values[..<picture.count])
        for (name, slot) in zip(updater.optimizer.slots, updater.slots) {
            state.parts["\(Self.place).slot.\(name)"] = Array(slot.values[..<picture.count])
        }
        state.parts["\(Self.place).updates"] = TrainingState.floats([UInt64(updater.steps)])
        for (name, values) in quasiNewton.parts where !values.isEmpty {
            state.parts["\(Self.place).lbfgs.\(name)"] = values
        }
        return state
    }

    func restore(_ state: TrainingState) throws(EngineError) {
        let prefix = "\(Self.place).lbfgs."
        var parts: [String: [Float]] = [:]
        for (name, values) in state.parts where name.hasPrefix(prefix) {
            parts[String(name.dropFirst(prefix.count))] = values
        }
        let memory = settings.integer(PictureKnobs.memory.name)
        guard let own = state.parts[Self.place], own.count == picture.count,
            let remembered = LimitedMemoryBFGS(memory: memory, parts: parts, count: picture.count)
        else {
            let saved = state.parts[Self.place].map { values in
                if values.count == picture.count { return "one whose steps do not fit" }
                let side = Int(Double(values.count / start.channels).squareRoot())
                return "\(side)×\(side); choose the size that it was saved with"
            }
            throw EngineError(
                place: Self.place,
                message: "expected a picture of \(start.side)×\(start.side) pixels with the steps that made it, found "
                    + (saved ?? "none"))
        }
        try descent.restore(state)
        z.write(own)
        updater.reset()
        for (name, slot) in zip(updater.optimizer.slots, updater.slots) {
            if let values = state.parts["\(Self.place).slot.\(name)"], values.count == picture.count {
                slot.write(values)
            }
        }
        let updates = TrainingState.words(state.parts["\(Self.place).updates"])?.first ?? 0
        updater.steps = Int(min(updates, UInt64(TrainingState.counts.upperBound)))
        quasiNewton = remembered
        pictureChanged()
    }
}

/// The knobs that procedures with pictures share.
enum PictureKnobs {
    static let quasiNewton = "lbfgs"

    static let size = Knob(
        "size", title: "size", summary: "The pixels along each side of the picture.",
        kind: .word(["32", "64", "96", "128", "192", "256", "384", "512"]), default: .text("128"))
    static let method = method(quasiNewton)
    static func method(_ standard: String) -> Knob {
        Knob(
            "method", title: "method",
            summary:
                "The steps that change the picture: those of L-BFGS, which reads the curvature off the last steps and needs no rate, or those of the optimizer and its learning rate.",
            kind: .word([quasiNewton, "optimizer"]), default: .text(standard))
    }
    static let memory = Knob(
        "memory", title: "remembers", summary: "The last steps from which L-BFGS reads the curvature.",
        kind: .integer(1...100), default: .integer(10), raise: "when the losses fall slowly near the end",
        lower: "when memory is short")
    static let totalVariation = totalVariation(1)
    /// - Parameter standard: beside the other weights of the procedure.
    static func totalVariation(_ standard: Double) -> Knob {
        Knob(
            "totalVariation", title: "smoothness", symbol: "γ",
            summary: "The weight of the total variation, which keeps pixels like those beside them.",
            kind: .real(0...1e6, steps: [0, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000]), default: .real(standard),
            raise: "when the picture is full of single bright pixels", lower: "when it is blurred")
    }
    static let epochSteps = Knob(
        "epochSteps", title: "epoch's steps", summary: "The steps that make an epoch, after which all is measured.",
        kind: .integer(1...1_000_000), default: .integer(5), raise: "when the curve has too many points",
        lower: "when it moves in jumps")
}

/// A procedure that changes a picture, and no weights.
protocol PictureProcedure: DescentProcedure {
    var run: PictureRun { get }
}

extension PictureProcedure {
    var descent: GradientDescent { run.descent }
    var metrics: [Metric] { Self.metrics }
    var stepsPerEpoch: Int { run.stepsPerEpoch }
    func advance(steps: Int) -> TrainingProgress { run.advance(steps: steps) }
    func reset(seed: UInt64) { run.reset(seed: seed) }
    var state: TrainingState { run.state }
    func restore(_ state: TrainingState) throws(EngineError) { try run.restore(state) }

    /// The descent of the network, which gives its weights and is never stepped.
    static func descent(_ setup: TrainingSetup) throws(EngineError) -> GradientDescent {
        guard setup.network.input.axes.count == 3, setup.network.task != .reconstruction else {
            throw EngineError(
                place: "training.procedure",
                message: "\(entry.id) needs a network over images, found inputs of \(setup.network.input); choose a "
                    + "dataset of images")
        }
        var setup = setup
        setup.device = .processor
        return try GradientDescent(setup)
    }
}

extension TrainingSetup {
    /// The picture that a knob names.
    func picture(_ knob: Knob) throws(EngineError) -> InputPicture {
        let place = "training.procedure.\(learning.procedure.id).\(knob.name)"
        guard let picture = pictures?.pictures[knob.name] else {
            throw EngineError(
                place: place,
                message: "expected a picture, found none; name one, as star, data 7, drawing 1 or photo.jpg")
        }
        guard picture.channels == network.input.axes[0] else {
            throw EngineError(
                place: place,
                message: "expected a picture of \(plural(network.input.axes[0], "channel")), found \(picture.channels)")
        }
        return picture
    }

    /// The mean and the scale of each channel that the network takes in.
    var channelScales: (means: [Float], scales: [Float]) {
        let channels = network.input.axes[0]
        guard let pictures, pictures.means.count == channels, pictures.scales.count == channels else {
            return ([Float](repeating: 0, count: channels), [Float](repeating: 1, count: channels))
        }
        return (pictures.means, pictures.scales)
    }
}

extension Outline {
    /// The layers of a list, each of which makes maps over the picture: paths as "2" or "2.body.0", names, or "input".
    /// - Parameter place: of the list.
    func layersWithMaps(_ list: String, place: String) throws(EngineError) -> [LayerPath] {
        var paths: [LayerPath] = []
        for word in list.split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init) {
            if word == "input" {
                paths.append(.input)
                continue
            }
            // The output layer has no index.
            guard let path = self.path(named: word) ?? LayerPath(word), let layer = self[path], layer.index != nil
            else {
                throw EngineError(
                    place: place,
                    message: "there is no layer \(quoted(word)); name one that makes maps over the picture: "
                        + namesOfMaps)
            }
            guard layer.output.axes.count == 3 else {
                throw EngineError(
                    place: place,
                    message: "the layer \(quoted(word)) (\(layer.title)) makes no maps over the picture, but "
                        + "\(plural(layer.output.count, "value")); name one that makes maps: \(namesOfMaps)")
            }
            paths.append(path)
        }
        return paths
    }

    /// "input, 0 (conv2d 8), 1 (maxPool 2)"
    private var namesOfMaps: String {
        let maps = layers.filter { $0.index != nil && $0.output.axes.count == 3 }
        return listed(["input"] + maps.map { "\($0.name ?? "\($0.index!)") (\($0.title))" })
    }
}
