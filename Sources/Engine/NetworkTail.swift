/// The part of a network that lies behind one of its layers, with memory of its own: its answers to any values of that layer,
/// such as what a decoder makes of a code. Layers tied to one before it use that one's weights.
public final class NetworkTail {
    public let description: NetworkDescription
    public let layer: LayerPath
    /// Values of the layer, and of the output.
    public let width: Int
    public let outputCount: Int
    private let capacity: Int
    private let parameters: Block
    private let pass: CPUPass
    private let output: Slice

    /// - Parameter capacity: the largest number of samples in one pass.
    /// - Returns: nil where the layer's values do not fix the output: another way leads around it.
    public init?(_ description: NetworkDescription, behind layer: LayerPath, capacity: Int) throws(EngineError) {
        let plan = try Plan(description)
        guard layer.isInput || plan.outline[layer] != nil else { return nil }
        var program = plan.program
        let (rows, output) = (program[layer].activation, program[plan.outline.output].activation)
        guard rows != output, let tail = Self.operations(of: program, from: rows, to: output) else { return nil }
        program.evaluationForward = tail
        // The layer's values are written where the pass expects an input.
        program.input = rows
        (self.description, self.layer, self.output) = (description, layer, output)
        (width, outputCount, self.capacity) = (rows.count, output.count, capacity)
        parameters = try Block(count: plan.outline.flatCount)
        pass = try CPUPass(program, part: .evaluation, capacity: capacity, parameters: parameters)
    }

    /// The operations that lead from rows to others; nil: they need more than these.
    private static func operations(of program: Program, from rows: Slice, to output: Slice) -> [Operation]? {
        func overlap(_ one: Slice, _ other: Slice) -> Bool {
            one.block == other.block && one.offset < other.offset + other.count && other.offset < one.offset + one.count
        }
        func isInside(_ slice: Slice, _ whole: Slice) -> Bool {
            slice.block == whole.block && slice.offset >= whole.offset
                && slice.offset + slice.count <= whole.offset + whole.count
        }
        let all = program.evaluationForward
        let first = all.lastIndex { $0.slices(.writes).contains { overlap($0, rows) } }.map { $0 + 1 } ?? 0
        var needed = [output]
        var tail: [Operation] = []
        for operation in all[first...].reversed() {
            guard operation.slices(.writes).contains(where: { written in needed.contains { overlap(written, $0) } })
            else { continue }
            tail.append(operation)
            needed += operation.slices(.reads).filter { $0.block == .values }
        }
        tail.reverse()
        let written = tail.flatMap { $0.slices(.writes) } + [rows]
        guard needed.allSatisfy({ slice in isInside(slice, rows) || written.contains { overlap(slice, $0) } }) else {
            return nil
        }
        return tail
    }

    /// Copies the flat parameters of the whole network in.
    public func load(parameters: [Float]) { self.parameters.write(parameters) }

    /// The output's values, row-major `[count, outputCount]`.
    /// - Parameter values: the layer's, row-major `[count, width]`.
    public func outputs(of values: [Float]) -> [Float] {
        precondition(values.count % width == 0, "\(values.count) values are no rows of \(width)")
        let all = values.count / width
        var outputs = [Float](repeating: 0, count: all * outputCount)
        for first in stride(from: 0, to: all, by: capacity) {
            let count = min(capacity, all - first)
            pass.write(Array(values[first * width..<(first + count) * width]), to: pass.program.input, count: count)
            pass.run(count: count)
            let rows = pass.rows(output)
            for sample in 0..<count {
                for unit in 0..<outputCount {
                    outputs[(first + sample) * outputCount + unit] = rows[unit * pass.stride + sample]
                }
            }
        }
        return outputs
    }
}
