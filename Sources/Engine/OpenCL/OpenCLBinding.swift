import CKernels
import COpenCL

/// Binds operations to kernels with their arguments: the one place that knows which kernel does what.
struct OpenCLBinding {
    typealias Launch = OpenCLPass.Launch

    let memory: OpenCLMemory
    let values: OpenCLBuffer
    let training: OpenCLBuffer
    /// Floats from one unit's row to the next.
    let stride: Int
    let kernels: OpenCLObject

    private var style: KernelText.Style { memory.style }
    private var lanes: Int { style.lanes }
    private var vectors: Int { stride / lanes }

    /// Multiplications from which a library's packing pays, on a graphics card.
    private static let leastBlastWork = 1 << 20

    /// Whether a product goes to CLBlast, where that is installed: its kernels are tuned for cards.
    private func isBlast(_ work: Int) -> Bool {
        memory.prefersBlast && work >= Self.leastBlastWork && lcl_clblast_sgemm() != nil
    }

    /// The operation's kernels, in the order in which they run.
    func bind(_ operation: Operation) throws(OpenCL.Failure) -> [Launch] {
        let o = operation
        switch o.code {
        case .affine where isBlast(o.m * o.n * stride):
            let product = OpenCLProduct(
                c: matrix(o.a!, stride), a: matrix(o.b!, o.n), b: matrix(o.d!, stride), m: o.m, n: stride, k: o.n,
                adds: .always)
            let bias = try spreadBias(o)
            return [bias, Launch(product: product, kernel: bias.kernel, global: [], local: [])]
        case .affineInputGradient where isBlast(o.m * o.n * stride):
            let product = OpenCLProduct(
                c: matrix(o.a!, stride), a: matrix(o.b!, o.n), transposesA: true, b: matrix(o.d!, stride), m: o.n,
                n: stride, k: o.m, adds: .never)
            return [Launch(product: product, kernel: try arguments("copy").kernel, global: [], local: [])]
        case .affineParameterGradient where isBlast(o.m * o.n * stride):
            let product = OpenCLProduct(
                c: matrix(o.a!, o.n), a: matrix(o.d!, stride), b: matrix(o.e!, stride), transposesB: true, m: o.m,
                n: o.n, k: stride, adds: .whenAccumulating)
            let launch = Launch(product: product, kernel: try arguments("copy").kernel, global: [], local: [])
            return [launch] + (o.c == nil ? [] : [try rowSums(o)])
        case .affine:
            return [
                try weightedSums(
                    o.a!, weights: o.b!, bias: o.c, of: o.d!, outputs: o.m, terms: o.n, outer: o.n, inner: 1)
            ]
        case .affineInputGradient:
            return [
                try weightedSums(
                    o.a!, weights: o.b!, bias: nil, of: o.d!, outputs: o.n, terms: o.m, outer: 1, inner: o.n)
            ]
        case .affineParameterGradient:
            return [try outerSums(o)] + (o.c == nil ? [] : [try rowSums(o)])
        case .activate:
            var arguments = try arguments("\(symbol(o))Activate")
            try arguments.rows(o.a!, o.b!)
            try arguments.floats(o.c)
            try arguments.add(knobs(o))
            try arguments.add(Int32(o.m * vectors))
            return [launch(arguments, items: o.m * vectors)]
        case .activateGradient:
            var gradient = try arguments("\(symbol(o))Gradient")
            try gradient.rows(o.a!, o.b!)
            try gradient.floats(o.c)
            try gradient.rows(o.d!, o.e!)
            try gradient.add(knobs(o))
            try gradient.add(Int32(o.m * vectors))
            let launch = launch(gradient, items: o.m * vectors)
            // The parameter's first, for a may be the same rows as b.
            return (o.f == nil ? [] : [try learnedGradient(o)]) + [launch]
        case .softmax:
            return [try columns("softmax", o.m, o.a!, o.b!)]
        case .softmaxGradient:
            return [try columns("softmaxGradient", o.m, o.a!, o.b!, o.e!)]
        case .dropout:
            guard case .stream(let stream) = o.kind else { preconditionFailure("a mask has a stream") }
            var arguments = try arguments("dropout")
            try arguments.rows(o.a!, o.b!, o.c!)
            try arguments.add(Float(o.knobs[0]))
            try arguments.add(Int32(stream))
            try arguments.add(Int32(vectors))
            var launch = launch(arguments, items: vectors, units: o.m)
            launch.seedAt = arguments.index
            return [launch]
        case .scaleBy:
            return [try elements("scaleBy", o.m, o.a!, o.b!, o.c!)]
        case .copy:
            return [try elements("copy", o.m, o.a!, o.b!)]
        case .lossGradient:
            var arguments = try arguments("\(symbol(o))LossGradient")
            try arguments.rows(o.a!, o.b!, o.c!)
            try arguments.add(knobs(o))
            try arguments.add(Int32(o.m))
            try arguments.add(Int32(vectors))
            var launch = launch(arguments, items: vectors)
            launch.countAt = arguments.index
            return [launch]
        }
    }

