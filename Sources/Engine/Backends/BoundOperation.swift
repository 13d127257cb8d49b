import CKernels

extension Operation {
    /// The operation over addresses, as the kernels take it.
    func bound(_ address: (Slice) -> UnsafeMutablePointer<Float>) -> lc_op {
        var bound = lc_op()
        bound.code = Int32(primitive.kernel.rawValue)
        switch kind {
        case .plain: bound.kind = 0
        case .activation(let id): bound.kind = lc_activation_index(id)
        case .loss(let id): bound.kind = lc_loss_index(id)
        case .stream(let number): bound.kind = Int32(number)
        case .cell(let cell): bound.kind = Int32(cell.kernel.rawValue)
        }
        precondition(bound.kind >= 0, "no kernel for \(kind)")
        bound.m = Int32(m)
        bound.whole = Int32(whole)
        bound.n = Int32(n)
        bound.flags = adds ? Int32(LC_ACCUMULATE) : 0
        bound.p = kernelKnobs
        bound.a = operands[0].map(address)
        bound.b = operands[1].map(address)
        bound.c = operands[2].map(address)
        bound.d = operands[3].map(address)
        bound.e = operands[4].map(address)
        bound.f = operands[5].map(address)
        bound.g = operands[6].map(address)
        bound.h = operands[7].map(address)
        if let window { bound.window = window.bound }
        if let steps { bound.steps = steps.bound }
        return bound
    }

    /// The function's knobs as its kernel takes them.
    private var kernelKnobs: (Float, Float, Float, Float) {
        precondition(knobs.count <= 4, "a function's kernel takes four numbers")
        func number(_ index: Int) -> Float { index < knobs.count ? Float(knobs[index]) : 0 }
        return (number(0), number(1), number(2), number(3))
    }
}
