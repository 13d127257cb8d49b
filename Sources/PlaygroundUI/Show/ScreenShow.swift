import Basics
import Datasets
import Session
import TerminalKit

/// Draws a screen of the playground without a terminal: an experiment, trained so many epochs, after some keys. The same
/// again gives the same cells.
public struct ScreenShow {
    public var width = 120
    public var height = 40
    public var epochs = 0
    /// As `Key.init(_:)` reads them, parted by blanks; text in single quotes is typed.
    public var keys = ""
    /// One panel alone; nil: the whole screen.
    public var panel: Panel?
    public var theme = Theme.dark
    public var palette = ColorPalette.standard
    public var capabilities = Capabilities()

    /// The most cells in each direction.
    public static let mostColumns = 400
    public static let mostRows = 200

    public init() {}

    /// The smallest size, the bars around a panel left out.
    public var smallest: (width: Int, height: Int) {
        panel == nil
            ? (Layout.smallestWidth, Layout.smallestHeight) : (Layout.smallestWidth - 2, Layout.smallestHeight - 2)
    }

    /// - Throws: that the experiment cannot be trained, that a key is none, or that it asks for more than a screen.
    public func picture(of source: ExperimentSource) throws(ExperimentError) -> ScreenPicture {
        let presses = try Self.presses(keys)
        var stage = try Stage(source, self)
        for press in presses { try stage.press(press) }
        var picture = stage.app.screenPicture
        if panel != nil {
            // Between the two bars, and without the margins beside it.
            picture.canvas = picture.canvas.part(Rect(x: 1, y: 1, width: width, height: height))
        }
        return picture
    }

    /// - Throws: the first word that is no key.
    public static func presses(_ text: String) throws(ExperimentError) -> [Key] {
        var keys: [Key] = []
        var rest = text[...]
        while let first = rest.first {
            if first == " " {
                rest.removeFirst()
            } else if first == "'", let end = rest.dropFirst().firstIndex(of: "'") {
                keys += rest[rest.index(after: rest.startIndex)..<end].unicodeScalars.map { Key(.character($0)) }
                rest = rest[rest.index(after: end)...]
            } else {
                let word = rest.prefix { $0 != " " }
                guard let key = Key(String(word)) else {
                    throw ExperimentError(
                        .arguments, place: "--keys",
                        message:
                            "\(quoted(String(word))) is no key; expected keys such as 5, e, space, down, ctrl-l, F2, and text to type in single quotes"
                    )
                }
                keys.append(key)
                rest = rest.dropFirst(word.count)
            }
        }
        return keys
    }
}

/// An app and a trainer in one thread.
private struct Stage {
    private(set) var app: App
    private var trainer: StillTrainer
    private var grid: StillGrid?
    private let maker = PictureMaker()
    private let epochs: Int
    /// Keys come two seconds apart, as a person's do: each is a step of its own for undo.
    private var time = 0.0

    /// Pictures that come closer step by step, such as t-SNE, are there after so many steps at the latest.
    private static let mostSteps = 2000

    init(_ source: ExperimentSource, _ show: ScreenShow) throws(ExperimentError) {
        epochs = show.epochs
        app = App(Session(source), playing: false)
        (app.theme, app.palette, app.capabilities) = (show.theme, show.palette, show.capabilities)
        let margin = show.panel == nil ? 0 : 2
        app.handle(.resize(width: show.width + margin, height: show.height + margin))
        trainer = StillTrainer(app.experiment, directory: source.directory)
        if let weights = source.weights { trainer.perform(.loadCheckpoint(path: weights)) }
        trainer.train(epochs: show.epochs)
        if let failure = trainer.failure {
            throw ExperimentError(.malformed, place: "", message: failure)
        }
        if let panel = show.panel {
            app.show(panel.id)
            app.enlarge()
        }
        receive()
        app.notice = nil
        try carryOut()
    }

    mutating func press(_ key: Key) throws(ExperimentError) {
        time += 2
        app.handle(.key(key), at: time)
        try carryOut()
    }

    /// The newest state and its pictures.
    private mutating func receive() {
        app.receive(
            snapshot: trainer.snapshot, picture: nil, failure: trainer.failure, past: trainer.past, at: time)
        // A picture may ask for another one: of a layer that it has shown.
        for _ in 0..<2 {
            guard let snapshot = app.snapshot else { return }
            let request = app.viewRequest
            var picture = maker.makePicture(snapshot, request)
            for _ in 0..<Self.mostSteps where !picture.settled { picture = maker.makePicture(snapshot, request) }
            app.receive(snapshot: nil, picture: picture, failure: app.failure, past: trainer.past, at: time)
        }
        // The requests depend on the networks that are there.
        for _ in 0..<2 {
            if let grid { app.receive(grid.news(app.gridRequests)) }
        }
    }

    private mutating func carryOut() throws(ExperimentError) {
        repeat {
            for effect in app.takeOutbox() { try carryOut(effect) }
            receive()
        } while !app.outbox.isEmpty
    }

    private mutating func carryOut(_ effect: App.Effect) throws(ExperimentError) {
        switch effect {
        // The picture shows it as on; training goes no further than it was told.
        case .trainer(.play): break
        case .trainer(let command): trainer.perform(command)
        case .startGrid(let experiments, _, _, let fitsRivals):
            let grid = StillGrid(experiments, directory: app.session.directory, fitsRivals: fitsRivals)
            grid.train(epochs: epochs)
            self.grid = grid
        case .planGrid(let plan): app.planned(plan.make(Loading()))
        case .grid(let command): grid?.perform(command)
        case .endGrid: grid = nil
        case .open(let argument): try open(argument)
        case .openTyped(let text): try open(Files.path(from: text))
        case .openMember, .openFound, .suspend, .mouse, .redraw, .copy, .cancelOpening, .cancelPlan, .saveProgress:
            break
        case .quit: throw Self.refusal("leave the playground")
        case .save, .write, .saveScreen: throw Self.refusal("write a file, which --output alone does")
        }
    }

    private static func refusal(_ deed: String) -> ExperimentError {
        ExperimentError(.arguments, place: "--keys", message: "these keys \(deed)")
    }

    private mutating func open(_ argument: String) throws(ExperimentError) {
        let source = try ExperimentSource.open(argument)
        if let refusal = app.opened(source) { throw refusal }
        try carryOut()
        if let weights = source.weights { trainer.perform(.loadCheckpoint(path: weights)) }
        trainer.train(epochs: epochs)
    }
}
