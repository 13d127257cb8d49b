/// The tape on which layers write a network: the forward operations as they are emitted, and for each the backward ones,
/// which are asked for in reverse order at the end.
///
/// Its extensions are long together, because whatever several layers emit alike (joins, convolutions, pools) is a function of
/// the tape, beside the layers that use it.
struct PlanBuilder {
    private struct BackwardStep {
        /// As `PlannedLayers.current`.
        var layer: Int
        var emit: (inout PlanBuilder) -> Void
    }

    /// The network's input and the rows of its targets.
    let input: Value
    let target: Slice
    /// The vocabulary, lengths and targets of the network's sequences.
    let sequence: SequenceForm
    /// The shape of the samples that a generator is to make; nil: there is none.
    let generated: Shape?
    /// The way back follows the pass outside training, down to the input, and no parameter is trained.
    let isOutsideTraining: Bool
    /// Outside training, the gradients at all parameters are planned too.
    private let derivesParameters: Bool

    private var program: Program
    private var tensors = DeclaredTensors()
    private var layers: [Outline.Layer] = []
    private var steps: [BackwardStep] = []
    private var isBackward = false
    private var gradients = WrittenGradients()
    private var planned = PlannedLayers()
    /// The number of stacks that are being planned inside each other: 1 for the network's own.
    private var blockDepth = 0
    private var names: LayerNames
    /// The times that the stack at work has been planned already, for each of the stacks around it that are planned several
    /// times with the same parameters.
    private var repetitions: [Int] = []
    /// The times that each layer of the stack at work is planned in all.
    private(set) var repeats = 1
    /// Whether a layer looks up the numbers of symbols; else they are taken as amounts.
    var looksUpSymbols = false

    /// Whether the layers at work have been planned before: their tensors are there, and they are told of already.
    private var isRepeating: Bool { repetitions.contains { $0 > 0 } }

    /// - Parameters:
    ///   - targets: rows of them.
    ///   - names: those of all layers of the network.
    ///   - generated: the shape of the samples that a generator is to make.
    ///   - isOutsideTraining: plans gradients at values, the input's too, in place of parameters'.
    ///   - derivesParameters: outside training, those at all parameters too.
    init(
        input shape: Shape, targets: Int, names: [String] = [], sequence: SequenceForm = SequenceForm(),
        generated: Shape? = nil, isOutsideTraining: Bool = false, derivesParameters: Bool = false
    ) {
        self.names = LayerNames(names)
        self.sequence = sequence
        self.generated = generated
        self.isOutsideTraining = isOutsideTraining
        self.derivesParameters = derivesParameters
        let slice = Slice(block: .values, offset: 0, count: shape.count)
        var input = Value(shape: shape, slice: slice, preActivation: slice, isDifferentiable: isOutsideTraining)
        input.vocabulary = sequence.vocabulary
        // The lengths lie behind the values.
        if sequence.hasLengths { input.lengths = Slice(block: .values, offset: shape.count, count: 1) }
        self.input = input
        target = Slice(block: .training, offset: 0, count: targets)
        let width = shape.count + (sequence.hasLengths ? 1 : 0)
        program = Program(input: Slice(block: .values, offset: 0, count: width), target: target)
        program.valueRows = width
        program.trainingRows = targets
    }

    // MARK: - Layers

