import Session
import TerminalKit

extension ViewID {
    static let losses = ViewID("losses")
}

extension View {
    /// The losses over the epochs.
    static let losses = View(
        id: .losses, panel: .loss,
        words:
            "How wrong the network is, on the data it learns from and on data it has never seen. Only the second one tells whether it has understood.",
        watch: "The gap between the two curves, and the place from which the test loss rises.",
        suits: { _ in true },
        heading: { context, _ in
            "Loss" + (context.lossScale == 1 ? "" : " · bits per \(context.hasCharacters ? "character" : "symbol")")
                + (context.view.logLoss ? " · log" : "") + (context.plots.smoothing > 0 ? " · smoothed" : "")
                + (context.snapshot.past.map { _ in " · as it was" } ?? "")
        },
        draw: LossPanel.drawLosses, inWords: SeriesWords.losses,
        point: { context, x, y, rect in
            var pointed = Pointed()
            pointed.moment = LossPanel.moment(x: x, y: y, rect: rect, context: context)
            return pointed
        },
        putCursor: { app, pointed in
            guard let moment = pointed.moment else { return app.leavePast() }
            app.goBack(toShare: moment)
        })
}
