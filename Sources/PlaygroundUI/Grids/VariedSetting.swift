import Basics
import Engine
import Session
import TerminalKit

/// A setting that differs between networks that train side by side: one that an editing panel has a row for.
struct VariedSetting: Sendable, Hashable {
    private let kind: EditorRow.Kind
    private let knob: Knob
    private let optional: Bool
    private let unset: String
    /// "learning rate", "layer 1 units", "layer 2 body 1 units".
    let title: String

    private init?(_ row: EditorRow) {
        guard row.kind.setting != nil, let knob = row.knob, knob.kind != .text else { return nil }
        // When a run is over is no property of the network.
        if let path = row.path, path.hasPrefix("training.stop.") || path == "training.evaluateEvery" { return nil }
        title = row.path.flatMap { LayerPath.words(ofSetting: $0, titled: row.title) } ?? row.title
        kind = row.kind
        self.knob = knob
        optional = row.optional
        unset = row.unset
    }

    /// All that the experiment has, in the panels' order, without what a lesson hides.
    static func all(of app: App) -> [VariedSetting] {
        var settings: [VariedSetting] = []
        for panel in Panel.editors.sorted(by: { $0.editor!.varied < $1.editor!.varied }) {
            for row in app.editing.rows[panel.id] ?? [] {
                guard let setting = VariedSetting(row), !settings.contains(where: { $0.kind == setting.kind }) else {
                    continue
                }
                settings.append(setting)
            }
        }
        return settings
    }

    var path: String? { kind.path }

    private var setting: EditorRow.Setting { kind.setting! }

    func value(in experiment: Experiment) -> JSON { setting.value(experiment) ?? .null }

    /// The experiment with another value.
    func apply(_ value: JSON, to experiment: Experiment) throws(ExperimentError) -> Experiment {
        let changed = try setting.changed(experiment, value)
        try changed.validate()
        try changed.validateProcedure()
        return changed
    }

    /// Whether another setting is a part of what this one chooses: it must come after it.
    func contains(_ other: VariedSetting) -> Bool {
        guard let path, let its = other.path else { return false }
        return its.hasPrefix(path + ".")
    }

    func text(_ value: JSON) -> String { KnobWalk.text(value, of: knob, none: unset) }

    /// "Adam", "learning rate 0.1": what a value is without a title beside it.
    func titled(_ value: JSON) -> String {
        switch knob.kind {
        case .choice, .word: text(value)
        case .integer, .real, .toggle, .text, .list: "\(title) \(text(value))"
        }
    }

    /// The value beside another one as ← and → reach it; nil at the end.
    func next(_ value: JSON, _ direction: Int) -> JSON? {
        KnobWalk.next(after: value, of: knob, direction: direction, optional: optional)
    }

    /// At most `count` values in their order, the present one among them where the experiment can have any: of a choice those that the experiment can
    /// have, of a number those around it.
    func values(_ count: Int, around experiment: Experiment) -> [JSON] {
        let present = value(in: experiment)
        let known: [JSON]? =
            switch knob.kind {
            case .choice(let list): (optional ? [.null] : []) + Catalogue.entries(list).map { .string($0.id) }
            case .word(let words): words.map { .string($0) }
            case .toggle: [.bool(false), .bool(true)]
            case .integer, .real, .text, .list: nil
            }
        if let known {
            let id = KnobWalk.choiceID(present)
            // The present one keeps its knobs.
            let values = known.map { id != nil && KnobWalk.choiceID($0) == id ? present : $0 }
                .filter { (try? apply($0, to: experiment)) != nil }
            let place = values.firstIndex(of: present) ?? 0
            let start = min(max(0, place - (count - 1) / 2), max(0, values.count - count))
            return Array(values[start..<min(values.count, start + count)])
        }
        if case .integer(let range) = knob.kind, case .number(let number) = present {
            return integers(count, around: Int(bounded: number), in: range)
        }
        var (below, above): ([JSON], [JSON]) = ([], [])
        var isEnd = (below: false, above: false)
        while below.count + above.count + 1 < count, !isEnd.below || !isEnd.above {
            if !isEnd.above, isEnd.below || above.count <= below.count {
                let value = next(above.last ?? present, 1)
                if let value { above.append(value) } else { isEnd.above = true }
            } else {
                let value = next(below.last ?? present, -1)
                if let value { below.append(value) } else { isEnd.below = true }
                if value == .null { isEnd.below = true }
            }
        }
        return below.reversed() + [present] + above
    }

    /// Whole numbers that differ as much as they can tell apart: small ones by one, larger ones by doubling, seeds one
    /// after the other.
    private func integers(_ count: Int, around present: Int, in range: ClosedRange<Int>) -> [JSON] {
        let isSeed = range.upperBound > 1 << 40
        var values = [present]
        if isSeed {
            values = (0..<count).map { present &+ $0 }.filter(range.contains)
        } else if present == range.lowerBound, range.upperBound >= 1000, present == 0 {
            var next = 10
            while values.count < count, range.contains(next) {
                values.append(next)
                next = next % 3 == 0 ? next / 3 * 10 : next * 3
            }
        } else {
            func above(_ value: Int) -> Int { value < 8 ? value + 1 : 2 * value }
            func below(_ value: Int) -> Int { value <= 8 ? value - 1 : value / 2 }
            while values.count < count {
                let (low, high) = (below(values[0]), above(values[values.count - 1]))
                let before = values.count
                if range.contains(high) { values.append(high) }
                if values.count < count, range.contains(low) { values.insert(low, at: 0) }
                if values.count == before { break }
            }
        }
        return values.map { .number(Double($0)) }
    }
}