    /// Plans a stack of layers, named `name.0`, `name.1` and so on, below the layer at work.
    /// - Parameter place: the stack's place in the description, for messages.
    /// - Throws: what is wrong with a layer, or with the shape that it meets; too many layers, values, or blocks inside
    ///   each other.
    mutating func run(_ choices: [Choice], _ x: Value, name: String, place: String) throws(EngineError) -> Value {
        let path = planned.current == nil ? name : "\(planned.own.path).\(name)"
        blockDepth += 1
        defer { blockDepth -= 1 }
        guard blockDepth <= NetworkDescription.deepestBlock + 1 else {
            throw EngineError(
                place: place,
                message: "expected at most \(NetworkDescription.deepestBlock) blocks inside each other; "
                    + "put the layers side by side in a block further out")
        }
        let outer = layers
        layers = []
        var x = x
        for (index, choice) in choices.enumerated() {
            let settings = try Settings(choice, in: .layer, place: "\(place).\(index)")
            let type = Catalogue.layers.first { $0.entry.id == choice.id }!
            guard planned.count < NetworkDescription.mostLayersInBlocks else {
                throw EngineError(
                    place: "\(place).\(index)",
                    message: "expected at most \(NetworkDescription.mostLayersInBlocks) layers with those in blocks; "
                        + "leave some out")
            }
            let name = settings.text(LayerKnobs.name.name)
            if !isRepeating { try names.register(name, path: "\(path).\(index)", place: settings.place) }
            x = try emit(
                type.init(settings: settings), x, path: "\(path).\(index)", index: index,
                name: name, isFrozen: settings.toggle(LayerKnobs.frozen.name))
            // A block that joins its input to itself doubles it: a few dozen of them would exceed any number.
            guard program.valueRows <= NetworkDescription.mostValues else {
                throw EngineError(
                    place: settings.place,
                    message:
                        "the layers up to here would make \(program.valueRows) values of a sample, expected at most "
                        + "\(NetworkDescription.mostValues); make the layers smaller, or join by sum, mean or max")
            }
        }
        if planned.current != nil {
            if !isRepeating { planned.own.stacks.append(Outline.Stack(name: name, layers: layers)) }
            layers = outer
        }
        return x
    }

    /// Plans a stack once for each of several inputs, with the same parameters.
    /// - Returns: what it makes of each.
    mutating func run(
        _ choices: [Choice], each inputs: [Value], name: String, place: String
    ) throws(EngineError) -> [Value] {
        repetitions.append(0)
        repeats *= inputs.count
        defer {
            repetitions.removeLast()
            repeats /= inputs.count
        }
        var results: [Value] = []
        for (index, input) in inputs.enumerated() {
            repetitions[repetitions.count - 1] = index
            results.append(try run(choices, input, name: name, place: place))
        }
        return results
    }

    /// Plans one layer.
    /// - Parameters:
    ///   - index: the layer's place in the description; nil for the output.
    ///   - name: empty: none.
    mutating func emit(
        _ layer: any Layer, _ x: Value, path: String, index: Int?, name: String = "", isFrozen: Bool = false
    ) throws(EngineError) -> Value {
        let parent = planned.current
        planned.begin(path: path, name: name, isFrozen: isFrozen, isKnown: isRepeating)
        defer { planned.current = parent }
        let firstTensor = tensors.count
        var y = try layer.emit(x, into: &self)
        // A layer that leaves the steps of a sequence in their places leaves each sample its own.
        if layer.keepsSteps, x.shape.axes.count == 2, y.shape.axes.count == 2, x.shape.axes[0] == y.shape.axes[0] {
            y.lengths = x.lengths
        }
        let places = Array(firstTensor..<tensors.count)
        let own = planned.own
        layers.append(
            Outline.Layer(
                path: path, index: index, name: name.isEmpty ? nil : name, isFrozen: own.isFrozen, title: layer.title,
                input: x.shape, output: y.shape, tensors: places,
                parameterCount: places.reduce(0) { $0 + (tensors[$1].isTrained ? tensors[$1].count : 0) },
                activation: own.activation ?? layer.activation?.choice, link: own.link ?? layer.link,
                formula: layer.formula,
                bytesPerSample: 0,
                stacks: own.stacks, cells: own.cells, attention: own.attention,
                drawsInput: own.drawsInput, repeats: repeatsByStep(y) ? repeats : 1,
                hasLengths: y.lengths != nil))
        // A block that hands on what a layer inside it made has no activation of its own.
        let preActivation = own.stacks.isEmpty ? y.preActivation : y.slice
        let values = Program.LayerValues(preActivation: preActivation, activation: y.slice)
        if parent == nil {
            program.layers.append(values)
        } else if let place = own.place {
            program.inside[place] = values
            if repeatsByStep(y) { program.bySteps[place, default: []].append(values) }
        }
        return y
    }

