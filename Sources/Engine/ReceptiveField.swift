/// The part of an image that a value of the network depends on: rows and columns, which may reach into the padding around
/// the image.
public struct ReceptiveField: Sendable, Hashable {
    public var rows: Range<Int>
    public var columns: Range<Int>
    public init(rows: Range<Int>, columns: Range<Int>) { (self.rows, self.columns) = (rows, columns) }

    /// The smallest that holds both.
    fileprivate func union(_ other: ReceptiveField) -> ReceptiveField {
        ReceptiveField(
            rows: min(rows.lowerBound, other.rows.lowerBound)..<max(rows.upperBound, other.rows.upperBound),
            columns: min(
                columns.lowerBound, other.columns.lowerBound)..<max(columns.upperBound, other.columns.upperBound))
    }
}

/// Finds receptive fields: follows a network's operations from a value back to the input.
public struct ReceptiveFields: Sendable {
    private let program: Program
    private let outline: Outline

    /// - Throws: a mistake in the description.
    public init(_ description: NetworkDescription) throws(EngineError) {
        let plan = try Plan(description)
        (program, outline) = (plan.program, plan.outline)
    }

    /// The receptive field of a place in a layer's maps, the same for all maps, or of the whole layer where it has no maps.
    /// - Parameter place: row · width + column.
    /// - Returns: nil: the input is no image.
    public func field(of layer: LayerPath, place: Int) -> ReceptiveField? {
        guard outline.input.axes.count == 3 else { return nil }
        let (height, width) = (outline.input.axes[1], outline.input.axes[2])
        let all = ReceptiveField(rows: 0..<height, columns: 0..<width)
        let shape = layer.isInput ? outline.input : outline[layer]!.output
        // The parts of blocks of rows that the value depends on; nil: of unknown places, so all of them.
        var wanted: [(rows: Range<Int>, field: ReceptiveField?)] = []
        func want(_ slice: Slice, _ field: ReceptiveField?) {
            let rows = slice.offset..<slice.offset + slice.count
            guard let known = wanted.firstIndex(where: { $0.rows == rows }) else {
                return wanted.append((rows, field))
            }
            let before = wanted[known].field
            wanted[known].field = before.flatMap { before in field.map(before.union) }
        }
        var start: ReceptiveField?
        if shape.axes.count == 3 {
            let (row, column) = (place / shape.axes[2], place % shape.axes[2])
            start = ReceptiveField(rows: row..<row + 1, columns: column..<column + 1)
        }
        want(program[layer].activation, start)
        for operation in program.evaluationForward.reversed() {
            let results = operation.slices(.writes).filter { $0.block == .values }
            let met = wanted.filter { part in
                results.contains { $0.offset < part.rows.upperBound && part.rows.lowerBound < $0.offset + $0.count }
            }
            guard !met.isEmpty else { continue }
            let sources = operation.slices(.reads).filter { $0.block == .values }
            let field = met.dropFirst().reduce(met[0].field) { field, part in
                field.flatMap { field in part.field.map(field.union) }
            }
            for source in sources { want(source, field.flatMap { operation.field(before: $0, results, sources) }) }
        }
        let input = program.input.offset..<program.input.offset + program.input.count
        let parts = wanted.filter { $0.rows.overlaps(input) }.map { $0.field ?? all }
        guard let first = parts.first else { return all }
        return parts.dropFirst().reduce(first) { $0.union($1) }
    }
}

extension Operation {
    /// The places in its operands that a part of its results depends on; nil: all.
    fileprivate func field(before part: ReceptiveField, _ results: [Slice], _ sources: [Slice]) -> ReceptiveField? {
        guard let window else {
            // Value by value, where all have as many; else each result depends on every value.
            return Set((results + sources).map(\.count)).count == 1 ? part : nil
        }
        // The results have a value for each window, or are the image that the windows lie on.
        let hasWindows = results.contains(self["output"])
        func range(_ part: Range<Int>, kernel: Int, outs: Int) -> Range<Int> {
            let reach = window.dilation * (kernel - 1)
            if hasWindows {
                let first = part.lowerBound * window.stride - window.padding
                return first..<(part.upperBound - 1) * window.stride - window.padding + reach + 1
            }
            let first = (part.lowerBound + window.padding - reach + window.stride - 1)
                .flooredDivided(by: window.stride)
            let last = (part.upperBound - 1 + window.padding).flooredDivided(by: window.stride)
            return max(0, first)..<max(max(0, first), min(last, outs - 1)) + 1
        }
        return ReceptiveField(
            rows: range(part.rows, kernel: window.kernelHeight, outs: window.outHeight),
            columns: range(part.columns, kernel: window.kernelWidth, outs: window.outWidth))
    }
}

extension Int {
    fileprivate func flooredDivided(by divisor: Int) -> Int {
        self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor)
    }
}
