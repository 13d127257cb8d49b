import Basics
import Engine

extension Experiment {
    /// The settings that differ from an earlier document's, in words: "learning rate 0.03 → 0.1".
    public func changeWords(since old: Experiment) -> String {
        var words: [String] = []
        let paths = settingPaths
        for path in paths where !path.hasPrefix("view.") {
            guard let knob = knob(at: path) else { continue }
            let (before, now) = (old.value(at: path), value(at: path))
            guard before != now, knob.kind.isShort else { continue }
            let title = Self.title(of: path, knob)
            let (from, to) = (Self.words(before), Self.words(now))
            // Of a choice whose knobs differ these are told.
            guard from != to else { continue }
            let text = "\(title) \(from) → \(to)"
            if !words.contains(text) { words.append(text) }
        }
        if old.data.drawings != data.drawings {
            words.append("\(plural(data.drawings.count, "drawing")) in place of \(old.data.drawings.count)")
        }
        if old.data.points != data.points {
            words.append("\(plural(data.points.count, "own point")) in place of \(old.data.points.count)")
        }
        if old.features != features { words.append("other features") }
        if old.layers.count != layers.count {
            words.append("\(plural(layers.count, "hidden layer")) in place of \(old.layers.count)")
        }
        let shown = words.prefix(3).joined(separator: ", ")
        return words.count > 3 ? "\(shown) and \(words.count - 3) more" : shown
    }

    private static func title(of path: String, _ knob: Knob) -> String {
        if path == "seed" { return "seed of the weights" }
        if path == "data.seed" { return "seed of the data" }
        guard let place = LayerPath.innermost(in: path) else { return knob.title }
        return place.keys.isEmpty ? place.layer.words : "\(place.layer.words) \(knob.title)"
    }

    private static func words(_ value: JSON?) -> String {
        switch value {
        case .number(let number)?: formatSetting(number)
        case .string(let text)?: text.isEmpty ? "none" : shortened(text, to: 24)
        case .bool(let isOn)?: isOn ? "on" : "off"
        case .object(let members)?: members.first.map { $0.key } ?? "none"
        case .array(let items)?: plural(items.count, "item")
        case .null?, nil: "default"
        }
    }
}

extension Knob.Kind {
    /// A value that a few words tell.
    fileprivate var isShort: Bool { if case .list = self { false } else { true } }
}

extension Trainer {
    /// A parameter that was set by hand, in words: "weight of layer 2 0.5 → 1".
    func parameterWords(_ index: Int, from old: Float, to new: Float) -> String {
        let tensor = procedure.outline.tensors.first { index >= $0.offset && index < $0.offset + $0.count }
        let name = tensor.map { "\($0.name)[\(index - $0.offset)]" } ?? "a weight"
        func number(_ value: Float) -> String { formatNumber(Double(value), digits: 4) }
        return "\(name) \(number(old)) → \(number(new))"
    }
}
