import CKernels
import COpenCL

/// Binds operations to kernels with their arguments, as their primitives say.
struct OpenCLBinding {
    typealias Launch = OpenCLPass.Launch

    let memory: OpenCLMemory
    let values: OpenCLBuffer
    let training: OpenCLBuffer
    /// Floats from one unit's row to the next.
    let stride: Int
    let kernels: OpenCLObject

    private var style: KernelText.Style { memory.style }
    var lanes: Int { style.lanes }
    var vectors: Int { stride / lanes }

    /// Multiplications from which a library's packing pays, on a graphics card.
    private static let leastBlastWork = 1 << 20

    /// Whether a product goes to CLBlast, where that is installed: its kernels are tuned for cards.
    func isBlast(_ work: Int) -> Bool {
        memory.prefersBlast && work >= Self.leastBlastWork && lcl_clblast_sgemm() != nil
    }

    /// The operation's kernels, in the order in which they run.
    func bind(_ operation: Operation) throws(OpenCL.Failure) -> [Launch] {
        guard let device = operation.primitive.device else {
            preconditionFailure("\(operation.primitive.id) has no device's text")
        }
        return try device(operation, self).map { launch in
            var launch = launch
            launch.adds = operation.adds
            return launch
        }
    }

    // MARK: - Products

    func matrix(_ slice: Slice, _ stride: Int) -> OpenCLProduct.Matrix {
        let (buffer, offset) = place(slice)
        return OpenCLProduct.Matrix(buffer: buffer, offset: offset, stride: stride)
    }

    /// z[i, s] = bias[i], to which a product is then added.
    func spreadBias(_ result: Slice, _ bias: Slice?, units: Int) throws(OpenCL.Failure) -> Launch {
        var arguments = try arguments("spreadBias")
        try arguments.rows(result)
        try arguments.floats(bias)
        try arguments.add(Int32(vectors))
        return launch(arguments, items: vectors, units: units)
    }

    /// A product that CLBlast does.
    func blast(_ product: OpenCLProduct) throws(OpenCL.Failure) -> Launch {
        Launch(product: product, kernel: try arguments("copy").kernel, global: [], local: [])
    }

    func weightedSums(
        _ result: Slice, weights: Slice, bias: Slice?, of input: Slice, outputs: Int, terms: Int, outer: Int, inner: Int
    ) throws(OpenCL.Failure) -> Launch {
        var arguments = try arguments("weightedSums")
        try arguments.floats(result)
        try arguments.floats(weights)
        try arguments.floats(bias)
        try arguments.floats(input)
        for number in [outputs, terms, outer, inner, stride] { try arguments.add(Int32(number)) }
        let (global, local) = blocks(columns: stride, rows: outputs, block: (32, 8))
        return Launch(kernel: arguments.kernel, global: global, local: local)
    }

    /// sums[rows, columns] (+)= left[rows, B] · right[columns, B]ᵀ.
    func outerSums(
        _ sums: Slice, _ left: Slice, _ right: Slice, rows: Int, columns: Int
    ) throws(OpenCL.Failure) -> Launch {
        var arguments = try arguments("outerSums")
        try arguments.floats(sums)
        try arguments.floats(left)
        try arguments.floats(right)
        for number in [rows, columns, stride] { try arguments.add(Int32(number)) }
        let (global, local) = blocks(columns: columns, rows: rows, block: (32, 4))
        return Launch(kernel: arguments.kernel, global: global, local: local, accumulateAt: arguments.index)
    }

    /// Work-items for results that are made in blocks: one to an item on a processor; on a card 4 × 4 to an item of a
    /// square group.
    private func blocks(columns: Int, rows: Int, block: (columns: Int, rows: Int)) -> (global: [Int], local: [Int]) {
        func parts(_ count: Int, _ size: Int) -> Int { (count + size - 1) / size }
        let tile = style.tile
        return lanes > 1
            ? ([parts(columns, block.columns), parts(rows, block.rows)], [1, 1])
            : ([tile * parts(columns, 4 * tile), tile * parts(rows, 4 * tile)], [tile, tile])
    }

    /// sums[rows] (+)= the sums of the rows over the batch.
    func rowSums(_ sums: Slice, of values: Slice, rows: Int) throws(OpenCL.Failure) -> Launch {
        var arguments = try arguments("rowSums")
        try arguments.floats(sums)
        try arguments.rows(values)
        try arguments.add(Int32(vectors))
        return try sumLaunch(arguments, groups: rows)
    }

