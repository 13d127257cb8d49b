extension NetworkDescription {
    /// The same network over sequences of so many steps at most, each with a length of its own; nil: it takes no sequences.
    public func over(steps: Int) -> NetworkDescription? {
        guard input.axes.count == 2 else { return nil }
        var other = self
        other.input = Shape(steps, input.axes[1])
        other.sequence.hasLengths = true
        if sequence.targetSteps == input.axes[0] { other.sequence.targetSteps = steps }
        return other
    }

    /// The same network over one step after another, whose states go on from pass to pass; nil: it has no answer at each step, or a
    /// layer looks at other steps than by a state that goes forward.
    public var stepping: NetworkDescription? {
        guard input.axes.count == 2, sequence.targetSteps == input.axes[0] else { return nil }
        var other = self
        other.input = Shape(1, input.axes[1])
        other.sequence = SequenceForm(vocabulary: sequence.vocabulary, targetSteps: 1, continues: true)
        other.layers = layers.compactMap(\.stepping)
        return other.layers.count == layers.count ? other : nil
    }
}

extension Choice {
    /// The layer for one step after another (see `Layer.stepping`).
    var stepping: Choice? {
        Catalogue.layers.first { $0.entry.id == id }.flatMap { $0.stepping(self) }
    }
}

extension Choice {
    /// The same layer, of which each step sees itself and those before it alone; of a block all inside.
    public var seeingNoLaterSteps: Choice {
        changingAllLayers { layer in
            var layer = layer
            if layer.knobs["causal"] != nil { layer.knobs["causal"] = .toggle(true) }
            if layer.knobs["bidirectional"] != nil { layer.knobs["bidirectional"] = .toggle(false) }
            return layer
        }
    }
}

extension Outline {
    /// The first layer of which a step's values depend on steps after it, with the advice to keep it from that; nil: there is
    /// none, or the input is no sequence.
    public var laterSteps: (layer: Layer, advice: String)? {
        guard input.axes.count == 2 else { return nil }
        for layer in layers {
            if let found = layer.laterSteps(of: input.axes[0]) { return found }
        }
        return nil
    }

    /// The note for a network that is to foretell at each step the next one; nil: its layers see no later steps.
    public var foretellingNote: String? {
        laterSteps.map { "each step is to foretell the next, which \($0.layer.title) sees already; \($0.advice)" }
    }

    /// Whether another network's parameters fit this one, number for number.
    public func hasSameTensors(as other: Outline) -> Bool {
        tensors.count == other.tensors.count
            && zip(tensors, other.tensors).allSatisfy {
                $0.name == $1.name && $0.axes == $1.axes && $0.offset == $1.offset
            }
    }
}

extension Outline.Layer {
    /// - Returns: itself, or a layer inside; nil: a step's values depend on later steps of the sequence no more than the layers
    ///   before do.
    fileprivate func laterSteps(of count: Int) -> (layer: Outline.Layer, advice: String)? {
        // A stack that takes other values than its block is planned for each step by itself.
        for layer in stacks.filter({ $0.layers.first?.input == input }).flatMap(\.layers) {
            if let found = layer.laterSteps(of: count) { return found }
        }
        guard !isBlock, let advice = adviceOnLaterSteps(of: count) else { return nil }
        return (self, advice)
    }

    private func adviceOnLaterSteps(of count: Int) -> String? {
        let causal = "set causal to true"
        if attention?.isCausal == false { return causal }
        if cells.contains(where: \.isReversed) { return "set bidirectional to false" }
        if case .stepKernels(let window)? = link {
            return (window.taps - 1) * window.dilation > window.padding ? causal : nil
        }
        // A value of all steps together is one of the later ones too.
        let keepsSteps = output.axes.count == 2 && output.axes[0] == count
        return keepsSteps ? nil : "take layers that hand on a value for each step"
    }
}
