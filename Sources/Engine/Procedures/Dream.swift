/// A picture is changed until a layer or a class of a trained network is as active as can be: what the network has learned to
/// see appears in it.
final class Dream: PictureProcedure {
    static let entry = Entry(
        id: "dream", title: "dream",
        summary: "Changes a picture until a layer, a map or a class of a trained network is as active as can be.",
        formula:
            "x ← x − step · ∂L/∂x,  L = −mean a² + γ TV(x), or −mean (z of the class − mean of the other z) + γ TV(x)",
        source: "Mordvintsev, Olah and Tyka, Inceptionism: going deeper into neural networks, 2015",
        watch:
            "Early layers bring out edges and gratings, later ones parts of what is to be told; a class shows what the network takes it for.",
        knobs: [
            picture, PictureKnobs.size, DreamObjective.layer, DreamObjective.unit, DreamObjective.aClass,
            PictureKnobs.totalVariation, PictureKnobs.method("optimizer"), PictureKnobs.memory,
            PictureKnobs.epochSteps,
        ])
    static let metrics = [DreamObjective.activation, PictureRun.totalVariation]
    static let startingKnobs = [picture.name, PictureKnobs.size.name]

    private static let noise = "noise"
    private static let picture = Knob(
        "picture", title: "picture",
        summary:
            "The picture at the beginning: noise, one that the program draws (star), image 7 of the data (data 7), drawing 1 of yours (drawing 1), or a file (photo.jpg).",
        kind: .text, default: .text(noise))

    let run: PictureRun
    private let scales: (means: [Float], scales: [Float])
    private let start: InputPicture

    init(_ setup: TrainingSetup) throws(EngineError) {
        let settings = try Settings(setup.learning.procedure, in: .procedure, place: "training.procedure")
        let descent = try Self.descent(setup)
        let isNoise = settings.text(Self.picture.name) == Self.noise
        let (channels, side) = (setup.network.input.axes[0], Int(settings.text(PictureKnobs.size.name))!)
        let grey = InputPicture(
            channels: channels, side: side, values: [Float](repeating: 0.5, count: channels * side * side))
        let start = try isNoise ? InputPicture.noise(like: grey, seed: setup.seed) : setup.picture(Self.picture)
        (scales, self.start) = (setup.channelScales, start)
        run = try PictureRun(
            descent,
            DreamObjective(
                descent.model.network, outline: descent.model.outline, start: start, settings: settings,
                means: scales.means, scales: scales.scales),
            seed: setup.seed, settings: settings
        ) { seed in isNoise ? .noise(like: grey, seed: seed) : start }
    }

    func measure() -> Evaluation { run.measure(Self.metrics) }

    func apply(_ learning: LearningDescription, to network: NetworkDescription?) throws(EngineError) {
        let settings = try Settings(learning.procedure, in: .procedure, place: "training.procedure")
        let model = run.descent.model
        try run.apply(learning, to: network, settings: settings) { () throws(EngineError) in
            try DreamObjective(
                network ?? model.network, outline: model.outline, start: start, settings: settings,
                means: scales.means, scales: scales.scales)
        }
    }

    static func check(_ network: NetworkDescription, by choice: Choice) throws(EngineError) {
        // A class's sum at the output needs no maps.
        let settings = try Settings(choice, in: .procedure, place: "training.procedure")
        if settings.integer(DreamObjective.aClass.name) == 0 { try network.checkMaps(for: choice.id) }
    }

    static func pictures(of choice: Choice) -> [WantedPicture] {
        guard let settings = try? Settings(choice, in: .procedure, place: "training.procedure") else { return [] }
        let words = settings.text(picture.name)
        return [
            WantedPicture(
                knob: picture.name, words: words == noise ? "" : words,
                side: Int(settings.text(PictureKnobs.size.name))!)
        ]
    }

    var pictureReport: PictureReport? {
        PictureReport(now: run.now, beside: [PictureReport.Beside(title: "beginning", picture: start)])
    }
}
