import CKernels

/// Chains of Gibbs sampling through the layers at the beginning of a network that draw each other: what the network takes for
/// likely. Memory of its own; makes pictures from a copy of the parameters.
///
/// The last such layer and the values before it draw each other, and the layers below give the probabilities of the network's
/// inputs. Where some inputs are held, those of several layers rise through all of them first.
public final class GibbsChains {
    public let description: NetworkDescription
    /// Chains side by side.
    public let count: Int
    /// The number of the network's inputs.
    public let width: Int
    /// The classes beside the last layer's values; 0: they play no part.
    public let classes: Int
    /// The steps since `begin`.
    public private(set) var steps = 0

    private let parameters: Block
    /// From the inputs to the values before the last layer; nil: there is one layer.
    private let rising: (pass: CPUPass, values: Slice)?
    private let top: CPUPass
    /// Rows of the top pass: the values that are drawn, the probabilities of the inputs, drawn inputs, the classes.
    private let rows: (values: Slice, probabilities: Slice, inputs: Slice, labels: Slice?)
    /// Multiplications of weights and values that one step of all chains takes.
    public var multiplications: Int {
        count
            * (top.program.evaluationForward + (rising?.pass.program.evaluationForward ?? [])).reduce(0) {
                $0 + $1.multiplications
            }
    }
    private var seed: UInt64 = 0
    private var held = Held()

    /// The values that are kept as they are.
    public struct Held: Sendable, Hashable {
        /// Of inputs their values, the same in every chain; nil: free. Empty: all are.
        public var inputs: [Float?] = []
        /// A class for each chain; nil: it is drawn. Empty: all are.
        public var classes: [Int?] = []
        public init(inputs: [Float?] = [], classes: [Int?] = []) { (self.inputs, self.classes) = (inputs, classes) }

        var holdsInputs: Bool { inputs.contains { $0 != nil } }
    }

    /// - Parameter withLabels: the output layer stands beside the last layer's values.
    /// - Returns: nil where no layer at the beginning draws the values before it.
    public init?(_ description: NetworkDescription, chains count: Int, withLabels: Bool) throws(EngineError) {
        let plan = try Plan(description)
        let all = plan.program.pairs
        let pairs = Array(all.prefix { pair in pair.layer < all.count && all[pair.layer] == pair })
        guard let last = pairs.last else { return nil }
        (self.description, self.count, width) = (description, count, pairs[0].n)
        parameters = try Block(count: plan.outline.flatCount)
        let labels = withLabels ? EnergyLabels(plan.outline) : nil
        classes = labels?.classes ?? 0

        var builder = RowBuilder(input: last.n)
        let values = builder.program.input
        let (units, chosen) = (builder.rows(last.m), builder.rows(last.m))
        let label = labels.map { labels in
            (drawn: builder.rows(labels.classes), sums: builder.rows(labels.classes), scratch: builder.rows(last.m))
        }
        if let labels, let label {
            builder.emit(labels.up(last, units, scratch: label.scratch, from: values, labels: label.drawn))
        } else {
            builder.emit(last.up(units, from: values))
        }
        builder.draw(chosen, units)
        var probabilities = builder.rows(last.n)
        builder.emit(last.down(probabilities, from: chosen))
        builder.emit([Operation(.copy, m: last.n, ["output": values, "input": probabilities])])
        builder.emit([last.draw(values: values, stream: builder.stream())])
        if let labels, let label {
            builder.emit(labels.down(label.drawn, sums: label.sums, from: chosen))
            builder.emit([
                Operation(
                    .drawClass, kind: .stream(builder.stream()), m: labels.classes,
                    ["output": label.drawn, "input": label.drawn])
            ])
        }
        var drawn = values
        for pair in pairs.dropLast().reversed() {
            let above = drawn
            (probabilities, drawn) = (builder.rows(pair.n), builder.rows(pair.n))
            builder.emit(pair.down(probabilities, from: above))
            builder.emit([Operation(.copy, m: pair.n, ["output": drawn, "input": probabilities])])
            builder.emit([pair.draw(values: drawn, stream: builder.stream())])
        }
        rows = (values, probabilities, drawn, label?.drawn)
        top = try CPUPass(builder.program, part: .evaluation, capacity: count, parameters: parameters)
        rising = try Self.rising(Array(pairs.dropLast()), count: count, parameters)
    }

    private static func rising(
        _ pairs: [EnergyPair], count: Int, _ parameters: Block
    ) throws(EngineError) -> (pass: CPUPass, values: Slice)? {
        guard let first = pairs.first else { return nil }
        var builder = RowBuilder(input: first.n)
        var values = builder.program.input
        for pair in pairs {
            let (units, chosen) = (builder.rows(pair.m), builder.rows(pair.m))
            builder.emit(pair.up(units, from: values))
            builder.draw(chosen, units)
            values = chosen
        }
        return (
            try CPUPass(builder.program, part: .evaluation, capacity: count, parameters: parameters), values
        )
    }

