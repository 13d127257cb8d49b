import Session
import TerminalKit

/// All that a plot panel needs to draw one frame: values only, so that tests draw literals.
public struct PlotContext: Sendable {
    public var snapshot: Snapshot
    /// What the viewer thread made of a recent snapshot; nil before the first.
    public var picture: Picture?
    public var view: ViewSettings
    public var plots: PlotState
    public var theme: Theme
    public var capabilities: Capabilities
    public var focused: Bool
    public init(
        snapshot: Snapshot, picture: Picture?, view: ViewSettings, plots: PlotState, theme: Theme,
        capabilities: Capabilities, focused: Bool
    ) {
        self.snapshot = snapshot
        self.picture = picture
        self.view = view
        self.plots = plots
        self.theme = theme
        self.capabilities = capabilities
        self.focused = focused
    }
}

/// What the plots show for the moment and no experiment saves.
public struct PlotState: Sendable, Hashable {
    /// Hidden-feature view: 0 the input plane … 1 this layer.
    public var morph = 1.0
    public var scaleFrozen = false
    public var showAccuracy = false
    /// The network panel's cursor, or nil: a layer index (−1: the input features), a unit, and, on a link, the unit it comes from.
    public var cursor: NetworkCursor?
    public init() {}
}

public struct NetworkCursor: Sendable, Hashable {
    /// Index into the outline's layers; −1: the input features.
    public var layer: Int
    public var unit: Int
    /// On a link: the unit of the layer before; −1 is the bias.
    public var from: Int?
    public init(layer: Int, unit: Int, from: Int? = nil) {
        self.layer = layer
        self.unit = unit
        self.from = from
    }
}
