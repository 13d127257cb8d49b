import Basics
import Datasets
import Engine
import Session
import TerminalKit

/// The inputs and targets at the steps of sequences, which have no features to choose.
struct StepsOfSequences: ScreenPart {
    let app: App
    let data: PreparedData
    let kind: SequenceKind
    /// The network is to give back the steps, whatever the data's targets are.
    let areTargets: Bool

    /// nil: the data are no sequences.
    init?(_ app: App) {
        guard let snapshot = app.snapshot, let kind = snapshot.data.sequence else { return nil }
        (self.app, data, self.kind) = (app, snapshot.data, kind)
        areTargets = snapshot.network.task == .reconstruction
    }

    private var lines: [(name: String, value: String)] {
        let steps = (kind.hasLengths ? "up to " : "") + formatCount(kind.steps)
        let target =
            data.foretellsInputs
            ? "the next step" : data.task == .regression ? "a value" : plural(data.classNames.count, "class")
        return [
            ("steps", steps),
            ("each step", kind.symbols.isEmpty ? plural(kind.features.count, "value") : "one of \(kind.symbols.count)"),
            areTargets
                ? ("gives back", "each step") : ("answers", kind.targetSteps == nil ? "\(target), once" : target),
            ("mapping", (areTargets ? kind.mappingToItself : kind.mapping).replacing("→", with: " → ")),
        ]
    }

    func draw(into frame: inout Frame, _ content: Rect) {
        let lines = lines
        for (row, line) in lines.prefix(content.height).enumerated() {
            let y = content.y + row
            frame.canvas.write(line.name, x: content.x + 1, y: y, style: quiet, limit: 10)
            frame.canvas.writeRight(line.value, maxX: content.maxX - 1, y: y, style: text)
        }
        let rest = content.inset(left: 1, top: lines.count, right: 1)
        guard rest.height > 0, let context = app.plotContext else { return }
        let names = kind.names.map { context.symbolText($0) }
        drawWrapped(
            into: &frame.canvas, rest, text: names.joined(separator: context.hasCharacters ? "" : " "), style: quiet)
    }
}
