/// A learned model that answers at rows: all that the decision boundary, the points' mistakes and `predict` ask of it.
public protocol Predictor: AnyObject {
    /// 1 for values and mostly for two classes, else one for each class.
    var outputCount: Int { get }
    /// Of a single output for two classes: above it the answer is the second class.
    var boundary: Float { get }
    /// The outputs' values, each `[inputs.count]`.
    /// - Throws: that there is no memory for them.
    func outputs(at inputs: FixedInputs) throws(EngineError) -> [[Float]]
}

extension Predictor {
    /// The class that each row is taken for: the second one above the boundary, or the one of the largest output.
    /// - Parameter outputs: of a network for classes, each `[rows]`.
    public func classes(of outputs: [[Float]]) -> [Int] {
        outputs[0].indices.map { row in
            if outputs.count == 1 { return outputs[0][row] > boundary ? 1 : 0 }
            return outputs.indices.dropFirst().reduce(0) { outputs[$1][row] > outputs[$0][row] ? $1 : $0 }
        }
    }
}

extension Network: Predictor {
    public var outputCount: Int { outline.layers[outline.layers.count - 1].output.count }

    public func outputs(at inputs: FixedInputs) throws(EngineError) -> [[Float]] {
        let last = outline.output
        return try values(
            of: (0..<outputCount).map { Wanted(layer: last, stage: .activation, unit: $0) }, at: inputs)
    }
}
