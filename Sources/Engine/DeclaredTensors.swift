/// The tensors that a network's layers have declared, in the order in which their initial numbers are drawn. Until all are
/// declared, a tensor's number stands for its place in the flat parameters.
struct DeclaredTensors {
    struct Tensor {
        var name: String
        var axes: [Int]
        var initial: Plan.Initial
        var decays: Bool
        var isTrained = true
        var isFrozen: Bool

        var count: Int { axes.reduce(1, *) }
    }

    private(set) var all: [Tensor] = []

    var count: Int { all.count }

    subscript(number: Int) -> Tensor { all[number] }

    mutating func append(_ tensor: Tensor) { all.append(tensor) }

    /// The number of a tensor by its whole name.
    func number(named name: String) -> Int? { all.firstIndex { $0.name == name } }

    /// Takes a tensor out of what is trained.
    mutating func makeState(_ number: Int) { all[number].isTrained = false }

    // MARK: - Places

    /// The tensors in the flat parameters: first all that decay, then the other trained ones, then the state.
    func placed() -> (tensors: [Outline.Tensor], flatCount: Int, decayingCount: Int) {
        var placed = all.map {
            Outline.Tensor(
                name: $0.name, axes: $0.axes, offset: 0, count: $0.count, decays: $0.decays, isTrained: $0.isTrained,
                isFrozen: $0.isFrozen)
        }
        var flatCount = 0
        func place(where isNext: (Outline.Tensor) -> Bool) -> Int {
            for index in placed.indices where isNext(placed[index]) {
                placed[index].offset = flatCount
                flatCount += placed[index].paddedCount
            }
            return flatCount
        }
        let decayingCount = place { $0.decays }
        _ = place { $0.isTrained && !$0.decays }
        let allCount = place { !$0.isTrained }
        return (placed, allCount, decayingCount)
    }

    /// The spans of the flat parameters with the tensors that training changes; neighbours make one span.
    static func trainedSpans(of tensors: [Outline.Tensor]) -> [Range<Int>] {
        var spans: [Range<Int>] = []
        for tensor in tensors.sorted(by: { $0.offset < $1.offset }) where tensor.isTrained && !tensor.isFrozen {
            let end = tensor.offset + tensor.paddedCount
            if let last = spans.last, last.upperBound == tensor.offset {
                spans[spans.count - 1] = last.lowerBound..<end
            } else {
                spans.append(tensor.offset..<end)
            }
        }
        return spans
    }
}

extension Program {
    /// Puts the places of tensors where their numbers stood.
    mutating func place(_ tensors: [Outline.Tensor]) {
        func placed(_ slice: Slice) -> Slice {
            guard slice.block == .parameters || slice.block == .parameterGradients else { return slice }
            return Slice(block: slice.block, offset: tensors[slice.offset].offset, count: slice.count)
        }
        func place(_ operations: inout [Operation]) {
            for index in operations.indices { operations[index].replaceSlices(placed) }
        }
        for index in pairs.indices {
            pairs[index].weight = placed(pairs[index].weight)
            pairs[index].bias = placed(pairs[index].bias)
            pairs[index].valueBias = placed(pairs[index].valueBias)
        }
        place(&trainingForward)
        place(&evaluationForward)
        place(&backward)
    }
}
