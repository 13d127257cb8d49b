import Basics
import Engine
import Session
import TerminalKit

/// The two sides of an adversarial training, and the sample that is looked at.
enum AdversarialSides {
    /// Real points that are drawn.
    static let realPoints = 400
    static let arrows = 90
    /// Rounds before a generator is said to have collapsed.
    static let firstRounds = 1000
    /// A generator that covers less of the data has collapsed.
    static let collapsed = 0.5
    /// So little of the data's variance is left where all samples are nearly alike.
    static let same = 0.1

    /// The knob of the procedure that says which side learns: its words in their order; nil: it has none.
    private static func choice(_ app: App) -> (path: String, words: [String], now: String)? {
        let procedure = app.experiment.training.procedure
        guard let entry = Catalogue.entry(.procedure, procedure.id), let knob = entry.knob("train"),
            case .word(let words) = knob.kind, case .text(let now) = procedure.value(of: knob)
        else { return nil }
        return ("training.procedure.\(entry.id).\(knob.name)", words, now)
    }

    static let commands: [Command] = [
        Command(
            "training.side", "adversarial: both sides learn, the generator alone, the discriminator alone",
            hint: "hold a side", keys: ["H"],
            disabled: { choice($0) == nil ? "one network learns" : nil }
        ) { app in
            guard let (path, words, now) = choice(app), let place = words.firstIndex(of: now) else { return }
            let next = words[(place + 1) % words.count]
            guard app.act(.set(path: path, .string(next))) == nil else { return }
            let news = next == words[0] ? "both sides learn" : "the \(next) alone learns, the other side is held"
            app.notice = Notice(news)
        },
        Command(
            "sample.previous", "of noise and its images: the sample before, whose way the stack shows", hint: "sample",
            keys: ["("], disabled: needsSamples
        ) { move(&$0, -1) }.during(.walk).for(.generated),
        Command(
            "sample.next", "of noise and its images: the next sample", hint: "sample", keys: [")"],
            disabled: needsSamples
        ) { move(&$0, 1) }.during(.walk).for(.generated),
        Command(
            "sample.real", "a real sample in place of a generated one: the discriminator's answer to it; again: back",
            hint: "real", keys: ["'"], disabled: needsSamples
        ) { exchange(&$0) }.during(.walk).for(.generated).saying {
            $0.plots.adversarialSample.isReal ? "generated" : nil
        },
    ]

    /// The samples of points fill the plane: one alone is walked through.
    @Sendable private static func needsSamples(_ app: App) -> String? {
        guard let context = app.plotContext, context.scene.generates else { return "the network makes no samples" }
        if context.plots.walk?.mode == .motion {
            return "\(app.label("walk.sampleNext")) chooses a sample of the batch"
        }
        return context.scene.generatesImages || context.plots.walk != nil
            ? nil : "all samples are in the plane; \(app.label(WalkCommands.start.id)) walks one through both networks"
    }

    private static func move(_ app: inout App, _ direction: Int) {
        guard let sample = app.plotContext?.adversarialSample, let data = app.snapshot?.data else { return }
        let count = sample.isReal ? data.learned.train.count : data.train.count
        let row = (sample.row + direction + count) % count
        app.plots.adversarialSample.row = row
        app.plots.walk?.sample = row
    }

    /// A walk goes on where a real sample comes in, if it stands before.
    private static func exchange(_ app: inout App) {
        app.plots.adversarialSample.isReal.toggle()
        guard let walk = app.plots.walk, let context = app.plotContext, let sample = context.adversarialSample else {
            return
        }
        app.plots.walk?.sample = sample.row
        let outline = context.snapshot.outline
        guard let layers = context.turn(of: walk.mode)?.layers, !layers.contains(walk.layer.index),
            let first = Walk.stops(outline, walk.mode, turn: context.turn(of: walk.mode)).first
        else { return }
        app.beginWalk(app.plots.walk!.moved(to: first.walk.id, first.layer))
    }
}

extension PlotContext {
    /// The sample of a generator and a discriminator that is looked at; nil: the network makes no samples.
    var adversarialSample: AdversarialSample? {
        guard snapshot.network.generated != nil else { return nil }
        var sample = plots.adversarialSample
        let count = sample.isReal ? snapshot.data.learned.train.count : snapshot.data.train.count
        guard count > 0 else { return nil }
        if let walk = plots.walk, walk.mode == .way { sample.row = walk.sample }
        sample.row = min(max(0, sample.row), count - 1)
        return sample
    }

    /// The name of a real sample's class; nil: it has none.
    func realClass(_ row: Int) -> String? {
        let data = snapshot.data.learned
        guard data.task.classes != nil, data.train.labels.indices.contains(row) else { return nil }
        let label = Int(bounded: data.train.labels[row])
        return data.classNames.indices.contains(label) ? data.classNames[label] : nil
    }
}

extension AdversarialSample {
    var title: String { isReal ? "Real" : "Generated" }
}
