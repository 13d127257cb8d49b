#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The losses that a generator and a discriminator minimise. A new one is a record here and a line in `all`.
///
/// Each derivative is a line through the discriminator's output y: at its sums where a sigmoid makes a probability of them,
/// else at the output itself.
struct AdversarialLoss: Sendable {
    /// slope · y + offset.
    struct Line: Sendable {
        var slope: Float
        var offset: Float
    }

    let id: String
    /// The loss of the catalogue whose derivative arrives at the same values: with the sigmoid, or without.
    let isProbability: Bool
    /// The derivative of the discriminator's loss by its output for a real sample, and for a generated one.
    let real: Line
    let generated: Line
    /// That of the generator's loss by the discriminator's output for a sample that it made.
    let generator: Line
    /// The discriminator's loss for outputs.
    let discriminatorLoss: @Sendable (_ real: Double, _ smoothing: Double) -> Double
    let generatedLoss: @Sendable (_ generated: Double) -> Double
    let generatorLoss: @Sendable (_ generated: Double) -> Double
    /// The same three in letters: of a real sample x, and of one that is made of noise z.
    let formulas: (real: String, generated: String, generator: String)
    /// That of a real sample with another target t than 1.
    var smoothedFormula: String { isProbability ? "−t log D(x) − (1 − t) log(1 − D(x))" : "½ (D(x) − t)²" }
    /// Whether the discriminator's slope must be held: by clipped weights or a penalty.
    var needsSlopeLimit = false

    static let minimax = AdversarialLoss(
        id: "minimax", isProbability: true, real: Line(slope: 1, offset: -1), generated: Line(slope: 1, offset: 0),
        generator: Line(slope: -1, offset: 0), discriminatorLoss: { crossEntropy($0, 1 - $1) },
        generatedLoss: { crossEntropy($0, 0) }, generatorLoss: { -crossEntropy($0, 0) },
        formulas: ("−log D(x)", "−log(1 − D(G(z)))", "log(1 − D(G(z)))"))

    static let nonSaturating = AdversarialLoss(
        id: "nonSaturating", isProbability: true, real: Line(slope: 1, offset: -1),
        generated: Line(slope: 1, offset: 0), generator: Line(slope: 1, offset: -1),
        discriminatorLoss: { crossEntropy($0, 1 - $1) }, generatedLoss: { crossEntropy($0, 0) },
        generatorLoss: { crossEntropy($0, 1) },
        formulas: ("−log D(x)", "−log(1 − D(G(z)))", "−log D(G(z))"))

    /// Mao and others, Least squares generative adversarial networks, 2017: a = 0, b = c = 1.
    static let leastSquares = AdversarialLoss(
        id: "leastSquares", isProbability: false, real: Line(slope: 1, offset: -1),
        generated: Line(slope: 1, offset: 0), generator: Line(slope: 1, offset: -1),
        discriminatorLoss: { 0.5 * ($0 - 1 + $1) * ($0 - 1 + $1) }, generatedLoss: { 0.5 * $0 * $0 },
        generatorLoss: { 0.5 * ($0 - 1) * ($0 - 1) },
        formulas: ("½ (D(x) − 1)²", "½ D(G(z))²", "½ (D(G(z)) − 1)²"))

    /// Arjovsky, Chintala and Bottou, Wasserstein generative adversarial networks, 2017.
    static let wasserstein = AdversarialLoss(
        id: "wasserstein", isProbability: false, real: Line(slope: 0, offset: -1),
        generated: Line(slope: 0, offset: 1), generator: Line(slope: 0, offset: -1),
        discriminatorLoss: { real, _ in -real }, generatedLoss: { $0 }, generatorLoss: { -$0 },
        formulas: ("−D(x)", "D(G(z))", "−D(G(z))"), needsSlopeLimit: true)

    static let all = [nonSaturating, minimax, leastSquares, wasserstein]

    static func named(_ id: String) -> AdversarialLoss { all.first { $0.id == id }! }

    /// −t ln y − (1 − t) ln(1 − y), with y kept from 0 and 1 by a float's smallest step.
    private static func crossEntropy(_ y: Double, _ t: Double) -> Double {
        let y = min(max(y, 1e-7), 1 - 1e-7)
        return -t * log(y) - (1 - t) * log(1 - y)
    }
}
