/// A picture takes on the style of another: the network stays as it is, and the picture at its input is what is trained.
final class StyleTransfer: PictureProcedure {
    static let entry = Entry(
        id: "style", title: "style",
        summary:
            "Changes a picture until a trained network sees the content of one picture and the style of another in it.",
        formula:
            "x ← x − step · ∂L/∂x,  L = α ‖F − P‖²/‖P‖² + β mean ‖G − A‖²/‖A‖² + γ TV(x),  G = F Fᵀ / (channels · places)",
        source: "Gatys, Ecker and Bethge, Image style transfer using convolutional neural networks, 2016",
        watch:
            "The style loss falls in the first steps; whether the content is still there, the network itself says (kept).",
        knobs: [
            content, style, PictureKnobs.size, start, StyleObjective.contentSeen, StyleObjective.contentLayerKnob,
            StyleObjective.styleLayers, StyleObjective.contentWeight, StyleObjective.styleWeight,
            PictureKnobs.totalVariation(100), PictureKnobs.method,
            PictureKnobs.memory, PictureKnobs.epochSteps,
        ])
    static let metrics = [StyleObjective.styleLoss, StyleObjective.contentLoss, PictureRun.totalVariation, contentKept]
    static let startingKnobs = [content.name, style.name, PictureKnobs.size.name, start.name]

    private static let content = Knob(
        "content", title: "content",
        summary:
            "The picture whose content is kept: one that the program draws (star), image 7 of the data (data 7), drawing 1 of yours (drawing 1), or a file (photo.jpg).",
        kind: .text, default: .text("star"))
    private static let style = Knob(
        "style", title: "style", summary: "The picture whose style is taken, named in the same ways.", kind: .text,
        default: .text("waves"))
    private static let start = Knob(
        "start", title: "begins as", summary: "The picture at the beginning: the content, the style, or noise.",
        kind: .word(["content", "style", "noise"]), default: .text("content"))

    private static let contentKept = Metric(
        "contentKept", title: "kept",
        summary:
            "The probability that the network gives to the class that it sees in the content, on the picture made as small as its images; 0 to 1.",
        formula: "p(class of the content | x)",
        source: "Gatys, Ecker and Bethge, Image style transfer using convolutional neural networks, 2016",
        watch: "Where it falls below one half, the network takes the picture for something else.", format: .percent,
        isLowerBetter: false)

    let run: PictureRun
    private let content: InputPicture
    private let style: InputPicture
    private let scales: (means: [Float], scales: [Float])
    private var judge: PictureJudge?

    init(_ setup: TrainingSetup) throws(EngineError) {
        let settings = try Settings(setup.learning.procedure, in: .procedure, place: "training.procedure")
        let descent = try Self.descent(setup)
        let (content, style) = (try setup.picture(Self.content), try setup.picture(Self.style))
        (self.content, self.style, scales) = (content, style, setup.channelScales)
        let start = settings.text(Self.start.name)
        judge = try PictureJudge(setup.network, scales)
        run = try PictureRun(
            descent,
            StyleObjective(
                descent.model.network, outline: descent.model.outline, content: content, style: style,
                settings: settings, means: scales.means, scales: scales.scales),
            seed: setup.seed, settings: settings
        ) { seed in
            switch start {
            case "content": content
            case "style": style
            default: .noise(like: content, seed: seed)
            }
        }
    }

    func measure() -> Evaluation {
        let kept = judge?.probability(run.now, ofClassIn: content, run.descent.model.parameterBlock)
        return run.measure(Self.metrics, others: [(Self.contentKept, kept)])
    }

    func apply(_ learning: LearningDescription, to network: NetworkDescription?) throws(EngineError) {
        let settings = try Settings(learning.procedure, in: .procedure, place: "training.procedure")
        let model = run.descent.model
        let next = if let network, network != model.network { try PictureJudge(network, scales) } else { judge }
        try run.apply(learning, to: network, settings: settings) { () throws(EngineError) in
            try StyleObjective(
                network ?? model.network, outline: model.outline, content: content, style: style, settings: settings,
                means: scales.means, scales: scales.scales)
        }
        judge = next
    }

    static func check(_ network: NetworkDescription, by choice: Choice) throws(EngineError) {
        try network.checkMaps(for: choice.id)
    }

    static func pictures(of choice: Choice) -> [WantedPicture] {
        guard let settings = try? Settings(choice, in: .procedure, place: "training.procedure") else { return [] }
        let side = Int(settings.text(PictureKnobs.size.name))!
        return [content, style].map {
            WantedPicture(knob: $0.name, words: settings.text($0.name), side: side)
        }
    }

    var pictureReport: PictureReport? {
        PictureReport(
            now: run.now,
            beside: [
                PictureReport.Beside(title: Self.content.name, picture: content),
                PictureReport.Beside(title: Self.style.name, picture: style),
            ])
    }
}

extension InputPicture {
    /// Grey noise around the middle, in each channel another.
    static func noise(like other: InputPicture, seed: UInt64) -> InputPicture {
        var random = Random(seed: seed ^ 0x7069_6374_7572_6500)
        return InputPicture(
            channels: other.channels, side: other.side,
            values: other.values.map { _ in Float(random.uniform(0.3, 0.7)) })
    }
}

/// Asks the network that looks at a picture what it sees in it, at the size of its own images.
final class PictureJudge {
    private let network: Network
    private let shape: Shape
    private let scales: (means: [Float], scales: [Float])

    /// nil: the network does not tell classes, or of images that are no squares.
    init?(_ description: NetworkDescription, _ scales: (means: [Float], scales: [Float])) throws(EngineError) {
        let axes = description.input.axes
        guard description.task.classes != nil, axes.count == 3, axes[1] == axes[2] else { return nil }
        (shape, self.scales) = (description.input, scales)
        network = try Network(description, capacity: 2)
    }

    private func input(_ picture: InputPicture) -> [Float] {
        let small = picture.resized(to: shape.axes[1])
        let pixels = shape.axes[1] * shape.axes[2]
        return small.values.indices.map { index in
            (small.values[index] - scales.means[index / pixels]) / scales.scales[index / pixels]
        }
    }

    /// The probability, in one picture, of the class that the network sees in another; where its outputs are no probabilities,
    /// 1 if it sees that class and 0 if it sees another.
    func probability(_ picture: InputPicture, ofClassIn other: InputPicture, _ parameters: Block) -> Double? {
        network.load(parameters: parameters.array)
        guard
            let outputs = try? network.outputs(
                at: FixedInputs(input(other) + input(picture), width: shape.count))
        else { return nil }
        let classes = network.classes(of: outputs)
        let all = outputs.map { Double($0[1]) }
        let isDistribution = all.count > 1 && all.allSatisfy { $0 >= 0 } && abs(all.reduce(0, +) - 1) < 1e-3
        return isDistribution ? all[classes[0]] : classes[0] == classes[1] ? 1 : 0
    }
}
