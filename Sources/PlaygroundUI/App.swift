import Session
import TerminalKit

/// The whole state of the screen, a value: events change it, `draw` shows it, effects leave through `outbox`.
public struct App: Sendable {
    public var experiment: Experiment
    public var snapshot: Snapshot?
    public var picture: Picture?
    public var plots = PlotState()
    public var focus = PanelID.stack
    public var theme = Theme.dark
    public var capabilities = Capabilities()
    public var width = 0
    public var height = 0
    /// One line of news on the bottom row until the next key.
    public var notice: String?
    public init(experiment: Experiment) { self.experiment = experiment }

    /// Changes what is shown; not a step for undo.
    public mutating func changeView(_ change: (inout ViewSettings) -> Void) { change(&experiment.view) }
}