    // MARK: - Products

    private func matrix(_ slice: Slice, _ stride: Int) -> OpenCLProduct.Matrix {
        let (buffer, offset) = place(slice)
        return OpenCLProduct.Matrix(buffer: buffer, offset: offset, stride: stride)
    }

    /// z[i, s] = bias[i], to which a product is then added.
    private func spreadBias(_ o: Operation) throws(OpenCL.Failure) -> Launch {
        var arguments = try arguments("spreadBias")
        try arguments.rows(o.a!)
        try arguments.floats(o.c)
        try arguments.add(Int32(vectors))
        return launch(arguments, items: vectors, units: o.m)
    }

    private func weightedSums(
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

    private func outerSums(_ o: Operation) throws(OpenCL.Failure) -> Launch {
        var arguments = try arguments("outerSums")
        try arguments.floats(o.a)
        try arguments.floats(o.d)
        try arguments.floats(o.e)
        for number in [o.m, o.n, stride] { try arguments.add(Int32(number)) }
        let (global, local) = blocks(columns: o.n, rows: o.m, block: (32, 4))
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

    private func rowSums(_ o: Operation) throws(OpenCL.Failure) -> Launch {
        var arguments = try arguments("rowSums")
        try arguments.floats(o.c)
        try arguments.rows(o.d!)
        try arguments.add(Int32(vectors))
        let accumulateAt = arguments.index
        try arguments.kernel.reserve(accumulateAt + 1, localBytes: 4 * style.sumGroup)
        return Launch(
            kernel: arguments.kernel, global: [o.m * style.sumGroup], local: [style.sumGroup],
            accumulateAt: accumulateAt)
    }

    private func learnedGradient(_ o: Operation) throws(OpenCL.Failure) -> Launch {
        var arguments = try arguments("\(symbol(o))ParameterGradient")
        try arguments.floats(o.f)
        try arguments.rows(o.b!)
        try arguments.floats(o.c)
        try arguments.rows(o.d!, o.e!)
        try arguments.add(knobs(o))
        try arguments.add(Int32(o.m * vectors))
        let accumulateAt = arguments.index
        try arguments.kernel.reserve(accumulateAt + 1, localBytes: 4 * style.sumGroup)
        return Launch(
            kernel: arguments.kernel, global: [style.sumGroup], local: [style.sumGroup], accumulateAt: accumulateAt)
    }

    // MARK: - Values alone

    private func elements(_ name: String, _ units: Int, _ slices: Slice...) throws(OpenCL.Failure) -> Launch {
        var arguments = try arguments(name)
        for slice in slices { try arguments.rows(slice) }
        try arguments.add(Int32(units * vectors))
        return launch(arguments, items: units * vectors)
    }

    private func columns(_ name: String, _ units: Int, _ slices: Slice...) throws(OpenCL.Failure) -> Launch {
        var arguments = try arguments(name)
        for slice in slices { try arguments.rows(slice) }
        try arguments.add(Int32(units))
        try arguments.add(Int32(vectors))
        return launch(arguments, items: vectors)
    }

    /// - Parameters:
    ///   - items: what the work-items share.
    ///   - units: places on the second axis.
    private func launch(_ arguments: Arguments, items: Int, units: Int? = nil) -> Launch {
        let (global, local) = style.items(items)
        return Launch(
            kernel: arguments.kernel, global: [global] + (units.map { [$0] } ?? []),
            local: [local] + (units == nil ? [] : [1]))
    }

    // MARK: - Arguments

    /// The kernel's name of an operation's function.
    private func symbol(_ o: Operation) -> String { Self.symbol(o.kind) }

    static func symbol(_ kind: Operation.Kind) -> String {
        switch kind {
        case .activation(let id): String(cString: lc_activation_formula(lc_activation_index(id)).symbol)
        case .loss(let id): String(cString: lc_loss_formula(lc_loss_index(id)).symbol)
        case .plain, .stream: preconditionFailure("an operation without a function")
        }
    }

    private func knobs(_ o: Operation) -> SIMD4<Float> { Self.knobs(o.knobs) }

    static func knobs(_ numbers: [Double]) -> SIMD4<Float> {
        var vector = SIMD4<Float>()
        for (index, number) in numbers.enumerated() { vector[index] = Float(number) }
        return vector
    }

    private func arguments(_ name: String) throws(OpenCL.Failure) -> Arguments {
        Arguments(kernel: try OpenCLKernel(name, in: kernels, memory.queue.context), binding: self)
    }

    /// A kernel's arguments, one after the other.
    private struct Arguments {
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