    /// Whether the layer at work is planned for each step of a sequence, and makes values of that step alone.
    private func repeatsByStep(_ y: Value) -> Bool { repetitions.count == 1 && repeats > 1 && y.shape.axes.count == 1 }

    /// Whether the layer at work is frozen: its parameters have no gradients, and its state stays.
    var isFrozen: Bool { isOutsideTraining || planned.own.isFrozen }

    /// A stream of random numbers of the layer at work's own: its index, or within a block a hash of its path.
    var stream: Int {
        planned.isInBlock ? stream("") : layers.count
    }

    /// A stream of a part of the layer at work.
    func stream(_ part: String) -> Int {
        let place = repetitions.map { ".\($0)" }.joined() + part
        return Int(stableHash((planned.own.path + place).utf8) & 0x3FFF_FFFF) | 0x4000_0000
    }

    // MARK: - What layers emit

    /// Declares a tensor of the layer at work. The initial weights are drawn in the order of the declarations.
    /// - Parameters:
    ///   - name: the last part of the tensor's name: "weight", "bias".
    ///   - axes: as PyTorch's.
    ///   - decays: whether regularization draws it towards 0.
    mutating func parameter(_ name: String, axes: [Int], initial: Plan.Initial, decays: Bool) -> Parameter {
        let tensor = DeclaredTensors.Tensor(
            name: "\(planned.own.path).\(name)", axes: axes, initial: initial, decays: decays, isFrozen: isFrozen)
        // The number of the tensor stands for its place, which is known when all are declared.
        let place: Int
        if isRepeating, let known = tensors.number(named: tensor.name) {
            place = known
        } else {
            place = tensors.count
            tensors.append(tensor)
        }
        return Parameter(
            value: Slice(block: .parameters, offset: place, count: tensor.count),
            gradient: isFrozen && !derivesParameters
                ? nil : Slice(block: .parameterGradients, offset: place, count: tensor.count))
    }

    /// Declares numbers of the layer at work that the forward pass changes, and that are saved and copied with the
    /// parameters: running statistics.
    mutating func state(_ name: String, axes: [Int], initial: Float) -> Slice {
        state(name, axes: axes, initial: .constant(initial))
    }

    mutating func state(_ name: String, axes: [Int], initial: Plan.Initial) -> Slice {
        let slice = parameter(name, axes: axes, initial: initial, decays: false).value
        tensors.makeState(slice.offset)
        return slice
    }

    /// Declares how the units of the layer at work depend on those before it.
    mutating func declare(_ link: Outline.Link) { planned.own.link = link }

    /// Declares the activation of the layer at work, where the layers before it decide it.
    mutating func declare(activation: Choice) { planned.own.activation = activation }

    /// Declares cells of the layer at work.
    /// - Returns: their number in the layer; nil where the layer is planned again, for a further step.
    mutating func declare(_ rows: CellRows) -> Int? {
        guard !isRepeating, let place = planned.own.place else { return nil }
        planned.own.cells.append(rows.cells)
        program.cells[place, default: []].append(rows)
        return planned.own.cells.count - 1
    }

    /// Tells where the gradients at the values of cells will lie.
    mutating func declareGradients(_ gradients: CellRows.Gradients, ofCells number: Int?) {
        guard let number, let place = planned.own.place else { return }
        program.cells[place]![number].gradients = gradients
    }

    /// Declares the weights `[steps, steps]` of the layer at work.
    mutating func declare(_ attention: Outline.SelfAttention, weights: Slice) {
        guard !isRepeating, let place = planned.own.place else { return }
        planned.own.attention = attention
        program.attention[place] = weights
    }

