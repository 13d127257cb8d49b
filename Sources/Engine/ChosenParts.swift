/// The activation that a layer's knob `activation` chooses.
struct ChosenActivation: Sendable {
    let function: Activation
    let settings: Settings

    /// - Throws: what is wrong with it, or that it is for outputs.
    init(_ layer: Settings) throws(EngineError) {
        self.init(
            checked: try Activation.hiddenSettings(
                layer.choice("activation"), place: "\(layer.place).activation"))
    }

    init(checked settings: Settings) {
        self.settings = settings
        function = Catalogue.activations.first { $0.entry.id == settings.entry.id }!
    }

    func emit(_ z: Value, into plan: inout PlanBuilder) -> Value {
        function.emit(z, settings: settings, learned: "activation.weight", into: &plan)
    }
}

/// The initializer that a layer's knob `initializer` chooses.
struct ChosenInitializer: Sendable {
    let initializer: Initializer
    let settings: Settings

    init(_ layer: Settings) throws(EngineError) {
        self.init(
            checked: try Settings(
                layer.choice("initializer"), in: .initializer, place: "\(layer.place).initializer"))
    }

    init(checked settings: Settings) {
        self.settings = settings
        initializer = Catalogue.initializers.first { $0.entry.id == settings.entry.id }!
    }

    /// The value that every bias starts from.
    var bias: Float { initializer.bias }

    /// - Parameters:
    ///   - inputs: of one unit.
    ///   - outputs: units that one input reaches.
    func initial(inputs: Int, outputs: Int) -> Plan.Initial {
        .drawn(by: initializer, settings: settings, fan: Initializer.Fan(input: inputs, output: outputs))
    }
}
