extension RivalModel {
    /// Rows that one part of a team answers at once.
    private static var part: Int { 128 }

    /// The outputs for rows, row-major `[count, outputCount]`. Which thread takes which rows changes no bit.
    /// - Parameter rows: row-major `[count, width]`.
    func outputs(of rows: [Double], count: Int, team: ThreadTeam) -> [Double] {
        let (number, size) = (outputCount, Self.part)
        var answers = [Double](repeating: 0, count: count * number)
        guard count > 0 else { return answers }
        let width = rows.count / count
        rows.withUnsafeBufferPointer { rows in
            answers.withUnsafeMutableBufferPointer { answers in
                let (from, to) = (UInt(bitPattern: rows.baseAddress!), UInt(bitPattern: answers.baseAddress!))
                team.run(parts: (count + size - 1) / size) { part, _ in
                    let first = part * size
                    answer(
                        UnsafePointer<Double>(bitPattern: from)! + first * width, count: min(size, count - first),
                        into: UnsafeMutablePointer<Double>(bitPattern: to)! + first * number)
                }
            }
        }
        return answers
    }

    /// The same for samples as a network takes them.
    func outputs(at inputs: FixedInputs, team: ThreadTeam) -> [Double] {
        let (number, size, count, width) = (outputCount, Self.part, inputs.count, inputs.width)
        var answers = [Double](repeating: 0, count: count * number)
        answers.withUnsafeMutableBufferPointer { answers in
            guard let base = answers.baseAddress else { return }
            let to = UInt(bitPattern: base)
            team.run(parts: (count + size - 1) / size) { part, _ in
                let range = part * size..<min((part + 1) * size, count)
                withUnsafeTemporaryAllocation(of: Double.self, capacity: range.count * width) { rows in
                    inputs.write(range, to: rows.baseAddress!)
                    answer(
                        UnsafePointer(rows.baseAddress!), count: range.count,
                        into: UnsafeMutablePointer<Double>(bitPattern: to)! + range.lowerBound * number)
                }
            }
        }
        return answers
    }

    /// The class of each row, of outputs `[count, outputCount]`.
    func classes(of outputs: [Double]) -> [Int] {
        let number = outputCount
        if number == 1 { return outputs.map { $0 > 0 ? 1 : 0 } }
        return (0..<outputs.count / number).map { row in
            (1..<number).reduce(0) { outputs[row * number + $1] > outputs[row * number + $0] ? $1 : $0 }
        }
    }
}

/// A fitted rival that answers rows as the network takes them.
public final class RivalPredictor: Predictor {
    private let model: any RivalModel
    /// The network whose layer it learned from, with its parameters; nil: it takes the rows.
    private let network: Network?
    private let layer: LayerPath
    private let team: ThreadTeam

    /// - Parameters:
    ///   - network: loaded with the parameters; needed where it learned from a layer.
    ///   - layer: nil: it takes the rows.
    public init(_ model: any RivalModel, network: Network?, layer: LayerPath?, threads: Int) {
        precondition(layer == nil || network != nil, "a layer of no network")
        self.model = model
        self.network = layer == nil ? nil : network
        self.layer = layer ?? .input
        team = ThreadTeam(threads: threads)
    }

    public var outputCount: Int { model.outputCount }
    public var boundary: Float { 0 }
    public var givesProbabilities: Bool { model.givesProbabilities }

    public func outputs(at inputs: FixedInputs) throws(EngineError) -> [[Float]] {
        let outputs =
            if let network {
                model.outputs(of: try network.rows(of: layer, at: inputs), count: inputs.count, team: team)
            } else {
                model.outputs(at: inputs, team: team)
            }
        let number = outputCount
        return (0..<number).map { output in (0..<inputs.count).map { Float(outputs[$0 * number + output]) } }
    }
}

extension Network {
    /// A layer's values for each sample, row-major.
    func rows(of layer: LayerPath, at inputs: FixedInputs) throws(EngineError) -> [Double] {
        let units = outline[layer]!.output.count
        let values = try values(
            of: (0..<units).map { Wanted(layer: layer, stage: .activation, unit: $0) }, at: inputs)
        return (0..<inputs.count).flatMap { sample in values.map { Double($0[sample]) } }
    }
}

extension FixedInputs {
    /// The values, row-major `[count, width]`.
    var rowMajor: [Double] {
        [Double](unsafeUninitializedCapacity: count * width) { values, written in
            if let base = values.baseAddress { write(0..<count, to: base) }
            written = count * width
        }
    }

    /// Some rows, row-major `[rows, width]`.
    func write(_ range: Range<Int>, to out: UnsafeMutablePointer<Double>) {
        guard let block = rows.block else {
            for unit in 0..<width {
                for sample in range { out[(sample - range.lowerBound) * width + unit] = Double(rows[unit, sample]) }
            }
            return
        }
        // Some values of some samples at a time, whose places in memory stay near on both sides.
        let (samples, units) = (64, 8)
        for first in stride(from: range.lowerBound, to: range.upperBound, by: samples) {
            let end = min(first + samples, range.upperBound)
            for firstUnit in stride(from: 0, to: width, by: units) {
                for unit in firstUnit..<min(firstUnit + units, width) {
                    let row = block.base + unit * rows.stride
                    var to = out + (first - range.lowerBound) * width + unit
                    for sample in first..<end {
                        to.pointee = Double(row[sample])
                        to += width
                    }
                }
            }
        }
    }
}
