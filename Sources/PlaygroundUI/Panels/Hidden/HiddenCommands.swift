import Engine
import Session
import TerminalKit

/// The keys over the hidden layers' plots: another layer, other units, and the way from the plane to the layer.
enum HiddenCommands {
    /// The views of one layer's values.
    private static let ofLayers: Set<ViewID> = [.hiddenPlane, .hiddenClasses, .hiddenStates]
    /// And those that show one layer at a time.
    private static let ofOneLayer = ofLayers.union([.health, .activities, .weights])
    static let all: [Command] = [
        Command(
            "hidden.previousLayer", "the layer before", hint: "layer", keys: ["["], panels: [.hidden],
            views: ofOneLayer,
            control: "view.layer"
        ) {
            walkLayers(&$0, -1)
        },
        Command(
            "hidden.nextLayer", "the next layer", hint: "layer", keys: ["]"], panels: [.hidden],
            views: ofOneLayer,
            control: "view.layer"
        ) {
            walkLayers(&$0, 1)
        },
        Command(
            "hidden.stage", "before or after the layer's activation", hint: "before/after", keys: ["b"],
            panels: [.hidden], views: ofLayers, control: "view.stage",
            disabled: hasNoActivation
        ) { app in
            app.changeView { $0.stage = $0.stage == .activation ? .preActivation : .activation }
        },
        Command(
            "hidden.unit", "another unit on the x axis", hint: "units", keys: ["u"], panels: [.hidden],
            views: ofLayers,
            control: "view.units", disabled: needsUnits
        ) { walkUnits(&$0, axis: 0) },
        Command(
            "hidden.unitY", "another unit on the y axis", hint: "units", keys: ["U"], panels: [.hidden],
            views: ofLayers,
            control: "view.units", disabled: needsUnits
        ) { walkUnits(&$0, axis: 1) },
        Command(
            "hidden.pca", "the first two principal components, or two units", hint: "PCA", keys: ["P"],
            panels: [.hidden], views: ofLayers, control: "view.pca", disabled: needsUnits
        ) { app in
            let shown = target(app).map { $0.pca && !$0.tsne } ?? false
            app.changeView {
                $0.pca = !shown
                $0.tsne = false
            }
        },
        Command(
            "hidden.freeze", "freeze the scale (and PCA's basis), or let it follow", hint: "freeze", keys: ["f"],
            panels: [.hidden], views: [.hiddenPlane]
        ) { $0.plots.scaleFrozen.toggle() },
        Command(
            "hidden.journey", "bend the plane through all layers and back", hint: "all layers", keys: ["a"],
            panels: [.hidden], views: [.hiddenPlane]
        ) { $0.toggleJourney() },
        Command(
            "hidden.morphBack", "bend back towards the input plane", hint: "morph", keys: ["left", "h"],
            panels: [.hidden], views: [.hiddenPlane]
        ) { morph(&$0, to: $0.plots.morph - 0.05) },
        Command(
            "hidden.morph", "bend towards the layer", hint: "morph", keys: ["right", "l"], panels: [.hidden],
            views: [.hiddenPlane]
        ) { morph(&$0, to: $0.plots.morph + 0.05) },
        Command("hidden.plane", "the input plane as it is", keys: ["home"], panels: [.hidden], views: [.hiddenPlane]) {
            morph(&$0, to: 0)
        },
        Command("hidden.bent", "the layer's view", keys: ["end"], panels: [.hidden], views: [.hiddenPlane]) {
            morph(&$0, to: 1)
        },
    ]

    private static func morph(_ app: inout App, to share: Double) {
        app.plots.journey = nil
        app.plots.morph = min(max(0, (share * 20).rounded() / 20), 1)
    }

    private static func target(_ app: App) -> HiddenTarget? {
        app.snapshot.map { HiddenTarget(view: app.experiment.view, outline: $0.outline) }
    }

    @Sendable private static func hasNoActivation(_ app: App) -> String? {
        guard let target = target(app), let outline = app.snapshot?.outline else { return nil }
        guard let layer = outline[target.layer] else { return "the input has no activation" }
        return layer.activation == nil ? "\(layer.title) has no activation" : nil
    }

    @Sendable private static func needsUnits(_ app: App) -> String? {
        guard let outline = app.snapshot?.outline, let target = target(app) else { return "there is no network yet" }
        return outline.unitCount(layer: target.layer) > 2 ? nil : "the view shows every unit that the layer has"
    }

    /// From the input to the output and round again, past layers without units of their own.
    private static func walkLayers(_ app: inout App, _ direction: Int) {
        guard let outline = app.snapshot?.outline, let target = target(app) else { return }
        let layers = outline.pathsWithUnits
        let place = layers.firstIndex(of: target.layer) ?? 0
        let next = layers[(place + direction + layers.count) % layers.count]
        app.plots.journey = nil
        app.changeView {
            $0.layer = next
            $0.units = []
        }
    }

    private static func walkUnits(_ app: inout App, axis: Int) {
        guard let outline = app.snapshot?.outline, let target = target(app) else { return }
        let count = outline.unitCount(layer: target.layer)
        var units = target.units.count == 2 ? target.units : [0, 1]
        repeat { units[axis] = (units[axis] + 1) % count } while units[0] == units[1]
        app.changeView { [units] in
            $0.units = units
            $0.pca = false
            $0.tsne = false
        }
    }
}