    // MARK: - Running

    /// Copies the flat parameters of the network in.
    public func load(parameters: [Float]) { self.parameters.write(parameters) }

    /// Begins all chains anew.
    /// - Parameter inputs: row-major `[count, width]`, from which the chains start; nil: every value of the last layer's side is
    ///   drawn at even odds.
    public func begin(seed: UInt64, from inputs: [Float]? = nil) {
        (self.seed, steps) = (seed, 0)
        if let inputs {
            let pass = rising?.pass ?? top
            pass.write(inputs, to: pass.program.input, count: count)
            if let rising {
                rising.pass.run(count: count, seed: seed, counter: .max)
                copy(rising.values, of: rising.pass, to: rows.values)
            }
        } else {
            var random = Random(seed: seed)
            fill(rows.values) { _, _ in random.uniform() < 0.5 ? 0 : 1 }
        }
        if let labels = rows.labels {
            var random = Random(seed: ~seed)
            let drawn = (0..<count).map { _ in Int(random.uniform() * Double(classes)) }
            fill(labels) { label, chain in label == drawn[chain] ? 1 : 0 }
        }
        hold(held)
    }

    /// Keeps inputs and classes as they are from now on.
    public func hold(_ held: Held) {
        self.held = held
        holdInputs()
        holdClasses()
    }

    /// Steps of all chains: each draws units by values, and values by units.
    public func run(steps: Int) {
        for _ in 0..<steps {
            if let rising, held.holdsInputs, self.steps > 0 {
                rising.pass.run(count: count, seed: seed, counter: UInt64(self.steps))
                copy(rising.values, of: rising.pass, to: rows.values)
            }
            top.run(count: count, seed: ~seed, counter: UInt64(self.steps))
            self.steps += 1
            if let rising { copy(rows.inputs, of: top, to: rising.pass.program.input, of: rising.pass) }
            holdInputs()
            holdClasses()
        }
    }

    private func holdInputs() {
        let pass = rising?.pass ?? top
        for (input, value) in held.inputs.enumerated() where input < width {
            guard let value else { continue }
            let row = pass.rows(pass.program.input) + input * pass.stride
            for chain in 0..<count { row[chain] = value }
        }
    }

    private func holdClasses() {
        guard let labels = rows.labels else { return }
        let base = top.rows(labels)
        for (chain, label) in held.classes.enumerated() where chain < count {
            guard let label else { continue }
            for unit in 0..<classes { base[unit * top.stride + chain] = unit == label ? 1 : 0 }
        }
    }

    // MARK: - Reading

    /// The probabilities of the inputs, or the means of normal ones, row-major `[count, width]`; what is held as it is.
    public var inputs: [Float] {
        let base = top.rows(steps == 0 ? (rising == nil ? rows.values : rows.probabilities) : rows.probabilities)
        var inputs = [Float](repeating: 0, count: count * width)
        for chain in 0..<count {
            for input in 0..<width {
                let kept = input < held.inputs.count ? held.inputs[input] : nil
                inputs[chain * width + input] = kept ?? base[input * top.stride + chain]
            }
        }
        return inputs
    }

    /// The class that is on in each chain; nil: there are none.
    public var labels: [Int]? {
        guard let labels = rows.labels else { return nil }
        let base = top.rows(labels)
        return (0..<count).map { chain in (0..<classes).first { base[$0 * top.stride + chain] > 0.5 } ?? 0 }
    }

    // MARK: - Rows

    private func fill(_ slice: Slice, _ value: (_ unit: Int, _ chain: Int) -> Float) {
        let base = top.rows(slice)
        for unit in 0..<slice.count { for chain in 0..<count { base[unit * top.stride + chain] = value(unit, chain) } }
    }

    private func copy(_ slice: Slice, of pass: CPUPass, to target: Slice, of other: CPUPass? = nil) {
        // Passes of one capacity have one stride.
        (other ?? top).rows(target).update(from: pass.rows(slice), count: slice.count * pass.stride)
    }
}

/// A program whose rows are all of one block.
private struct RowBuilder {
    private(set) var program: Program
    private var streams = 0

    /// - Parameter input: rows of it.
    init(input: Int) {
        program = Program(
            input: Slice(block: .values, offset: 0, count: input), target: Slice(block: .training, offset: 0, count: 0))
        program.valueRows = input
    }

    mutating func rows(_ count: Int) -> Slice {
        defer { program.valueRows += count }
        return Slice(block: .values, offset: program.valueRows, count: count)
    }

    mutating func emit(_ operations: [Operation]) { program.evaluationForward += operations }

    mutating func stream() -> Int {
        streams += 1
        return streams
    }

    mutating func draw(_ output: Slice, _ probabilities: Slice) {
        let stream = stream()
        emit([
            Operation(.drawBits, kind: .stream(stream), m: output.count, ["output": output, "input": probabilities])
        ])
    }
}
