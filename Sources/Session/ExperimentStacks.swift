import Engine

/// Layers that come, go and move: in the stack itself, and in those inside blocks, however deep.
extension Experiment {
    /// The stack that a layer's path leads into; nil: there is none. The layer itself need not be there.
    public func stack(around path: LayerPath) -> [Choice]? {
        var found: [Choice]?
        var copy = layers
        Self.change(&copy, path) { layers, _ in
            found = layers
            return false
        }
        return found
    }

    /// - Returns: whether there is such a place.
    mutating func insertLayer(_ layer: Choice, at path: LayerPath) -> Bool {
        editStack(around: path) { layers, index in
            let place = min(max(0, index), layers.count)
            layers.insert(layer, at: place)
            return { $0 < place ? $0 : $0 + 1 }
        }
    }

    /// - Returns: whether there is such a layer.
    mutating func deleteLayer(at path: LayerPath) -> Bool {
        editStack(around: path) { layers, index in
            guard layers.indices.contains(index) else { return nil }
            layers.remove(at: index)
            return { $0 == index ? nil : ($0 < index ? $0 : $0 - 1) }
        }
    }

    /// - Returns: whether there is such a layer.
    mutating func duplicateLayer(at path: LayerPath) -> Bool {
        let all = layers
        return editStack(around: path) { layers, index in
            guard layers.indices.contains(index) else { return nil }
            layers.insert(all.copy(of: layers[index]), at: index + 1)
            return { $0 <= index ? $0 : $0 + 1 }
        }
    }

    /// Moves a layer within its stack.
    /// - Returns: whether there are such places.
    mutating func moveLayer(at path: LayerPath, to target: LayerPath) -> Bool {
        guard path.sibling(at: target.indexInStack) == target else { return false }
        return editStack(around: path) { layers, index in
            let to = target.indexInStack
            guard layers.indices.contains(index), layers.indices.contains(to) else { return nil }
            layers.insert(layers.remove(at: index), at: to)
            return { old in
                if old == index { return to }
                let place = old < index ? old : old - 1
                return place < to ? place : place + 1
            }
        }
    }

    /// Changes the stack that a path leads into; the addresses in `initial` follow its layers.
    /// - Parameter change: gives the layers' new places by their old ones, nil for those that are gone; it gives nil itself where
    ///   it changes nothing.
    private mutating func editStack(
        around path: LayerPath, _ change: (inout [Choice], _ index: Int) -> ((Int) -> Int?)?
    ) -> Bool {
        var places: ((Int) -> Int?)?
        let old = self
        Self.change(&layers, path) { layers, index in
            places = change(&layers, index)
            return places != nil
        }
        guard let places else { return false }
        // "layers.2.body.0": before the last part the stack, which counts its layers there.
        let own = "layers.\(path)".split(separator: ".").map(String.init)
        let depth = own.count - 1
        followLayers(of: old) { address in
            var keys = address.split(separator: ".").map(String.init)
            guard keys.count > depth, keys.starts(with: own[..<depth]), let index = Int(keys[depth]) else {
                return address
            }
            guard let new = places(index) else { return nil }
            keys[depth] = "\(new)"
            return keys.joined(separator: ".")
        }
        // A lock means a weight by its layer's place.
        training.locked = []
        return true
    }

    /// - Parameter change: takes the stack and the index in it; its result says whether it has changed it.
    @discardableResult
    private static func change(
        _ layers: inout [Choice], _ path: LayerPath, _ change: (inout [Choice], Int) -> Bool
    ) -> Bool {
        guard let step = path.inside.first else { return change(&layers, path.index) }
        guard layers.indices.contains(path.index) else { return false }
        let inner = LayerPath(step.index, inside: Array(path.inside.dropFirst()))
        return layers[path.index].changeStack(step.stack) { Self.change(&$0, inner, change) }
    }
}

extension LayerPath {
    /// The place in the stack that the layer is in.
    public var indexInStack: Int { inside.last?.index ?? index }

    /// The place of another layer of the same stack.
    public func sibling(at index: Int) -> LayerPath {
        var path = self
        if inside.isEmpty { path.index = index } else { path.inside[inside.count - 1].index = index }
        return path
    }
}

extension Choice {
    /// Changes one of a block's stacks: "body", "stacks.1".
    fileprivate mutating func changeStack(_ name: String, _ change: (inout [Choice]) -> Bool) -> Bool {
        let parts = name.split(separator: ".").map(String.init)
        guard let first = parts.first, let knob = Catalogue.entry(.layer, id)?.knob(first) else { return false }
        let hasStacks = if case .list(.list) = knob.kind { true } else { false }
        guard hasStacks == (parts.count > 1) else { return false }
        var value = self.value(of: knob)
        guard value.changeStack(at: parts.dropFirst().compactMap { Int($0) }[...], change) else { return false }
        knobs[knob.name] = value
        return true
    }
}

extension KnobValue {
    /// Changes a list of layers, or in a list of such lists the one at a place.
    fileprivate mutating func changeStack(at places: ArraySlice<Int>, _ change: (inout [Choice]) -> Bool) -> Bool {
        guard case .list(var elements) = self else { return false }
        if let place = places.first {
            guard elements.indices.contains(place),
                elements[place].changeStack(at: places.dropFirst(), change)
            else { return false }
        } else {
            var layers = elements.compactMap { if case .choice(let layer) = $0 { layer } else { nil } }
            guard layers.count == elements.count, change(&layers) else { return false }
            elements = layers.map { .choice($0) }
        }
        self = .list(elements)
        return true
    }
}
