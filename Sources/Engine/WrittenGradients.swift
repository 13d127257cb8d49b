/// The gradients that the operations of the way back have written so far: the first writes one, others add to it.
struct WrittenGradients {
    /// Those of values, by the rows whose gradients they are.
    private(set) var ofValues: [Slice: Slice] = [:]
    /// Those of parameters, in part or as a whole.
    private var ofParameters: Set<Slice> = []

    /// Whether an operation has written to the gradient of parameters.
    func contains(_ gradient: Slice) -> Bool { ofParameters.contains(gradient) }

    /// An operation whose sums are added to those that one before it has left there.
    mutating func summing(_ operation: Operation) -> Operation {
        var operation = operation
        let sums = operation.slices(.sums)
        operation.adds = sums.contains { ofParameters.contains($0) }
        precondition(
            !operation.adds || sums.allSatisfy { ofParameters.contains($0) },
            "a sum that is new beside one that is not")
        ofParameters.formUnion(sums)
        return operation
    }

    /// Notes the gradient of a value.
    /// - Returns: the operation that adds it to the one that is there; nil: it is the first.
    mutating func add(_ own: Slice, of rows: Slice) -> Operation? {
        guard let sum = ofValues[rows] else {
            ofValues[rows] = own
            return nil
        }
        return Operation(.add, m: rows.count, ["output": sum, "input": sum, "other": own])
    }

    /// Takes the gradient of a value away: the next one to write there begins anew.
    mutating func take(of rows: Slice) -> Slice? { ofValues.removeValue(forKey: rows) }
}
