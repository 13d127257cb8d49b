import Session
import TerminalKit

/// One row of the table of commands: the keymap, the hint bar, the palette and the help are made from these.
public struct Command: Sendable {
    /// "training.play": stable, lower case, with dots.
    public var id: String
    /// The help line: "play or pause training".
    public var help: String
    /// The hint bar's word: "pause"; nil: not in the bar.
    public var hint: String?
    /// As `Key.init(_:)` reads them.
    public var keys: [String]
    /// Where the keys work; nil: everywhere.
    public var panels: Set<PanelID>?
    /// The views of its panel in which the keys work; nil: in all.
    public var views: Set<ViewID>?
    /// Why it cannot be used now, or nil.
    public var disabled: @Sendable (App) -> String?
    public var run: @Sendable (inout App) -> Void
    /// Its key shows a view in which it works, where the panel shows another one.
    var bringsView = false
    /// The occasions during which it works too.
    private(set) var occasions: Set<Occasion> = []
    /// Its hint stays however narrow the window is.
    var lasts = false
    /// It stands first in the bar, and a click on the state of training does it.
    var leads = false
    /// The word in the bar of a lesson whose step has one of its keys, where `hint` is nil.
    private(set) var lessonHint: String?
    /// The hint bar's word where it is another than `hint` now; nil: `hint`.
    var presentWord: @Sendable (App) -> String? = { _ in nil }
    /// The data that it is for; nil: all. Commands for other data may have the same keys.
    var data: Data?

    enum Data: Sendable, Hashable { case images, sequences, generated }

    /// A state of the screen that has keys of its own.
    enum Occasion: Sendable, Hashable, CaseIterable {
        /// Any command that is not for it ends it first.
        case walk
        /// A step says which keys it has.
        case lesson
        /// Networks side by side stand in place of the panels.
        case grid
        /// A game against the network.
        case match
    }

    /// - Parameter control: the name under which a lesson takes the command away (`Experiment.hide`).
    public init(
        _ id: String, _ help: String, hint: String? = nil, keys: [String], panels: Set<PanelID>? = nil,
        views: Set<ViewID>? = nil, control: String? = nil,
        disabled: @escaping @Sendable (App) -> String? = { _ in nil }, run: @escaping @Sendable (inout App) -> Void
    ) {
        self.id = id
        self.help = help
        self.hint = hint
        self.keys = keys
        self.panels = panels
        self.views = views
        self.disabled = { app in control.flatMap { app.takenAway($0) } ?? disabled(app) }
        self.run = run
    }

    /// The hint bar's word now; nil: not in the bar.
    func word(_ app: App) -> String? { hint.map { presentWord(app) ?? $0 } }

    /// The same command, whose hint stays however narrow the window is.
    var lasting: Command {
        var command = self
        command.lasts = true
        return command
    }

    /// The same command, first in the bar.
    var leading: Command {
        var command = lasting
        command.leads = true
        return command
    }

    /// The same command, with another word in the bar at times.
    func saying(_ word: @escaping @Sendable (App) -> String?) -> Command {
        var command = self
        command.presentWord = word
        return command
    }

    /// The same command, whose key shows its view.
    var bringingView: Command {
        var command = self
        command.bringsView = true
        return command
    }

    /// The same command, which works during these occasions too.
    func during(_ occasions: Occasion...) -> Command {
        var command = self
        command.occasions.formUnion(occasions)
        return command
    }

    /// The same command, which works on every occasion.
    var always: Command {
        var command = self
        command.occasions = Set(Occasion.allCases)
        return command
    }

    /// The same command, with a word in the bar of lessons alone.
    func named(inLessons word: String) -> Command {
        var command = self
        command.lessonHint = word
        return command
    }

    /// The same command, for these data.
    func `for`(_ data: Data) -> Command {
        var command = self
        command.data = data
        return command
    }

    /// Whether its keys work in a panel that shows a view; without one, before there are data, those of all views do.
    func works(in panel: PanelID, showing view: ViewID?) -> Bool {
        guard panels?.contains(panel) ?? true else { return false }
        return views.map { views in view.map(views.contains) ?? true } ?? true
    }
}
