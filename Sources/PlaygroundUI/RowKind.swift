import Engine
import Session

extension EditorRow {
    /// A kind of row: one record with all that the screen asks of it. Those of settings stand in this file, each of the
    /// others beside the panel that has its row.
    struct Kind: Sendable, Hashable {
        /// Kinds with the same one are the same.
        let id: String
        /// The key path of the setting or of the list; nil: none is its own.
        var path: String?
        /// ← → and Enter change its value; nil: they do what `change` and `enter` say.
        var setting: Setting?
        /// The feature that it turns on and off.
        var formula: String?
        /// The selected row has arrows around its value.
        var hasArrows = true
        /// ← and →.
        var change: @Sendable (inout App, _ direction: Int) -> Void = { _, _ in }
        /// Enter; nil: as →.
        var enter: (@Sendable (inout App) -> Void)?
        /// Explains the row, with its title and the summary of its knob to begin with.
        var explain: @Sendable (inout Explanation, EditorRow, App) -> Void
        /// The glossary's text about it; nil: there is none.
        var article: @Sendable (App, EditorRow) -> Article? = { _, _ in nil }

        static func == (one: Kind, other: Kind) -> Bool { one.id == other.id }
        func hash(into hasher: inout Hasher) { hasher.combine(id) }
    }

    /// How a row's setting is read and written.
    struct Setting: Sendable {
        var value: @Sendable (Experiment) -> JSON?
        /// The experiment with another value; a knob of a choice means the one of that name of the present choice.
        var changed: @Sendable (Experiment, JSON) throws(ExperimentError) -> Experiment
        /// Takes a value from the user; what is refused is said on the bottom row.
        var set: @Sendable (inout App, JSON) -> Void
    }

    var path: String? { kind.path }

    /// It sets one knob of all hidden layers.
    var isOfAllLayers: Bool { kind.setting != nil && path == nil }

    /// ← and → do something.
    var changeable: Bool { kind.hasArrows && (kind.setting == nil || knob?.kind != .text) }
}

extension EditorRow.Kind {
    /// A setting at a key path of the experiment.
    static func setting(path: String) -> Self {
        Self(
            id: path, path: path,
            setting: EditorRow.Setting(
                value: { $0.value(at: path) },
                changed: { experiment, value throws(ExperimentError) in
                    try experiment.setting(try experiment.present(path), to: value)
                },
                set: { app, value in
                    guard let value = app.layerValue(value, at: path) else {
                        app.notice = App.wouldLoseLayers
                        return
                    }
                    app.set(path, to: value)
                }),
            explain: { $0.explain(setting: path, $1, $2) },
            article: { app, row in app.article(ofSetting: path, row.knob) })
    }

    /// One setting of all hidden layers that have it.
    static func allLayers(knob name: String) -> Self {
        Self(
            id: "layers.*.\(name)",
            setting: EditorRow.Setting(
                value: { $0.value(ofAllLayers: name).map { KnobWalk.json($0) } },
                changed: { experiment, value throws(ExperimentError) in
                    try experiment.settingAllLayers(name, to: value)
                },
                set: { $0.act(.setAllLayers(knob: name, $1)) }),
            explain: { $0.explain(allLayers: name, $1, $2) },
            article: { app, row in app.article(ofAllLayers: name, row.knob) })
    }
}

extension Experiment {
    /// The key path of a knob in the present choice: the learning rate of SGD means that of Adam where Adam is chosen.
    fileprivate func present(_ path: String) throws(ExperimentError) -> String {
        let parts = path.split(separator: ".").map(String.init)
        guard parts.count > 2 else { return path }
        let list = parts.dropLast(2).joined(separator: ".")
        guard let id = KnobWalk.choiceID(value(at: list)), id != parts[parts.count - 2],
            value(at: parts.dropLast().joined(separator: ".")) == nil
        else { return path }
        let other = "\(list).\(id).\(parts[parts.count - 1])"
        guard knob(at: other) != nil else {
            throw ExperimentError(
                .malformed, place: path, message: "\(id) has no \(knob(at: path)?.title ?? parts[parts.count - 1])")
        }
        return other
    }
}
