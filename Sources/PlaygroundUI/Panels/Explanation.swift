import Datasets
import Engine
import Session
import TerminalKit

/// The selected row or thing, in words and as a formula with the numbers of this moment.
struct Explanation: Sendable, Hashable {
    var title = ""
    var formula = ""
    var words = ""
    /// That a change starts training again, and why; empty: it changes live.
    var warning = ""

    init() {}

    init(of app: App) {
        if let explanation = Panel.all.lazy.compactMap({ $0.explain(app) }).first {
            self = explanation
            return
        }
        guard let row = app.selectedRow(of: app.focus) else {
            let view = app.view(in: app.focus) ?? View.views(of: app.focus).first
            (title, words) = (Panel[app.focus].title(in: app), app.spelled(view?.words ?? "", in: app.focus))
            return
        }
        title = row.title
        words = row.knob?.summary ?? ""
        let enter = app.label("value.type")
        switch row.kind {
        case .setting(let path):
            explain(path, row, app)
            if let advice = row.knob.map({ Article.Setting($0).advice }), !advice.isEmpty { words += " " + advice }
        case .allLayers(let name):
            words = "Sets the \(row.knob?.title ?? name) of every hidden layer at once. " + words
            if let entry = app.experiment.value(ofAllLayers: name).flatMap(Self.entry(of:)) {
                formula = entry.formula
            }
        case .list:
            let keys = ["add", "delete", "duplicate", "down", "up"].map { app.label("layer.\($0)") }
            words +=
                " The key \(keys[0]) adds a layer, \(keys[1]) removes the selected one, \(keys[2]) doubles it, \(keys[3]) and \(keys[4]) move it."
        case .dataset:
            if let entry = Datasets.entry(app.experiment.data.dataset.id) {
                (title, formula, words) = (entry.title, entry.formula, entry.summary)
            }
            warning = "Other data start training again."
        case .label:
            words =
                "The column that the network learns; \(app.label("value.down")) and \(app.label("value.up")) take the one beside it, \(enter) shows all."
            warning = "Another label starts training again."
        case .inputs:
            words = "The columns that go in; \(enter) shows all of them to be switched on and off."
            warning = "Other columns start training again."
        case .augment(let path):
            words = (app.experiment.summary(at: path) ?? "") + " \(enter) shows all of them."
        case .rivals:
            words = (app.experiment.summary(at: "rivals") ?? "") + " \(enter) shows all of them."
        case .regenerate:
            words = "Draws other samples of the same kind, with the next seed of the data."
            warning = "New samples start training again."
        case .feature(let feature):
            words =
                "A column of what goes in: the network sees it as a number for each sample. \(enter) turns it on or off."
            formula = feature
            warning = "A change starts training again."
        case .augmentation(let id):
            guard let entry = Catalogue.entry(.augmentation, id) else { return }
            formula = entry.formula
            words =
                "\(entry.summary) \(enter) turns it on or off; its settings stand in the panel Data (\(app.label("focus.data")))."
        case .ownFeature:
            words = "A formula of your own, made of the columns: \(enter), and type for example x1*x2 - 0.5."
        case .keepWeights:
            words = "When layers change, the weights that still fit stay; off: the network starts anew."
        case .speed:
            words = "How many epochs train in a second; unlimited is as fast as this computer can."
        case .input:
            title = "input"
            let panel = app.label("focus.features")
            words =
                app.plotContext?.scene.hasSequences == true
                ? "What goes in: the steps of a sequence, one after the other; \(app.label("sequence.next")) takes the next sequence, \(app.label("time.back")) and \(app.label("time.forward")) move the time cursor. The panel Steps (\(panel)) says what a step is."
                : app.columns.isEmpty
                    ? "What goes in: the pixels of an image. Random changes of training images are chosen in the panel Augment (\(panel))."
                    : "What goes in: the features of each sample. They are chosen in the panel Features (\(panel))."
        }
    }

    private mutating func explain(_ path: String, _ row: EditorRow, _ app: App) {
        let experiment = app.experiment
        let value = experiment.value(at: path)
        // The entry whose formula the setting belongs to: what is chosen, or what the knob is a knob of.
        let parts = path.split(separator: ".").map(String.init)
        if let knob = row.knob, case .choice(let list) = knob.kind, let id = KnobWalk.choiceID(value),
            let entry = Catalogue.entry(list, id)
        {
            formula = entry.formula
            words = entry.summary
            formula = Self.substitute(formula, knobs: entry.knobs) {
                experiment.value(at: "\(path).\(id).\($0)")
            }
        } else if parts.count >= 3, let entry = Self.owner(parts)?.entry {
            let parent = parts.dropLast().joined(separator: ".")
            formula = Self.substitute(entry.formula, knobs: entry.knobs) {
                experiment.value(at: "\(parent).\($0)")
            }
        }
        if let knob = row.knob,
            let next = KnobWalk.next(after: value, of: knob, direction: 1, optional: row.optional)
                ?? KnobWalk.next(after: value, of: knob, direction: -1, optional: row.optional),
            let changed = try? experiment.setting(path, to: next),
            let reason = Change.between(experiment, changed, schema: app.schema)
                .resetReason(keepWeights: app.session.keepsWeights)
        {
            warning = reason.prefix(1).uppercased() + reason.dropFirst() + "."
        }
    }

    /// The catalogue entry that the last key of a path is a knob of.
    static func owner(_ parts: [String]) -> (list: CatalogueList, entry: Entry)? {
        guard parts.count >= 3 else { return nil }
        let id = parts[parts.count - 2]
        for list in CatalogueList.allCases {
            if let entry = Catalogue.entry(list, id), entry.knob(parts.last!) != nil { return (list, entry) }
        }
        return nil
    }

    private static func entry(of value: KnobValue) -> Entry? {
        guard case .choice(let choice) = value else { return nil }
        return CatalogueList.allCases.lazy.compactMap { Catalogue.entry($0, choice.id) }.first
    }

    /// Puts the numbers of this moment where the formula has the knobs' symbols.
    static func substitute(
        _ formula: String, knobs: [Knob], value: (String) -> JSON?
    ) -> String {
        var result = formula
        for knob in knobs {
            guard let symbol = knob.symbol, case .number(let number)? = value(knob.name) else {
                continue
            }
            result = replace(symbol, by: formatNumber(number, digits: 4), in: result)
        }
        return result
    }

    /// Replaces a symbol where it stands alone: not as a part of a word, and not with a mark of its own ("η⁺").
    private static func replace(_ symbol: String, by number: String, in text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        let wanted = Array(symbol.unicodeScalars)
        var result = String.UnicodeScalarView()
        var index = 0
        func joins(_ place: Int, letters: Bool) -> Bool {
            guard scalars.indices.contains(place) else { return false }
            let scalar = scalars[place]
            if "⁺⁻₀₁₂₃₄₅₆₇₈₉\u{302}".unicodeScalars.contains(scalar) { return true }
            return letters && (scalar.properties.isAlphabetic && scalar.isASCII)
        }
        let latin = wanted[0].isASCII
        while index < scalars.count {
            let end = index + wanted.count
            if end <= scalars.count, Array(scalars[index..<end]) == wanted, !joins(end, letters: latin),
                !joins(index - 1, letters: latin)
            {
                result.append(contentsOf: number.unicodeScalars)
                // A number against a letter needs a sign between them.
                if scalars.indices.contains(end), scalars[end].properties.isAlphabetic { result.append("·") }
                index = end
            } else {
                result.append(scalars[index])
                index += 1
            }
        }
        return String(result)
    }
}
