import Engine
import Session
import TerminalKit

/// The keys of a walk, and what starts one.
enum WalkCommands {
    static let start = Command(
        "walk.start", "walk through one sample's numbers: products and sums, patch times kernel, votes, shares",
        hint: "steps", keys: ["X"],
        disabled: { app in
            guard let context = app.plotContext else { return "there is no network yet" }
            guard context.hasSample(for: mode(context)) else { return "this data has no samples to walk through" }
            return Walk.stops(context.snapshot.outline, mode(context)).isEmpty
                ? "no layer tells how its values come about" : nil
        }
    ) { app in
        guard let context = app.plotContext else { return }
        begin(&app, mode(context), sample: context.nearestRow ?? context.adversarialSample?.row ?? 0)
    }

    /// One update in slow motion.
    static let motion = Command(
        "walk.motion", "slow motion: one batch forward and back, and the new weights, with all numbers",
        hint: "slow motion", keys: ["I"], control: "step",
        disabled: { app in
            guard let snapshot = app.snapshot, let context = app.plotContext else { return "there is no network yet" }
            if let reason = snapshot.experiment.reasonAgainstTracing(parameters: snapshot.outline.flatCount) {
                return reason
            }
            return Walk.stops(context.snapshot.outline, .motion, turn: context.turns.first).isEmpty
                ? "no layer tells how its values come about" : nil
        }
    ) { app in begin(&app, .motion, sample: 0) }

    /// The mode in which a walk begins: images and sequences are walked through layer by layer.
    static func mode(_ context: PlotContext) -> WalkMode { context.sampleChoice == nil ? .way : .numbers }

