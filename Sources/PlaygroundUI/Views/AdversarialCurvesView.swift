import Basics
import Engine
import Session
import TerminalKit

extension ViewID {
    static let adversarialLosses = ViewID("adversarialLosses")
    static let divergence = ViewID("divergence")
}

extension View {
    /// The losses of both sides.
    static let adversarialLosses = View.losses(
        id: .adversarialLosses,
        words:
            "The losses of both sides. Neither falls for good: each is measured against an opponent that learns too. Where both stand still the two are even; where the discriminator's falls to 0 the generator has nothing to learn from.",
        watch:
            "Waves are usual. A discriminator at 0 for many epochs, or a generator that rises without end, is one side that has won.",
        suits: { $0.generates })

    /// How far the generated samples are from the real ones.
    static let divergence = View(
        id: .divergence, panel: .hidden,
        words:
            "How far generated samples are from real ones, whatever the two sides' losses say: counted on a grid over the plane, in bits. 0 would be the same distribution; Jensen–Shannon is 1 where they share no cell.",
        watch: "Whether it falls on the whole; it swings while both sides answer each other.",
        suits: { $0.generates },
        heading: { context, _ in
            context.snapshot.divergences.contains { $0.plot == .score } ? "Divergence · bits" : "Variety"
        },
        draw: { canvas, rect, context in
            let theme = context.theme
            let inks: [Color] = [theme.text, .rgb(theme.runners[2])]
            SeriesPlot(
                zip(context.snapshot.divergences, inks).map { SeriesPlot.Series(metric: $0, color: $1) }, context,
                isShare: context.snapshot.divergences.contains { $0.plot == .score }
            ).draw(into: &canvas, panelContent(of: rect))
        },
        inWords: { context in
            let history = context.snapshot.history
            return context.snapshot.divergences.compactMap {
                SeriesWords.text(
                    $0.title, history[$0.id], history.points.map(\.epoch), isLowerBetter: $0.isLowerBetter)
            }
        },
        commands: [
            Command(
                "hidden.divergence", "adversarial: the hidden layers in place of the divergence; again: the divergence",
                hint: "hidden layers", keys: ["G"], panels: [.hidden],
                disabled: { app in
                    guard let scene = app.plotContext?.scene, scene.generates else {
                        return "the network generates nothing"
                    }
                    return View.ofHiddenLayers(scene) == nil ? "of images the panel shows the variety alone" : nil
                }
            ) { $0.toggleDivergence() }
        ])
}

extension View {
    /// The view of the divergence's panel that shows hidden layers; nil: none suits.
    fileprivate static func ofHiddenLayers(_ scene: Scene) -> View? {
        views(of: divergence.panel).first { $0.id != divergence.id && $0.suits(scene) }
    }
}

extension App {
    fileprivate mutating func toggleDivergence() {
        guard let scene = plotContext?.scene else { return }
        let panel = View.divergence.panel
        let other = View.ofHiddenLayers(scene)
        plots.views[panel] = view(in: panel)?.id == View.divergence.id ? other?.id : View.divergence.id
    }
}

extension Snapshot {
    /// The metrics that compare generated samples with real ones: the score, and others in bits; of images their variety.
    fileprivate var divergences: [Metric] {
        let known = history.metrics.filter { metric in history[metric.id].contains { $0.isFinite } }
        let compared = known.filter { $0.plot == .score }
        return compared.isEmpty
            ? known.filter { $0.plot == .none && $0.format == .number }
            : compared + known.filter { $0.plot == .none && $0.format == .number && $0.isLowerBetter }
    }
}
