import Engine

extension LayerPath {
    /// "layer 3", and inside a block "layer 3 body 1", "layer 3 stack 2 layer 1".
    public var words: String {
        var words = "layer \(index + 1)"
        for step in inside {
            words += " \(step.stackWords)\(step.isOfStacks ? " layer" : "") \(step.index + 1)"
        }
        return words
    }

    /// Its place in the innermost block, as the rows of settings call it: "body 1", "stack 2 1"; nil: it is in none.
    public var placeInBlock: String? {
        inside.last.map { "\($0.stackWords) \($0.index + 1)" }
    }

    /// The innermost layer that a key path of the document leads to ("layers.2.residual.body.0.dense.units"), and the keys behind
    /// it; nil: it leads to no layer.
    public static func innermost(in keyPath: String) -> (layer: LayerPath, keys: [Substring])? {
        var keys = keyPath.split(separator: ".")[...]
        guard keys.popFirst() == "layers", let index = keys.popFirst().flatMap({ Int($0) }) else { return nil }
        var layer = LayerPath(index)
        // A block's kind, its list, and the place in it: one number, or two where it is a list of stacks.
        while keys.count > 2, Int(keys[keys.startIndex + 2]) != nil {
            let (list, behind) = (keys[keys.startIndex + 1], keys.dropFirst(2))
            let places = behind.prefix { Int($0) != nil }.prefix(2).compactMap { Int($0) }
            let stack = places.count > 1 ? "\(list).\(places[0])" : String(list)
            layer.inside.append(Step(stack: stack, index: places[places.count - 1]))
            keys = behind.dropFirst(places.count)
        }
        return (layer, Array(keys))
    }

    /// A setting of a layer in words, by its key path: "layer 2 body 1 units", and "layer 2 kind" of the layer itself; nil: it is
    /// no layer's.
    public static func words(ofSetting keyPath: String, titled title: String) -> String? {
        innermost(in: keyPath).map { "\($0.layer.words) \($0.keys.isEmpty ? "kind" : title)" }
    }
}

extension LayerPath.Step {
    /// The number of the stack in a list of stacks; nil: the block has one of its name.
    private var stackIndex: Int? { stack.split(separator: ".").dropFirst().first.flatMap { Int($0) } }

    fileprivate var isOfStacks: Bool { stackIndex != nil }

    /// "body", "stack 2".
    fileprivate var stackWords: String { stackIndex.map { "stack \($0 + 1)" } ?? stack }
}

extension Experiment {
    /// The key path of a hidden layer: "layers.2.residual.body.0"; nil: there is none.
    public func keyPath(ofLayer path: LayerPath) -> String? {
        guard layer(at: path) != nil else { return nil }
        var block = path.outermost
        var keys = "layers.\(path.index)"
        for step in path.inside {
            guard let id = layer(at: block)?.id else { return nil }
            keys += ".\(id).\(step.stack).\(step.index)"
            block.inside.append(step)
        }
        return keys
    }

    /// A hidden layer, of blocks also those inside; nil: the input, the output, or none.
    public func layer(at path: LayerPath) -> Choice? {
        guard layers.indices.contains(path.index) else { return nil }
        var layer = layers[path.index]
        for step in path.inside {
            let parts = step.stack.split(separator: ".").map(String.init)
            guard let knob = Catalogue.entry(.layer, layer.id)?.knob(parts[0]) else { return nil }
            var value = layer.value(of: knob)
            for place in parts.dropFirst().compactMap({ Int($0) }) + [step.index] {
                guard case .list(let elements) = value, elements.indices.contains(place) else { return nil }
                value = elements[place]
            }
            guard case .choice(let inner) = value else { return nil }
            layer = inner
        }
        return layer
    }
}