    /// Declares the rows that the layer at work brings to mean 0 and deviation 1 over the batch.
    mutating func declare(normalized: Slice) {
        guard let place = planned.own.place else { return }
        program.normalized[place, default: []].append(normalized)
    }

    /// The layers so far that draw the values before them, and the parameters by which they do.
    var pairs: [EnergyPair] { program.pairs }
    private(set) var drawing: [(weight: Parameter, valueBias: Parameter)] = []

    /// Declares that the layer at work, whose units are on or off at random, draws the values before it too. In a block nothing
    /// asks for that.
    mutating func declare(
        weight: Parameter, bias: Parameter, valueBias: Parameter, from x: Value, sums: Value, to y: Value,
        isNormal: Bool
    ) {
        guard planned.current != nil, !planned.isInBlock, planned.own.place != nil else { return }
        planned.own.drawsInput = true
        drawing.append((weight, valueBias))
        program.pairs.append(
            EnergyPair(
                layer: layers.count, input: x.slice, sums: sums.slice, units: y.slice, weight: weight.value,
                bias: bias.value, valueBias: valueBias.value, isNormal: isNormal))
    }

    /// Lets layers after the one at work use its weight [rows, columns] too, where that layer has a name.
    mutating func share(_ weight: Parameter, rows: Int, columns: Int) {
        let layer = planned.own
        names.share(
            SharedWeight(parameter: weight, path: layer.path, rows: rows, columns: columns), name: layer.name)
    }

    /// The weight of an earlier layer for the one at work (see `LayerNames.weight`).
    func weight(of name: String, rows: Int, columns: Int, place: String) throws(EngineError) -> SharedWeight {
        try names.weight(of: name, for: planned.own.path, rows: rows, columns: columns, place: place)
    }

    /// Rows for a value that follows from others.
    /// - Parameters:
    ///   - activationOf: the value that an activation is applied to.
    ///   - isDifferentiable: whether parameters that train lie before it.
    mutating func value(_ shape: Shape, activationOf source: Value? = nil, isDifferentiable: Bool) -> Value {
        let slice = Slice(block: .values, offset: program.valueRows, count: shape.count)
        program.valueRows += shape.count
        planned.countRows(shape.count)
        return Value(
            shape: shape, slice: slice, preActivation: source?.slice ?? slice, isDifferentiable: isDifferentiable)
    }

    /// Takes rows from the pass before, and hands others on to the next one; 0 where no pass came before.
    /// - Parameters:
    ///   - name: of the rows, unique in the layer at work.
    ///   - before: where they are to lie.
    /// - Returns: emits the operation that hands on: call it when the other rows have been written.
    mutating func carry(_ name: String, to before: Slice) -> (inout PlanBuilder, Slice) -> Void {
        let m = before.count
        let kept = value(Shape(m), isDifferentiable: false).slice
        program.carried.append(Program.Carried(name: "\(planned.own.path).\(name)", slice: kept))
        if program.deviceRefusal == nil {
            program.deviceRefusal = EngineError(
                place: planned.own.path,
                message:
                    "a state that is carried from window to window stays with the processor, where the network trains")
        }
        emit(Operation(.copy, m: m, ["output": before, "input": kept]))
        return { plan, last in plan.emit(Operation(.copy, m: m, ["output": kept, "input": last])) }
    }

    /// Rows that only training needs.
    mutating func trainingRows(_ count: Int) -> Slice {
        defer { program.trainingRows += count }
        planned.countRows(count)
        return Slice(block: .training, offset: program.trainingRows, count: count)
    }

    /// An operation of the forward pass, or of the backward pass within `backward`.
    /// - Parameters: training, evaluation: the passes that it is a part of, forward.
    mutating func emit(_ operation: Operation, training: Bool = true, evaluation: Bool = true) {
        noteDevice(operation)
        if isBackward { return program.backward.append(gradients.summing(operation)) }
        if isOutsideTraining ? evaluation : training { program.trainingForward.append(operation) }
        if evaluation { program.evaluationForward.append(operation) }
    }