    /// While a walk lasts; in front of all other keys.
    static let all: [Command] = [
        command("walk.left", "walk: the step before", hint: "step", keys: ["left", "h"]) { move(&$0, by: -1) }.lasting,
        command("walk.right", "walk: the next step", hint: "step", keys: ["right", "l"]) { move(&$0, by: 1) },
        command("walk.run", "walk: play its steps, or stand still", hint: "play", keys: ["space"]) { play(&$0) }.lasting
            .saying { $0.plots.walk?.due != nil ? "stand" : nil },
        command("walk.up", "walk: one line of the map up, or the weight before", hint: "row", keys: ["up", "k"]) {
            line(&$0, -1)
        }.saying { $0.walkScene?.walk.stepsAreUnits == true ? "weight" : nil },
        command("walk.down", "walk: one line of the map down, or the next weight", hint: "row", keys: ["down", "j"]) {
            line(&$0, 1)
        }.saying { $0.walkScene?.walk.stepsAreUnits == true ? "weight" : nil },
        command("walk.first", "walk: the first step", keys: ["home", "g"]) { move(&$0, by: .min / 2) },
        command("walk.last", "walk: the last step", keys: ["end", "G"]) { move(&$0, by: .max / 2) },
        command(
            "walk.unitBefore", "walk: the map or unit before", hint: "unit", keys: ["["], disabled: needsUnits
        ) { app in change(&app) { $0.unit -= 1 } }.saying {
            $0.walkScene.map { $0.isOfClasses ? "class" : $0.walk.unitWord }
        },
        command(
            "walk.unitNext", "walk: the next map or unit", hint: "unit", keys: ["]"], disabled: needsUnits
        ) { app in change(&app) { $0.unit += 1 } }.saying {
            $0.walkScene.map { $0.isOfClasses ? "class" : $0.walk.unitWord }
        },
        command(
            "walk.part", "walk: the next channel that the kernel weighs", hint: "channel", keys: ["c"],
            disabled: { needsParts($0, ofUnits: false) }
        ) { app in change(&app, wraps: true) { $0.part += 1 } },
        command(
            "walk.partBefore", "walk: the channel before", keys: ["C"], disabled: { needsParts($0, ofUnits: false) }
        ) { app in change(&app, wraps: true) { $0.part -= 1 } },
        command(
            "walk.weight", "walk: the next weight of the unit", hint: "weight", keys: ["w"],
            disabled: { needsParts($0, ofUnits: true) }
        ) { app in change(&app, wraps: true) { $0.part += 1 } },
        command(
            "walk.weightBefore", "walk: the weight before", keys: ["W"], disabled: { needsParts($0, ofUnits: true) }
        ) { app in change(&app, wraps: true) { $0.part -= 1 } },
        command("walk.layerNext", "walk: on to the next layer", hint: "layer", keys: ["tab"]) { go(&$0, 1) },
        command("walk.layerBefore", "walk: back to the layer before", keys: ["shift-tab"]) { go(&$0, -1) },
        command(
            "walk.sampleNext", "walk: the next sample of the batch, or of the training set", hint: "sample",
            keys: ["n"],
            disabled: needsSamples
        ) { chooseSample(&$0, 1) },
        command("walk.sampleBefore", "walk: the sample before", keys: ["N"], disabled: needsSamples) {
            chooseSample(&$0, -1)
        },
        command(
            "walk.take", "slow motion: do this update, and go on with the next batch", hint: "update", keys: ["enter"],
            disabled: {
                $0.plots.walk?.mode == .motion
                    ? nil : "it ends slow motion's update; \($0.label(motion.id)) starts slow motion"
            }
        ) { takeStep(&$0) },
        command(
            "walk.graph", "walk: this neuron as a computational graph, values forward and derivatives back",
            hint: "graph", keys: ["f"],
            disabled: { app in
                guard let scene = app.walkScene, scene.state.mode.isWhole, scene.walk.stepsAreUnits else {
                    return "this step is no neuron that weighs all values before it"
                }
                return nil
            }
        ) { $0.showGraph(ofNetwork: false) },
        command(
            "walk.networkGraph", "walk: the whole small network with its loss as a computational graph", keys: ["F"],
            disabled: {
                $0.plots.walk?.mode.isWhole == true
                    ? nil : "\($0.label(motion.id)) starts slow motion, which has a sample and its loss"
            }
        ) { $0.showGraph(ofNetwork: true) },
        command("walk.faster", "walk: play faster", hint: "speed", keys: [">"]) { app in
            change(&app) { $0.doublings = min(8, $0.doublings + 1) }
        },
        command("walk.slower", "walk: play slower", hint: "speed", keys: ["<"]) { app in
            change(&app) { $0.doublings = max(-4, $0.doublings - 1) }
        },
        command("walk.leave", "leave the walk; training goes on as before", hint: "leave", keys: ["esc", "X"]) {
            $0.leaveWalk()
        }.lasting,
    ]

    private static func command(
        _ id: String, _ help: String, hint: String? = nil, keys: [String],
        disabled: @escaping @Sendable (App) -> String? = { _ in nil }, run: @escaping @Sendable (inout App) -> Void
    ) -> Command {
        Command(
            id, help, hint: hint, keys: keys, panels: [.stack],
            disabled: { $0.plots.walk == nil ? "\($0.label(start.id)) starts a walk" : disabled($0) }, run: run
        ).during(.walk)
    }

    /// - Parameter ofUnits: the parts are weights of a unit, not channels.
    private static func needsParts(_ app: App, ofUnits: Bool) -> String? {
        guard let scene = app.walkScene, scene.walk.stepsAreUnits == ofUnits else {
            return ofUnits ? "these steps are no units with weights" : "these steps have no channels"
        }
        return scene.walk.parts(scene) > 1 ? nil : "there is only one"
    }

    private static func needsUnits(_ app: App) -> String? {
        (app.walkScene.map { $0.walk.units($0) } ?? 1) > 1 ? nil : "there is only one"
    }

    private static func needsSamples(_ app: App) -> String? {
        app.plots.walk?.mode.isWhole == true ? nil : "the keys of images and sequences choose the sample"
    }

