import Engine
import Session
import TerminalKit

/// The keys of a walk, and what starts one.
enum WalkCommands {
    static let start = Command(
        "walk.start", "walk through this layer's numbers: patch times kernel, votes, shares", hint: "steps",
        keys: ["X"],
        disabled: { app in
            guard let context = app.plotContext else { return "there is no network yet" }
            if context.sampleChoice == nil { return "the data are neither images nor sequences" }
            return Walk.stops(context.snapshot.outline).isEmpty ? "no layer tells how its values come about" : nil
        }
    ) { begin(&$0) }

    /// While a walk lasts; in front of all other keys.
    static let all: [Command] = [
        command("walk.left", "walk: the step before", hint: "step", keys: ["left", "h"]) { move(&$0, by: -1) },
        command("walk.right", "walk: the next step", hint: "step", keys: ["right", "l"]) { move(&$0, by: 1) },
        command("walk.run", "walk: play its steps, or stand still", hint: "play", keys: ["space"]) { play(&$0) },
        command("walk.up", "walk: one line of the map up", hint: "row", keys: ["up", "k"]) { line(&$0, -1) },
        command("walk.down", "walk: one line of the map down", hint: "row", keys: ["down", "j"]) { line(&$0, 1) },
        command("walk.first", "walk: the first step", keys: ["home", "g"]) { move(&$0, by: .min / 2) },
        command("walk.last", "walk: the last step", keys: ["end", "G"]) { move(&$0, by: .max / 2) },
        command("walk.unitBefore", "walk: the map or unit before", hint: "unit", keys: ["["]) {
            change(&$0) { $0.unit -= 1 }
        },
        command("walk.unitNext", "walk: the next map or unit", hint: "unit", keys: ["]"]) {
            change(&$0) { $0.unit += 1 }
        },
        command(
            "walk.part", "walk: the next channel that the kernel weighs", hint: "channel", keys: ["c"],
            disabled: { ($0.walkScene.map { $0.walk.parts($0) } ?? 1) > 1 ? nil : "there is one channel" }
        ) { app in change(&app, wraps: true) { $0.part += 1 } },
        command(
            "walk.partBefore", "walk: the channel before", keys: ["C"],
            disabled: { ($0.walkScene.map { $0.walk.parts($0) } ?? 1) > 1 ? nil : "there is one channel" }
        ) { app in change(&app, wraps: true) { $0.part -= 1 } },
        command("walk.layerNext", "walk: on to the next layer", hint: "layer", keys: ["tab"]) { go(&$0, 1) },
        command("walk.layerBefore", "walk: back to the layer before", keys: ["shift-tab"]) { go(&$0, -1) },
        command("walk.faster", "walk: play faster", hint: "speed", keys: [">"]) { app in
            change(&app) { $0.doublings = min(8, $0.doublings + 1) }
        },
        command("walk.slower", "walk: play slower", hint: "speed", keys: ["<"]) { app in
            change(&app) { $0.doublings = max(-4, $0.doublings - 1) }
        },
        command("walk.leave", "leave the walk; training goes on as before", hint: "leave", keys: ["esc", "X"]) {
            $0.leaveWalk()
        },
    ]

    private static func command(
        _ id: String, _ help: String, hint: String? = nil, keys: [String],
        disabled: @escaping @Sendable (App) -> String? = { _ in nil }, run: @escaping @Sendable (inout App) -> Void
    ) -> Command {
        Command(
            id, help, hint: hint, keys: keys, panels: [.stack],
            disabled: { $0.plots.walk == nil ? "X starts a walk" : disabled($0) }, run: run
        ).duringWalks
    }

    /// Starts at the stack's cursor, or at the selected layer, or at the first one after it that has a walk.
    private static func begin(_ app: inout App) {
        guard let outline = app.snapshot?.outline else { return }
        let stops = Walk.stops(outline)
        let cursor = app.focus == .stack ? app.plots.cursor.flatMap { NetworkPanel.fitted($0, outline) } : nil
        let layer = cursor?.layer ?? app.selectedLayer
        let order = [LayerPath.input] + outline.allPaths
        let place = order.firstIndex(of: layer) ?? 0
        guard
            let stop = stops.first(where: { order.firstIndex(of: $0.layer)! >= place }) ?? stops.last
        else { return }
        app.beginWalk(
            WalkState(id: stop.walk.id, layer: stop.layer, unit: stop.layer == layer ? cursor?.unit ?? 0 : 0))
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
        change(&app) {
            $0.step += steps
            $0.due = nil
        }
    }

    private static func line(_ app: inout App, _ direction: Int) {
        guard let scene = app.walkScene else { return }
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
            if !state.fills || state.step + 1 >= scene.walk.steps(scene) { state.step = 0 }
            state.fills = true
            state.due = now + scene.secondsPerStep
        }
    }

    private static func go(_ app: inout App, _ direction: Int) {
        guard let outline = app.snapshot?.outline, let state = app.plots.walk else { return }
        let stops = Walk.stops(outline)
        guard let place = stops.firstIndex(where: { $0.layer == state.layer && $0.walk.id == state.id }),
            stops.indices.contains(place + direction)
        else { return }
        let next = stops[place + direction]
        app.beginWalk(WalkState(id: next.walk.id, layer: next.layer))
    }
}

extension Command {
    /// The same command, which does not end a walk.
    var duringWalks: Command {
        var command = self
        command.keepsWalk = true
        return command
    }
}

extension WalkScene {
    /// All steps take twelve seconds, those through time a minute, few ones a third of a second each; twice as fast with each doubling.
    var secondsPerStep: Double {
        var seconds = min(1.0 / 3, (walk.moment == nil ? 12 : 60) / Double(walk.steps(self)))
        for _ in 0..<max(0, state.doublings) { seconds /= 2 }
        for _ in 0..<max(0, -state.doublings) { seconds *= 2 }
        return seconds
    }
}

extension App {
    var walkScene: WalkScene? { plotContext.flatMap { WalkScene($0) } }

    /// Starts a walk, or goes on with it at another layer; training stands still until it is left.
    mutating func beginWalk(_ state: WalkState) {
        guard let context = plotContext, var scene = WalkScene(context, state) else { return }
        var state = scene.state
        state.step = scene.walk.start(scene)
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

    /// Moves a walk to a map's pixel or to a unit of a layer that has one.
    mutating func moveWalk(to layer: LayerPath, unit: Int, pixel: Int?) {
        guard let outline = snapshot?.outline, let state = plots.walk else { return }
        let suiting = Walk.all.filter { $0.suits(outline, layer) }
        guard let walk = suiting.first(where: { $0.id == state.id && layer == state.layer }) ?? suiting.first
        else { return }
        beginWalk(WalkState(id: walk.id, layer: layer, unit: unit))
        if let pixel, walk.fillsMap { plots.walk?.step = pixel }
    }

    /// The time cursor goes with a walk through time.
    mutating func followWalk() {
        guard let scene = walkScene, let moment = scene.walk.moment else { return }
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
        state.due = state.step + 1 < scene.walk.steps(scene) ? max(due + Double(steps) * seconds, time) : nil
        plots.walk = state
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
        var cursor = NetworkCursor(layer: scene.state.layer, unit: scene.state.unit)
        cursor.before = scene.walk.lights(scene).first { $0.layer == scene.source }?.unit
        return cursor
    }

    /// The places that the walk lights.
    var walkLights: [WalkLight] {
        WalkScene(self).map { $0.walk.lights($0) } ?? []
    }
}
