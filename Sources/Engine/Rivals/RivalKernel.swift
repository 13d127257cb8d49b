import CBLAS

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A kernel: the product of two rows in a space that is never computed. Its value comes from the rows' product alone.
struct RivalKernel: Sendable {
    /// One kind of kernel.
    struct Kind: Sendable {
        let name: String
        /// Makes kernel values of the products of a row x with others z, in place.
        /// - Parameters:
        ///   - x: the squared length of the row.
        ///   - z: those of the others.
        let apply:
            @Sendable (
                _ products: UnsafeMutablePointer<Double>, _ x: Double, _ z: UnsafePointer<Double>, _ count: Int,
                _ kernel: RivalKernel
            ) -> Void
    }

    private static let kinds: [Kind] = [
        Kind(name: "linear") { _, _, _, _, _ in },
        Kind(name: "polynomial") { products, _, _, count, kernel in
            for index in 0..<count {
                let base = kernel.gamma * products[index] + kernel.offset
                var power = 1.0
                for _ in 0..<kernel.degree { power *= base }
                products[index] = power
            }
        },
        Kind(name: "rbf") { products, x, z, count, kernel in
            let gamma = kernel.gamma
            for index in 0..<count { products[index] = exp(-gamma * max(0, x + z[index] - 2 * products[index])) }
        },
        Kind(name: "sigmoid") { products, _, _, count, kernel in
            for index in 0..<count { products[index] = tanh(kernel.gamma * products[index] + kernel.offset) }
        },
    ]

    let kind: Kind
    var gamma: Double
    let degree: Int
    let offset: Double

    /// The settings of whatever has a kernel.
    static let knobs: [Knob] = [
        Knob(
            "kernel", title: "kernel",
            summary: "How alike two rows are: their product, a power of it, their nearness, "
                + "or a sigmoid of their product.",
            kind: .word(kinds.map(\.name)), default: .text("rbf")),
        Knob(
            "gamma", title: "gamma", symbol: "γ",
            summary: "How fast likeness falls with distance: small is smooth, large wraps every point; "
                + "0: 1 / (inputs · their variance).",
            kind: .real(0...1e6, steps: [0, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100]), default: .real(0),
            raise: "when the boundary is too smooth", lower: "when it wraps each point by itself"),
        Knob(
            "degree", title: "degree", summary: "The power of the polynomial kernel.", kind: .integer(1...20),
            default: .integer(3), raise: "when the boundary must bend more often",
            lower: "when it swings between the points"),
        Knob(
            "offset", title: "offset", symbol: "r",
            summary: "Added to the product in the polynomial and the sigmoid kernel.",
            kind: .real(-1000...1000, steps: [-1, 0, 1, 2]), default: .real(0),
            raise: "when lower powers should count too", lower: "when the highest power should decide"),
    ]

    /// - Parameter variance: of the rows, from which the standard γ is.
    init(_ settings: Settings, width: Int, variance: Double) {
        let name = settings.text("kernel")
        kind = Self.kinds.first { $0.name == name }!
        let written = settings.real("gamma")
        gamma = written > 0 ? written : 1 / (Double(max(1, width)) * (variance > 0 ? variance : 1))
        degree = settings.integer("degree")
        offset = settings.real("offset")
    }

    /// Makes kernel values of products, in place.
    /// - Parameters:
    ///   - norm: of the row that all products are with.
    ///   - norms: of the others.
    func apply(
        _ products: UnsafeMutablePointer<Double>, norm: Double, norms: UnsafePointer<Double>, count: Int
    ) { kind.apply(products, norm, norms, count, self) }

    /// The value for a row and itself.
    func own(norm: Double) -> Double {
        var (value, norms) = (norm, norm)
        apply(&value, norm: norm, norms: &norms, count: 1)
        return value
    }

    /// Kernel values of rows with others, row-major `[count, others]`.
    func values(
        _ rows: UnsafePointer<Double>, count: Int, with others: UnsafePointer<Double>, norms: UnsafePointer<Double>,
        others number: Int, width: Int, into values: UnsafeMutablePointer<Double>
    ) {
        guard count > 0, number > 0 else { return }
        cblas_dgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, Int32(count), Int32(number), Int32(width), 1, rows, Int32(width),
            others, Int32(width), 0, values, Int32(number))
        for row in 0..<count {
            let norm = cblas_ddot(Int32(width), rows + row * width, 1, rows + row * width, 1)
            apply(values + row * number, norm: norm, norms: norms, count: number)
        }
    }
}

/// The squared lengths of rows.
func squaredNorms(_ rows: [Double], width: Int) -> [Double] {
    guard width > 0 else { return [] }
    return rows.withUnsafeBufferPointer { rows in
        (0..<rows.count / width).map { row in
            let base = rows.baseAddress! + row * width
            return cblas_ddot(Int32(width), base, 1, base, 1)
        }
    }
}
