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
        row.kind.explain(&self, row, app)
    }

    /// A setting of all hidden layers.
    mutating func explain(allLayers name: String, _ row: EditorRow, _ app: App) {
        words = "Sets the \(row.knob?.title ?? name) of every hidden layer at once. " + words
        if let entry = app.experiment.value(ofAllLayers: name).flatMap(Self.entry(of:)) { formula = entry.formula }
    }

    /// A setting at a key path.
    mutating func explain(setting path: String, _ row: EditorRow, _ app: App) {
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
        if let advice = row.knob.map({ Article.Setting($0).advice }), !advice.isEmpty { words += " " + advice }
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
