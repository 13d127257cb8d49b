import Session
import TerminalKit

/// Several phases at each step of a sequence, one after the other: a walk's steps go through all of them.
struct WalkPhases: Sendable {
    struct Phase: Sendable {
        var name: String
        var formula: String
        var words: String
    }

    private let phases: [Phase]
    /// From the last step of the sequence to the first.
    private let goesBack: Bool

    init(_ phases: [Phase], goesBack: Bool = false) { (self.phases, self.goesBack) = (phases, goesBack) }

    subscript(phase: Int) -> Phase { phases[phase] }

    var count: Int { phases.count }

    /// The steps of the sequence.
    func length(_ scene: WalkScene) -> Int {
        max(1, scene.context.length(ofSteps: scene.layer.output.axes[0]))
    }

    /// The step of the sequence at which the walk stands.
    func moment(_ scene: WalkScene) -> Int {
        let step = scene.state.step / count
        return goesBack ? length(scene) - 1 - step : step
    }

    /// The number of the phase.
    func phase(_ scene: WalkScene) -> Int { scene.state.step % count }

    func steps(_ scene: WalkScene) -> Int { length(scene) * count }

    /// "step 3 of 8 · scores"
    func place(_ scene: WalkScene) -> String {
        "step \(moment(scene) + 1) of \(length(scene)) · \(phases[phase(scene)].name)"
    }

    func words(_ scene: WalkScene) -> String { phases[phase(scene)].words }

    /// The phases' names in a row, the present one's in colour.
    func drawNames(into canvas: inout Canvas, _ rect: Rect, at phase: Int, _ context: PlotContext) {
        var x = rect.x
        for (index, other) in phases.enumerated() {
            let isNow = index == phase
            let style = Style(
                isNow ? .rgb(context.theme.accent) : context.theme.quiet, bold: isNow,
                reverse: isNow && context.colorless)
            x += canvas.write(other.name, x: x, y: rect.y, style: style, limit: max(0, rect.maxX - x)) + 2
        }
    }
}
