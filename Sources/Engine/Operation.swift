/// One step of a network's arithmetic, over slices: what every backend can do. Shapes are written as in the backend's
/// kernels: m units out, n units in, B samples.
struct Operation: Sendable, Hashable {
    enum Code: Sendable, Hashable {
        /// a[m,B] = c[m] + b[m,n] · d[n,B] (c may be missing).
        case affine
        /// a[n,B] = b[m,n]ᵀ · d[m,B].
        case affineInputGradient
        /// a[m,n] (+)= d[m,B] · e[n,B]ᵀ, c[m] (+)= row sums of d (c may be missing).
        case affineParameterGradient
        /// a[m,B] = f(b[m,B]), c: the learned parameter, when f has one.
        case activate
        /// a[m,B] = b[m,B] · f′(d[m,B]), e = f(d), c: the learned parameter, f (+)= its gradient.
        case activateGradient
        /// a = softmax of b over the m units.
        case softmax
        /// a = e ∘ (b − Σ b ∘ e), e = softmax's result.
        case softmaxGradient
        /// c = a random mask in {0, 1/(1 − rate)}, a = b ∘ c.
        case dropout
        /// a = b ∘ c.
        case scaleBy
        /// a = the loss's gradient at b with targets c, summed over the batch.
        case lossGradient
        /// a = b.
        case copy
    }

    /// What the operation's function is.
    enum Kind: Sendable, Hashable {
        case plain
        /// An activation's or a loss's id.
        case activation(String)
        case loss(String)
        /// A stream of the counter-based generator, a number of its own for each dropout layer.
        case stream(Int)
    }

    var code: Code
    var kind = Kind.plain
    var m: Int
    var n = 0
    /// The numbers of the function's knobs.
    var knobs: [Double] = []
    var a: Slice? = nil
    var b: Slice? = nil
    var c: Slice? = nil
    var d: Slice? = nil
    var e: Slice? = nil
    var f: Slice? = nil

    /// All operands.
    var slices: [Slice] { [a, b, c, d, e, f].compactMap(\.self) }

    mutating func replaceSlices(_ replacement: (Slice) -> Slice) {
        a = a.map(replacement)
        b = b.map(replacement)
        c = c.map(replacement)
        d = d.map(replacement)
        e = e.map(replacement)
        f = f.map(replacement)
    }
}

/// A network's arithmetic without memory: any backend can bind it.
struct Program: Sendable {
    /// Where a layer's values are.
    struct LayerValues: Sendable {
        var preActivation: Slice
        var activation: Slice
    }

    /// The forward pass with dropout, without what only a viewer needs.
    var trainingForward: [Operation] = []
    /// The forward pass with dropout off.
    var evaluationForward: [Operation] = []
    /// The loss's gradient and the backward pass.
    var backward: [Operation] = []
    /// Rows of the blocks `values` and `training`.
    var valueRows = 0
    var trainingRows = 0
    var input: Slice
    var target: Slice
    var layers: [LayerValues] = []
}