    /// Groups that each add up what is in many places; the last arguments are whether to what is there, and local memory.
    /// - Parameter sums: the number that each group makes.
    func sumLaunch(_ arguments: Arguments, groups: Int, sums: Int = 1) throws(OpenCL.Failure) -> Launch {
        let accumulateAt = arguments.index
        try arguments.kernel.reserve(accumulateAt + 1, localBytes: 4 * style.sumGroup * sums)
        return Launch(
            kernel: arguments.kernel, global: [groups * style.sumGroup], local: [style.sumGroup],
            accumulateAt: accumulateAt)
    }

    // MARK: - Values alone

    func elements(
        _ name: String, _ units: Int, _ slices: [Slice], knobs: [Double] = []
    ) throws(OpenCL.Failure) -> Launch {
        var arguments = try arguments(name)
        for slice in slices { try arguments.rows(slice) }
        for knob in knobs { try arguments.add(Float(knob)) }
        try arguments.add(Int32(units * vectors))
        return launch(arguments, items: units * vectors)
    }

    func columns(_ name: String, _ units: Int, _ slices: Slice...) throws(OpenCL.Failure) -> Launch {
        var arguments = try arguments(name)
        for slice in slices { try arguments.rows(slice) }
        try arguments.add(Int32(units))
        try arguments.add(Int32(vectors))
        return launch(arguments, items: vectors)
    }

    /// - Parameters:
    ///   - items: what the work-items share.
    ///   - units: places on the second axis.
    func launch(_ arguments: Arguments, items: Int, units: Int? = nil) -> Launch {
        let (global, local) = style.items(items)
        return Launch(
            kernel: arguments.kernel, global: [global] + (units.map { [$0] } ?? []),
            local: [local] + (units == nil ? [] : [1]))
    }

    // MARK: - Arguments

    static func knobs(_ numbers: [Double]) -> SIMD4<Float> {
        var vector = SIMD4<Float>()
        for (index, number) in numbers.enumerated() { vector[index] = Float(number) }
        return vector
    }

    func arguments(_ name: String) throws(OpenCL.Failure) -> Arguments {
        Arguments(kernel: try OpenCLKernel(name, in: kernels, memory.queue.context), binding: self)
    }

    /// A kernel's arguments, one after the other.
    struct Arguments {
        let kernel: OpenCLKernel
        let binding: OpenCLBinding
        var index = 0

        mutating func add<T: BitwiseCopyable>(_ value: T) throws(OpenCL.Failure) {
            try kernel.set(index, value)
            index += 1
        }

        /// Buffers, and where the slices begin, in lanes.
        mutating func rows(_ slices: Slice...) throws(OpenCL.Failure) {
            for slice in slices { try place(slice, unit: binding.lanes) }
        }

        /// A buffer, and where the slice begins, in floats; −1 where there is none.
        mutating func floats(_ slice: Slice?) throws(OpenCL.Failure) { try place(slice, unit: 1) }

        private mutating func place(_ slice: Slice?, unit: Int) throws(OpenCL.Failure) {
            let (buffer, offset) = binding.place(slice)
            try kernel.set(index, buffer)
            try kernel.set(index + 1, Int32(offset < 0 ? -1 : offset / unit))
            index += 2
        }
    }

    private func place(_ slice: Slice?) -> (OpenCLBuffer, Int) {
        guard let slice else { return (memory.parameters, -1) }
        return switch slice.block {
        case .values: (values, slice.offset * stride)
        case .training: (training, slice.offset * stride)
        case .parameters: (memory.parameters, slice.offset)
        case .parameterGradients: (memory.gradients, slice.offset)
        }
    }
}

extension Operation {
    /// The name of the operation's function in the kernels' text.
    var symbol: String { kind.symbol }
}

extension Operation.Kind {
    var symbol: String {
        switch self {
        case .activation(let id): String(cString: lc_activation_formula(lc_activation_index(id)).symbol)
        case .loss(let id): String(cString: lc_loss_formula(lc_loss_index(id)).symbol)
        case .plain, .stream, .cell: preconditionFailure("an operation without a function")
        }
    }
}
