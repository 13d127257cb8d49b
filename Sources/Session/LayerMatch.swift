import Engine

/// The layers of an edited network that go on with the weights of the network before, in blocks too.
enum LayerMatch {
    /// The old layer that each new one continues: paths in the new outline → paths in the old one, of layers that hold no
    /// others. The output layer continues the output layer; a layer with another initializer, or with other knobs that say
    /// its first weights, continues none: its new weights are what was asked for.
    static func paths(
        from oldNetwork: NetworkDescription, to newNetwork: NetworkDescription
    ) -> [String: String] {
        var paths = matchStacks(newNetwork.layers.anonymous, oldNetwork.layers.anonymous, at: "layers", "layers")
        if newNetwork.outputInitializer == oldNetwork.outputInitializer { paths["output"] = "output" }
        return paths
    }

    /// The new places of an edited stack's layers, in blocks too: paths in the old outline → paths in the new one. A
    /// layer of another kind in the place of an old one takes its place here; layers that are gone have none.
    static func places(from old: [Choice], to new: [Choice]) -> [String: String] {
        var places: [String: String] = [:]
        func add(_ new: [Choice], _ old: [Choice], at newPath: String, _ oldPath: String) {
            var map = matches(new, old)
            let taken = Set(map.values)
            for (index, previous) in zip(
                new.indices.filter { map[$0] == nil }, old.indices.filter { !taken.contains($0) })
            {
                map[index] = previous
            }
            for (index, previous) in map {
                let (newPlace, oldPlace) = ("\(newPath).\(index)", "\(oldPath).\(previous)")
                places[oldPlace] = newPlace
                let newStacks = Dictionary(uniqueKeysWithValues: new[index].stacks.map { ($0.name, $0.layers) })
                for (name, layers) in old[previous].stacks {
                    add(newStacks[name] ?? [], layers, at: "\(newPlace).\(name)", "\(oldPlace).\(name)")
                }
            }
        }
        add(new, old, at: "layers", "layers")
        return places
    }

    private static func matchStacks(
        _ new: [Choice], _ old: [Choice], at newPath: String, _ oldPath: String
    ) -> [String: String] {
        var paths: [String: String] = [:]
        for (index, previous) in matches(new, old) {
            let (newPlace, oldPlace) = ("\(newPath).\(index)", "\(oldPath).\(previous)")
            let newStacks = new[index].stacks
            let oldStacks = Dictionary(uniqueKeysWithValues: old[previous].stacks.map { ($0.name, $0.layers) })
            if newStacks.isEmpty, initializers(of: new[index]) == initializers(of: old[previous]) {
                paths[newPlace] = oldPlace
            }
            for (name, layers) in newStacks {
                guard let before = oldStacks[name] else { continue }
                paths.merge(matchStacks(layers, before, at: "\(newPlace).\(name)", "\(oldPlace).\(name)")) { $1 }
            }
        }
        return paths
    }

    /// The old layer that each new one of a stack continues, by their indices: equal layers from both ends, then equal
    /// ones between, then those of the same kind in order.
    private static func matches(_ new: [Choice], _ old: [Choice]) -> [Int: Int] {
        var map: [Int: Int] = [:]
        var start = 0
        while start < min(new.count, old.count), new[start] == old[start] {
            map[start] = start
            start += 1
        }
        var (newEnd, oldEnd) = (new.count, old.count)
        while newEnd > start, oldEnd > start, new[newEnd - 1] == old[oldEnd - 1] {
            newEnd -= 1
            oldEnd -= 1
            map[newEnd] = oldEnd
        }
        var equal = Dictionary(grouping: (start..<oldEnd).reversed(), by: { old[$0] })
        var taken: Set<Int> = []
        for index in start..<newEnd {
            guard let previous = equal[new[index]]?.popLast() else { continue }
            map[index] = previous
            taken.insert(previous)
        }
        var alike = Dictionary(grouping: (start..<oldEnd).reversed().filter { !taken.contains($0) }, by: { old[$0].id })
        for index in start..<newEnd where map[index] == nil {
            map[index] = alike[new[index].id]?.popLast()
        }
        return map
    }

    private static func initializers(of layer: Choice) -> [KnobValue] {
        (Catalogue.entry(.layer, layer.id)?.knobs ?? []).compactMap { knob in
            if case .choice(.initializer) = knob.kind { return layer.value(of: knob) }
            return firstWeights.contains(knob.name) ? layer.value(of: knob) : nil
        }
    }

    /// Knobs that say first weights, beside the initializers: typed kernels, and the biases of gates.
    private static let firstWeights: Set<String> = ["kernels", "forgetBias", "memory"]
}

extension Experiment {
    /// Where layers stand after an edit, without those that are gone.
    public func places(of layers: Set<LayerPath>, before old: Experiment) -> Set<LayerPath> {
        guard !layers.isEmpty, old.layers != self.layers else { return layers }
        let places = LayerMatch.places(from: old.layers, to: self.layers)
        return Set(
            layers.compactMap { layer in
                places["layers.\(layer)"].flatMap { LayerPath(String($0.dropFirst("layers.".count))) }
            })
    }
}