    /// Starts at the stack's cursor, or at the selected layer, or at the first one after it that has a walk; slow motion and a
    /// sample's way at the first layer.
    private static func begin(_ app: inout App, _ mode: WalkMode, sample: Int) {
        guard let outline = app.snapshot?.outline else { return }
        let stops = Walk.stops(outline, mode, turn: app.plotContext?.turn(of: mode))
        let cursor = app.focus == .stack ? app.plots.cursor.flatMap { NetworkPanel.fitted($0, outline) } : nil
        let layer = cursor?.layer ?? (mode.isWhole ? .input : app.selectedLayer)
        let order = [LayerPath.input] + outline.allPaths
        let place = order.firstIndex(of: layer) ?? 0
        guard
            let stop = stops.first(where: { order.firstIndex(of: $0.layer)! >= place }) ?? stops.last
        else { return }
        var state = WalkState(id: stop.walk.id, layer: stop.layer, unit: stop.layer == layer ? cursor?.unit ?? 0 : 0)
        (state.mode, state.sample) = (mode, sample)
        app.beginWalk(state)
        if mode == .motion { app.send(.traceStep(sample: sample, turn: 0)) }
    }

    private static func chooseSample(_ app: inout App, _ direction: Int) {
        guard let scene = app.walkScene else { return }
        let count = scene.sampleCount
        guard count > 0 else { return }
        let sample = (scene.state.sample + direction + count) % count
        app.plots.walk?.sample = sample
        if scene.state.mode == .way { app.plots.adversarialSample.row = sample }
        if scene.state.mode == .motion { app.send(.traceStep(sample: sample, turn: scene.state.turn)) }
    }

    /// The update is done, and the next one begins.
    private static func takeStep(_ app: inout App) {
        guard var state = app.plots.walk, let context = app.plotContext,
            let first = Walk.stops(context.snapshot.outline, .motion, turn: context.turns.first).first
        else { return }
        state.turn = 0
        app.send(.stepBatch)
        app.send(.traceStep(sample: state.sample, turn: 0))
        app.beginWalk(state.moved(to: first.walk.id, first.layer))
    }

    /// - Parameter wraps: the part goes round.
    private static func change(_ app: inout App, wraps: Bool = false, _ change: (inout WalkState) -> Void) {
        guard let context = app.plotContext, let scene = app.walkScene else { return }
        var state = scene.state
        change(&state)
        if wraps {
            let parts = scene.walk.parts(scene)
            state.part = (state.part + parts) % parts
        }
        app.plots.walk = WalkScene(context, state)?.state ?? state
    }

    private static func move(_ app: inout App, by steps: Int) {
        if let scene = app.walkScene, scene.state.mode.isWhole, abs(steps) == 1,
            !(0..<scene.walk.steps(scene)).contains(scene.state.step + steps)
        {
            app.plots.walk?.due = nil
            return go(&app, steps, toEnd: steps < 0)
        }
        change(&app) {
            $0.step += steps
            $0.due = nil
        }
    }

    private static func line(_ app: inout App, _ direction: Int) {
        guard let scene = app.walkScene else { return }
        // A unit's table has its weights below each other.
        if scene.walk.stepsAreUnits { return change(&app, wraps: true) { $0.part += direction } }
        let step = scene.state.step + direction * scene.walk.line(scene)
        guard (0..<scene.walk.steps(scene)).contains(step) else { return }
        move(&app, by: step - scene.state.step)
    }

    /// From the first step on where it stands at the last one or has not played yet.
    private static func play(_ app: inout App) {
        guard let scene = app.walkScene else { return }
        let now = app.now
        change(&app) { state in
            if state.due != nil { return state.due = nil }
            if !state.mode.isWhole, !state.fills || state.step + 1 >= scene.walk.steps(scene) { state.step = 0 }
            state.fills = true
            state.due = now + scene.secondsPerStep
        }
    }

    /// - Parameter toEnd: to the last step of the other layer's walk, not to its first.
    private static func go(_ app: inout App, _ direction: Int, toEnd: Bool = false) {
        guard app.goOn(direction, toEnd: toEnd) || app.plots.walk?.mode != .motion || direction < 0 else {
            app.notice = Notice(
                "the new weights are known: \(app.label("walk.take")) takes them and goes on with the next batch")
            return
        }
    }
}

