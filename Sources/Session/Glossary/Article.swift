import Datasets
import Engine

/// Everything that is said of a thing: a word of the field, an entry of a list, a metric, or a setting. Made from the
/// records, each of which holds its own text.
public struct Article: Sendable, Hashable {
    /// "word.gradient", "activation.relu", "dataset.circle".
    public var id: String
    /// Its list in words: "word", "activation", "dataset".
    public var kind: String
    /// It is a word of the field; else an entry, a metric, a setting or a part of the screen, whose kind is told.
    public private(set) var isWord = false
    public var title: String
    /// "": it has none.
    public var formula = ""
    public var words: String
    public var settings: [Setting] = []
    /// The thing to look at; "": none is said.
    public var watch = ""
    /// The paper or the book; "": none is said.
    public var source = ""
    public var preset: String?
    /// The setting with which the preset shows it, as `--set` takes it; nil: it does as it is.
    public var presetSetting: String?
    /// The words by which texts link to it, the first of them its name; empty: none does.
    public var names: [String] = []
    /// The names of words that belong to it.
    public var related: [String] = []

    /// One of its settings.
    public struct Setting: Sendable, Hashable {
        public var title: String
        public var words: String
        /// When to raise its number, and when to lower it; "": it has no direction.
        public var raise: String
        public var lower: String

        public init(_ knob: Knob) {
            (title, words, raise, lower) = (knob.title, knob.summary, knob.raise, knob.lower)
        }

        /// "Raise it when …; lower it when …."; "": it has no direction.
        public var advice: String { raise.isEmpty ? "" : "Raise it \(raise); lower it \(lower)." }
    }

    public init(id: String, kind: String, title: String, words: String, watch: String = "") {
        (self.id, self.kind, self.title, self.words, self.watch) = (id, kind, title, words, watch)
    }

    public init(_ entry: Entry, kind: String) {
        self.init(id: "\(kind).\(entry.id)", kind: kind, title: entry.title, words: entry.summary, watch: entry.watch)
        (formula, source) = (entry.formula, entry.source)
        settings = entry.knobs.map(Setting.init)
    }

    /// A setting that is no entry's.
    public init(setting knob: Knob, at path: String) {
        self.init(id: "setting.\(path)", kind: "setting", title: knob.title, words: knob.summary)
        if knob.isNumber { settings = [Setting(knob)] }
    }

    init(_ metric: Metric) {
        self.init(
            id: "metric.\(metric.id)", kind: "metric", title: metric.title, words: metric.summary, watch: metric.watch)
        (formula, source) = (metric.formula, metric.source)
    }

    init(_ term: Term) {
        switch term.body {
        case .text(let words, let formula):
            self.init(id: "word.\(term.name)", kind: "word", title: term.name, words: words)
            self.formula = formula ?? ""
            isWord = true
        case .entry(let list, let id):
            self.init(Catalogue.entry(list, id)!, kind: list.rawValue)
            title = term.name
        }
        (preset, presetSetting, related) = (term.preset, term.with, term.related)
        names = [term.name] + term.forms
    }

    /// The words' first sentence.
    public var summary: String {
        guard
            let end = words.indices.first(where: { words[$0] == "." && words[words.index(after: $0)...].first == " " })
        else { return words }
        return String(words[...end])
    }

    /// "preset adam with training.optimizer=rmsprop"; nil: no preset is named.
    public var presetWords: String? {
        preset.map { name in presetSetting.map { "\(name) with \($0)" } ?? name }
    }

    /// The parts below title, formula and words, each with its heading.
    public var sections: [(heading: String, text: String)] {
        var sections: [(heading: String, text: String)] = []
        for setting in settings {
            // A setting's own article has said its words.
            let own = setting.words == words ? [] : [setting.words]
            let text = (own + [setting.advice]).filter { !$0.isEmpty }.joined(separator: " ")
            sections.append((setting.title, text))
        }
        if !watch.isEmpty { sections.append(("Watch", watch)) }
        if !source.isEmpty { sections.append(("Source", source)) }
        return sections
    }
}
