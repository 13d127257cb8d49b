import Engine
import Session
import TerminalKit

extension ViewID {
    static let pictureLosses = ViewID("pictureLosses")
}

extension View {
    /// The quantities that a picture is changed to make small or large.
    static let pictureLosses = View(
        id: .pictureLosses, panel: .loss,
        words:
            "The course of the picture: how far its style and its content are from those that are wanted, as shares of these, or how strongly it excites what is to be raised.",
        watch:
            "The first steps do most; a content loss that rises while the style loss falls is the price of the style.",
        suits: { $0.hasPicture }, heading: { context, _ in "Loss" + (context.view.logLoss ? " · log" : "") },
        draw: { canvas, rect, context in
            let metrics = context.snapshot.history.metrics.filter { $0.plot == .loss }
            let theme = context.theme
            SeriesPlot(
                zip(metrics, [theme.positive, theme.negative]).map { SeriesPlot.Series(metric: $0, color: .rgb($1)) },
                context
            ).draw(into: &canvas, panelContent(of: rect))
        },
        inWords: { SeriesWords.lines($0, [.loss]) },
        point: { context, x, y, rect in
            var pointed = Pointed()
            pointed.moment = SeriesPlot.moment(x: x, y: y, panelContent(of: rect))
            return pointed
        },
        putCursor: { $0.plots.moment = $1.moment })
}