extension WalkScene {
    /// All steps take twelve seconds, those through time a minute, few ones a third of a second each, or one second where each is
    /// a unit with all its numbers; twice as fast with each doubling.
    var secondsPerStep: Double {
        var seconds = min(
            state.mode.isWhole ? 1 : 1.0 / 3, (walk.moment == nil ? 12 : 60) / Double(walk.steps(self)))
        for _ in 0..<max(0, state.doublings) { seconds /= 2 }
        for _ in 0..<max(0, -state.doublings) { seconds *= 2 }
        return seconds
    }
}

extension WalkScene {
    /// The samples among which one is walked through.
    var sampleCount: Int {
        if state.mode == .motion { return step?.sampleCount ?? 0 }
        let data = context.snapshot.data
        return context.adversarialSample?.isReal == true ? data.learned.train.count : data.train.count
    }
}

extension App {
    var walkScene: WalkScene? { plotContext.flatMap { WalkScene($0) } }

    /// Starts a walk, or goes on with it at another layer; training stands still until it is left.
    mutating func beginWalk(_ state: WalkState) {
        guard let context = plotContext, var scene = WalkScene(context, state) else { return }
        let unit = state.unit
        var state = scene.state
        state.step = scene.walk.stepsAreUnits ? unit : scene.walk.start(scene)
        state.resumes = plots.walk?.resumes ?? playing.experiment
        state.doublings = plots.walk?.doublings ?? 0
        if plots.walk == nil {
            if playing.experiment { setPlaying(false) }
            enlarged = nil
            plots.journey = nil
            plots.cursor = nil
            focus = .stack
            editing.typing = nil
            editing.side = .stack
        }
        scene = WalkScene(context, state) ?? scene
        plots.walk = scene.state
        select(layer: state.layer)
    }

    /// Goes on with the walk of the next layer, or back to the one before.
    /// - Parameter toEnd: to its last step, not to its first.
    /// - Returns: false: there is none.
    mutating func goOn(_ direction: Int, toEnd: Bool = false) -> Bool {
        guard let outline = snapshot?.outline, var state = plots.walk, let scene = walkScene else { return false }
        let stops = Walk.stops(outline, state.mode, turn: scene.turn)
        guard let place = stops.firstIndex(where: { $0.layer == state.layer && $0.walk.id == state.id }) else {
            return false
        }
        var next = stops.indices.contains(place + direction) ? stops[place + direction] : nil
        if next == nil, scene.turns.indices.contains(state.turn + direction) {
            // On to the next update of the round, which has numbers of its own.
            state.turn += direction
            let others = Walk.stops(outline, state.mode, turn: scene.turns[state.turn])
            next = direction > 0 ? others.first : others.last
            send(.traceStep(sample: state.sample, turn: state.turn))
        }
        guard let next else { return false }
        beginWalk(state.moved(to: next.walk.id, next.layer))
        if toEnd, let scene = walkScene { plots.walk?.step = scene.walk.steps(scene) - 1 }
        return true
    }

    /// Moves a walk to a map's pixel or to a unit of a layer that has one.
    mutating func moveWalk(to layer: LayerPath, unit: Int, pixel: Int?) {
        guard let outline = snapshot?.outline, let state = plots.walk else { return }
        let suiting = Walk.all.filter { $0.modes.contains(state.mode) && $0.suits(outline, layer) }
        guard
            let walk = suiting.first(where: { $0.id == state.id && layer == state.layer }) ?? suiting.first(where: {
                $0.phase == Walk[state.id]?.phase
            })
                ?? suiting.first
        else { return }
        beginWalk(state.moved(to: walk.id, layer, unit: unit))
        if let pixel, walk.fillsMap { plots.walk?.step = pixel }
    }

    /// The time cursor goes with a walk through time.
    mutating func followWalk() {
        guard plots.walk != nil, let scene = walkScene, let moment = scene.walk.moment else { return }
        plots.timeStep = moment(scene)
    }

    /// Moves a walk through time to a step.
    /// - Returns: false: there is no such walk.
    mutating func moveWalk(toMoment step: Int) -> Bool {
        guard let context = plotContext, let scene = walkScene, let moment = scene.walk.moment else { return false }
        let line = scene.walk.line(scene)
        for place in stride(from: 0, to: scene.walk.steps(scene), by: line) {
            var state = scene.state
            state.step = place
            guard let other = WalkScene(context, state), moment(other) == step else { continue }
            state.due = nil
            plots.walk = state
        }
        return true
    }

