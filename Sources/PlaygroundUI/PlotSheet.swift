import Session
import TerminalKit

/// The plots of one snapshot on one sheet, for output that is no screen: `train --plot` prints it.
public enum PlotSheet {
    /// The output on the left; the hidden-feature view and the loss on the right where there is room, else below.
    /// - Parameter width: in cells; the height follows.
    public static func draw(
        _ snapshot: Snapshot, width: Int = 100, theme: Theme = .dark, capabilities: Capabilities
    ) -> Canvas {
        let beside = width >= 72
        let left = beside ? min(56, width * 55 / 100) : width
        let height = max(10, left / 2)
        let side = Rect(
            x: beside ? left + 1 : 0, y: beside ? 0 : height, width: beside ? width - left - 1 : width,
            height: beside ? height : 20)
        let output = Rect(x: 0, y: 0, width: left, height: height)
        let hidden = Rect(x: side.x, y: side.y, width: side.width, height: side.height * 55 / 100)
        let loss = Rect(x: side.x, y: hidden.maxY, width: side.width, height: side.maxY - hidden.maxY)

        var context = PlotContext(
            snapshot: snapshot, picture: nil, view: snapshot.experiment.view, plots: PlotState(), theme: theme,
            capabilities: capabilities, focused: false)
        context.showsKeys = false
        var request = ViewRequest()
        request.columns = context.view.columns
        let plots = zip(Panel.plots.map(\.id), [output, hidden, loss])
        for (panel, rect) in plots { context.view(in: panel)?.request(context, rect, &request) }
        context.picture = PictureMaker().makePicture(snapshot, request)
        var canvas = Canvas(width: width, height: max(output.maxY, loss.maxY))
        for (panel, rect) in plots { View.draw(in: panel, into: &canvas, rect: rect, context: context) }
        return canvas
    }
}
