import Engine
import Session
import TerminalKit

/// The identity of a panel. Each panel's file declares its own.
public struct PanelID: Sendable, Hashable, CustomStringConvertible {
    /// "stack": one lower-case word, the end of the command's id that goes there.
    public let name: String
    public init(_ name: String) { self.name = name }
    public var description: String { name }
}

/// A panel: one record in one file, listed in `Panel.all`. The frame, the layout, the mouse, the keys, the help and the
/// explanation read its fields and know no panel by name.
public struct Panel: Sendable {
    public var id: PanelID
    /// The words of the title row, and of a tab the first of them.
    public var title: String
    public var place: Place
    /// The panel in one or two sentences.
    public var words: String
    /// The thing to look at in it first.
    public var watch: String
    public var heights = Heights()
    /// The commands that work while it has the focus, in the hint bar's order.
    public var commands: [Command] = []
    /// It chooses what goes in: the input's row leads here.
    var choosesInputs = false
    /// Its rows of settings; nil: a plot.
    var editor: Editor?
    /// Modes whose keys come before all others while they last: those of the first one that is on.
    var modes: [Mode] = []
    /// Draws the panel.
    /// - Parameter rect: the whole panel, of which the title row is drawn already.
    var draw: @Sendable (App, _ frame: inout Frame, _ rect: Rect) -> Void
    /// The title with details, of which those behind the title stand beside the tabs; "": none.
    var detail: @Sendable (PlotContext) -> String = { _ in "" }
    /// Whether a key has chosen what the detail says: rather than lose it the tabs beside it are their keys alone.
    var hasChosenDetail: @Sendable (PlotContext) -> Bool = { _ in false }
    /// Adds the pictures that the panel needs to the viewer's request.
    var request: @Sendable (App, PlotContext, _ rect: Rect, inout ViewRequest) -> Void = { _, _, _, _ in }
    /// Finds the thing at a cell.
    var point: @Sendable (App, PlotContext, _ x: Int, _ y: Int, _ rect: Rect) -> Pointed = { _, _, _, _, _ in Pointed()
    }
    /// Puts the panel's cursor on a thing after a click; on nothing it goes.
    var putCursor: @Sendable (inout App, Pointed) -> Void = { _, _ in }
    /// Explains the thing under its cursor or under the mouse; nil: there is none.
    var explain: @Sendable (App) -> Explanation? = { _ in nil }
    /// Remembers what must not move under the mouse with the next event.
    var keepPlaces: @Sendable (inout App, _ content: Rect) -> Void = { _, _ in }
    /// The title for data to which its own does not apply; nil: its own.
    var shownTitle: @Sendable (App) -> String? = { _ in nil }
    /// The things that the palette finds beside commands and settings.
    var findings: @Sendable (App) -> [Finding] = { _ in [] }

    /// Where a panel stands on the way from the data to the answer.
    public enum Place: Sendable, Hashable {
        /// Settings of what goes in and of the training.
        case input
        /// The network itself.
        case network
        /// The answers; the word names the plot in `view.panel`.
        case plot(ViewSettings.Panel)
    }

    /// Rows, the title row and the closing blank included.
    public struct Heights: Sendable, Hashable {
        public var least = 1
        public var best = 1
        /// Enough for all of its rows.
        public var ample = 1
        /// Of use beyond that: larger pictures.
        public var growth = 0
        /// Panels take the room that is left in this order.
        public var rank = 0
    }

    /// A panel's rows of settings.
    struct Editor: Sendable {
        var rows: @Sendable (EditorRows) -> [EditorRow]
        /// The row that is selected at first.
        var firstRow: @Sendable ([EditorRow]) -> Int = { _ in 0 }
        /// Where the scrolled list stands in the panel below its title; nil: the panel draws its rows in another way.
        var list: (@Sendable (App, _ content: Rect) -> RowList)?
        /// The rows have values to walk through; else they are switches.
        var hasValues = true
        /// The networks of an atlas or a race differ first in the settings of the panels with the lowest number.
        var varied = 0
    }

    /// Where a list of rows stands.
    struct RowList: Sendable {
        var rect: Rect
        /// Rows before this one stand elsewhere.
        var first = 0
        /// So many rows stand side by side.
        var columns = 1
    }

    struct Mode: Sendable {
        var commands: [Command]
        var isOn: @Sendable (App) -> Bool
    }
}

extension Panel {
    public static subscript(id: PanelID) -> Panel { all.first { $0.id == id }! }

    /// The digit that jumps to it and stands in its title; "" beyond the ninth.
    public var key: String {
        let place = Panel.all.firstIndex { $0.id == id }! + 1
        return place <= 9 ? String(place) : ""
    }

    /// The mode that is on; nil: none.
    func mode(_ app: App) -> Mode? { modes.first { $0.isOn(app) } }

    /// The title as it stands on the screen.
    func title(in app: App) -> String { shownTitle(app) ?? title }

    /// The title in one word, beside others'.
    public var tabTitle: String { String(title.prefix { $0 != " " }) }

    /// The title in one word as its tab shows it.
    func tab(in app: App) -> String { String(title(in: app).prefix { $0 != " " }) }

    static let inputs = all.filter { $0.place == .input }
    static let network = all.first { $0.place == .network }!
    static let plots = all.filter { if case .plot = $0.place { true } else { false } }
    static let editors = all.filter { $0.editor != nil }

    /// The plot that a document names.
    static func plot(_ name: ViewSettings.Panel) -> Panel? { all.first { $0.place == .plot(name) } }
}
