import CKernels

extension Operation {
    /// The operation over addresses, as the kernels take it.
    func bound(_ address: (Slice) -> UnsafeMutablePointer<Float>) -> lc_op {
        var bound = lc_op()
        bound.code = Int32(code.kernel.rawValue)
        switch kind {
        case .plain: bound.kind = 0
        case .activation(let id): bound.kind = lc_activation_index(id)
        case .loss(let id): bound.kind = lc_loss_index(id)
        case .stream(let number): bound.kind = Int32(number)
        }
        precondition(bound.kind >= 0, "no kernel for \(kind)")
        bound.m = Int32(m)
        bound.n = Int32(n)
        bound.p = kernelKnobs
        bound.a = a.map(address)
        bound.b = b.map(address)
        bound.c = c.map(address)
        bound.d = d.map(address)
        bound.e = e.map(address)
        bound.f = f.map(address)
        return bound
    }

    /// The function's knobs as its kernel takes them.
    private var kernelKnobs: (Float, Float, Float, Float) {
        precondition(knobs.count <= 4, "a function's kernel takes four numbers")
        func number(_ index: Int) -> Float { index < knobs.count ? Float(knobs[index]) : 0 }
        return (number(0), number(1), number(2), number(3))
    }
}

extension Operation.Code {
    fileprivate var kernel: lc_opcode {
        switch self {
        case .affine: LC_OP_AFFINE
        case .affineInputGradient: LC_OP_AFFINE_GRAD_INPUT
        case .affineParameterGradient: LC_OP_AFFINE_GRAD_PARAMS
        case .activate: LC_OP_ACTIVATE
        case .activateGradient: LC_OP_ACTIVATE_GRAD
        case .softmax: LC_OP_SOFTMAX
        case .softmaxGradient: LC_OP_SOFTMAX_GRAD
        case .dropout: LC_OP_DROPOUT
        case .scaleBy: LC_OP_SCALE_BY
        case .lossGradient: LC_OP_LOSS_GRAD
        case .copy: LC_OP_COPY
        }
    }
}
