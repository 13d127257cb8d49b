import Engine
import Session

/// The settings and the layers of an app in words, and what differs from another moment's.
struct SettingWords {
    let app: App

    func title(of path: String) -> String {
        app.experiment.knob(at: path).map { Palette(app).title(of: path, $0) } ?? path
    }

    /// Layers in one line: "dense units 4 activation tanh".
    private static func layerWords(_ layer: Choice) -> String {
        guard let entry = Catalogue.entry(.layer, layer.id) else { return layer.id }
        let knobs = entry.knobs.filter { layer.knobs[$0.name] != nil || $0 == entry.knobs.first }.map { knob in
            let text = KnobWalk.text(KnobWalk.json(layer.value(of: knob)), of: knob, none: "none")
            return "\(knob.title) \(text)"
        }
        return ([entry.title] + knobs).joined(separator: " ")
    }

    /// The layers from the input to the output, one in each line.
    var network: [String] {
        var lines: [String] = []
        let shapes = app.outline.map { [$0.input] + $0.layers.map(\.output) } ?? []
        func shape(_ index: Int) -> String {
            guard shapes.indices.contains(index) else { return "" }
            let words = shapes[index].description
            return ", \(words) \(words == "1" ? "value" : "values")"
        }
        lines.append("input\(shape(0))")
        for (index, layer) in app.experiment.layers.enumerated() {
            lines.append("layer \(index + 1): \(Self.layerWords(layer))\(shape(index + 1))")
        }
        lines.append("output layer\(shape(app.experiment.layers.count + 1))")
        return lines
    }

    /// "learning rate 0.03 → 0.1" for each setting that differs, at most four.
    func changes(since before: App) -> [String] {
        let (old, new) = (before.experiment, app.experiment)
        guard old != new else { return [] }
        var changes: [String] = []
        let movesLayers = old.layers.count != new.layers.count || old.layers.map(\.id) != new.layers.map(\.id)
        if movesLayers { changes.append(Self.layerChange(from: old.layers, to: new.layers)) }
        let oldPaths = Set(old.settingPaths)
        for path in new.settingPaths where oldPaths.contains(path) {
            if movesLayers, path.hasPrefix("layers.") { continue }
            guard let knob = new.knob(at: path), old.value(at: path) != new.value(at: path) else { continue }
            let (was, now) = (before.valueText(of: path, knob), app.valueText(of: path, knob))
            if was != now { changes.append("\(title(of: path)) \(was) → \(now)") }
        }
        return changes.count > 4 ? changes.prefix(4) + ["\(changes.count - 4) more"] : changes
    }

    /// "layer 3 added: dense units 4": the layers that differ, without those before and behind them.
    private static func layerChange(from old: [Choice], to new: [Choice]) -> String {
        let shorter = min(old.count, new.count)
        let before = (0..<shorter).prefix { old[$0] == new[$0] }.count
        let behind = (0..<shorter - before).prefix { old[old.count - 1 - $0] == new[new.count - 1 - $0] }.count
        func words(_ layers: [Choice]) -> String {
            layers[before..<layers.count - behind].map { layerWords($0) }.joined(separator: ", ")
        }
        let (was, now) = (words(old), words(new))
        if was.isEmpty { return "layer \(before + 1) added: \(now)" }
        if now.isEmpty { return "layer \(before + 1) removed: \(was)" }
        return "from layer \(before + 1) on: \(was) → \(now)"
    }
}