    /// Remembers the layer whose operation no device can do.
    private mutating func noteDevice(_ operation: Operation) {
        guard operation.primitive.device == nil, program.deviceRefusal == nil else { return }
        program.deviceRefusal = EngineError(
            place: planned.current == nil ? "output.loss" : planned.own.path,
            message: "the operation \(operation.primitive.id) of this layer has no text for devices, so that the "
                + "network trains on the processor alone")
    }

    /// Adds rows of `values` to each sample's loss, whose gradient the layer at work emits itself.
    mutating func addPenalty(_ rows: Slice) { program.penalties.append(rows) }

    /// Operations of the backward pass. They follow those of all that is emitted later.
    mutating func backward(_ emit: @escaping (inout PlanBuilder) -> Void) {
        steps.append(BackwardStep(layer: planned.current!, emit: emit))
    }

    // MARK: - Gradients

    /// Whether an operation of the backward pass so far has written a parameter's gradient.
    func isWritten(_ gradient: Slice) -> Bool { gradients.contains(gradient) }

    /// The rows with the loss's derivative at a value; nil where the loss does not depend on it. Within `backward` it is
    /// complete.
    func gradient(of value: Value) -> Slice? { gradients.ofValues[value.slice] }

    /// The same, for the last time: the next one to write there begins anew.
    mutating func takeGradient(of value: Value) -> Slice? { gradients.take(of: value.slice) }

    /// Emits what an operation adds to the derivative at a value: the first writes it, others are added. Nothing is
    /// emitted where no parameters that train lie before the value.
    /// - Parameter operation: writes to the rows that it is given.
    mutating func addGradient(of value: Value, _ operation: (Slice) -> Operation) {
        if value.isDifferentiable { addGradient(of: value.slice, operation) }
    }

    mutating func addGradient(of rows: Slice, _ operation: (Slice) -> Operation) {
        let own = trainingRows(rows.count)
        let written = operation(own)
        noteDevice(written)
        program.backward.append(gradients.summing(written))
        addWrittenGradient(of: rows, own)
    }

    /// Adds what operations have written to the derivative at rows.
    mutating func addWrittenGradient(of rows: Slice, _ own: Slice) {
        if let sum = gradients.add(own, of: rows) { program.backward.append(sum) }
    }

    // MARK: - The end

    /// Emits the backward operations, and gives all parameters their places.
    consuming func finish() -> (Outline, Program, initials: [Plan.Initial], decayingCount: Int) {
        isBackward = true
        if isOutsideTraining { reserveGradients() }
        for step in steps.reversed() {
            planned.current = step.layer
            step.emit(&self)
        }
        if !isOutsideTraining {
            program.gradients = gradients.ofValues
            program.dropUnreadValues()
        }
        let (outlined, flatCount, decayingCount) = tensors.placed()
        program.place(outlined)
        let rows = planned.rowsByPath
        for index in layers.indices { layers[index].setBytes { 4 * rows[$0]! } }
        let outline = Outline(
            input: input.shape, layers: layers, tensors: outlined, flatCount: flatCount,
            trainedSpans: DeclaredTensors.trainedSpans(of: outlined),
            parameterCount: outlined.reduce(0) { $0 + ($1.isTrained ? $1.count : 0) },
            bytesPerSample: 4 * (program.valueRows + program.trainingRows),
            smallestBatch: program.smallestBatch, symbolsAsAmounts: looksUpSymbols ? nil : input.vocabulary)
        return (outline, program, tensors.all.map(\.initial), decayingCount)
    }

    /// Gives all layers' values rows for gradients, so that each of them can be where the way back begins.
    private mutating func reserveGradients() {
        for slice in program.places where gradients.ofValues[slice] == nil {
            let rows = trainingRows(slice.count)
            _ = gradients.add(rows, of: slice)
        }
        program.gradients = gradients.ofValues
    }
}