    mutating func leaveWalk() {
        guard let walk = plots.walk else { return }
        plots.walk = nil
        if walk.resumes { setPlaying(true) }
    }

    /// Takes the steps that are due.
    /// - Returns: whether there were any.
    mutating func advanceWalk(at time: Double) -> Bool {
        guard var state = plots.walk, let due = state.due, time >= due, let scene = walkScene else { return false }
        let seconds = scene.secondsPerStep
        let steps = 1 + Int(min(64, (time - due) / seconds))
        state.step = min(scene.state.step + steps, scene.walk.steps(scene) - 1)
        let next = max(due + Double(steps) * seconds, time)
        let isAtEnd = scene.state.step + 1 >= scene.walk.steps(scene)
        state.due = state.step + 1 < scene.walk.steps(scene) || state.mode.isWhole && !isAtEnd ? next : nil
        plots.walk = state
        // A sample's way and slow motion go on with the next layer.
        if state.mode.isWhole, isAtEnd, goOn(1) {
            plots.walk?.fills = true
            plots.walk?.due = next
        }
        refresh()
        return true
    }

    /// Milliseconds to the walk's next step; nil: it does not play.
    func millisecondsToStep(at time: Double) -> Int? {
        plots.walk?.due.map { Int(min(1000, max(0, (($0 - time) * 1000).rounded(.up)))) }
    }
}

extension PlotContext {
    /// The unit that the network's picture keeps in sight.
    var tileCursor: NetworkCursor? {
        guard let scene = WalkScene(self) else { return plots.cursor }
        var cursor = NetworkCursor(layer: scene.state.layer, unit: scene.unit)
        cursor.before = scene.walk.lights(scene).first { $0.layer == scene.source }?.unit
        return cursor
    }

    /// The training row whose place is nearest to the output plot's cursor; nil: there is no cursor.
    var nearestRow: Int? {
        guard let place = plots.place, !columns.isEmpty else { return nil }
        if snapshot.network.generated != nil { return nearestSample(to: place) }
        let (table, width) = (snapshot.data.trainPoints, snapshot.data.columns.count)
        func distance(_ row: Int) -> Float {
            let x = xRange.fraction(of: table.rows[row * width + columns[0]]) - Float(place.x)
            guard columns.count > 1 else { return abs(x) }
            let y = yRange.fraction(of: table.rows[row * width + columns[1]]) - Float(place.y)
            return (x * x + y * y).squareRoot()
        }
        return (0..<min(table.count, snapshot.data.train.count)).min { distance($0) < distance($1) }
    }

    /// The generated point, or the real one where such are looked at, nearest to a place in the plane of the data.
    private func nearestSample(to place: PlotPlace) -> Int? {
        let learned = ofLearnedData
        guard learned.snapshot.data.featureRanges.count == 2 else { return nil }
        let rows = learned.snapshot.data.trainPoints.rows
        let points =
            plots.adversarialSample.isReal
            ? (0..<rows.count / 2).map { SIMD2(rows[2 * $0], rows[2 * $0 + 1]) } : shown?.adversarial?.points ?? []
        func distance(_ point: SIMD2<Float>) -> Float {
            let x = learned.xRange.fraction(of: point.x) - Float(place.x)
            let y = learned.yRange.fraction(of: point.y) - Float(place.y)
            return x * x + y * y
        }
        return points.indices.min { distance(points[$0]) < distance(points[$1]) }
    }

    /// The training row that is walked through; nil: none, or it is not known yet.
    var walkedRow: Int? {
        guard let state = plots.walk, state.mode.isWhole else { return nil }
        return state.mode == .way ? state.sample : snapshot.stepTrace?.row
    }

    /// The places that the walk lights.
    var walkLights: [WalkLight] {
        WalkScene(self).map { $0.walk.lights($0) } ?? []
    }
}
