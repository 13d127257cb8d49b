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
        let rows = try network?.rows(of: layer, at: inputs) ?? inputs.rowMajor
        let outputs = model.outputs(of: rows, count: inputs.count, team: team)
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
    /// The values row-major `[count, width]`.
    var rowMajor: [Double] {
        var values = [Double](repeating: 0, count: count * width)
        for unit in 0..<width { for sample in 0..<count { values[sample * width + unit] = Double(rows[unit, sample]) } }
        return values
    }
}
