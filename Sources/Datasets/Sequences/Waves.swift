import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The next value of a sum of sines.
enum Waves {
    static let dataset = Dataset(
        sequences: Entry(
            id: "waves", title: "waves", summary: "A sum of sines of random phases: what is its next value?",
            formula: "x_t = Σ sin(2π t / p_k + φ_k) / K,  y_t = x_{t+1}", source: "the usual example of a time series",
            watch: "The curve of the answer over the true one: without memory it is late by a step.",
            knobs: [
                .sequences(400), .length(2...1000, 40, "The steps of each sequence."),
                Knob(
                    "waves", title: "waves", summary: "The number of sines; the first has a period of 20 steps.",
                    kind: .integer(1...5), default: .integer(2),
                    raise: "for a longer memory: two values before are needed for each sine",
                    lower: "when the curve is not followed"),
                Knob(
                    "noise", title: "noise %", summary: "Every value moves by noise of this percentage.",
                    kind: .real(0...100, steps: [0, 2, 5, 10, 20]), default: .real(0),
                    raise: "to see how well noise is averaged out", lower: "when errors come from the noise alone"),
            ]),
        task: .regression,
        reference: .known { request in
            // Half the variance of the sum, and half the mean square of its change in a step. Noise is cut off at −1 and 1,
            // which these figures leave out.
            let (waves, noise) = (request.integer("waves"), request.noise * request.noise / 3)
            let scale = 1 / Double(waves * waves)
            let change = (0..<waves).reduce(0) { $0 + scale * (1 - cos(2 * Double.pi / period($1))) }
            return [
                ReferenceLevel(title: "always answering 0", testLoss: (Double(waves) * scale / 2 + noise) / 2),
                ReferenceLevel(title: "the value again", testLoss: (change + 2 * noise) / 2),
            ]
        }, schema: schema
    ) { request in
        let (waves, noise) = (request.integer("waves"), request.noise)
        return DrawnSequences(request, schema(request)) { _, sample, random in
            let phases = (0..<waves).map { _ in random.uniform(0, 2 * Double.pi) }
            let values = (0...sample.kind.steps).map { step in
                let sum = (0..<waves).reduce(0) {
                    $0 + sin(2 * Double.pi * Double(step) / period($1) + phases[$1])
                }
                // Drawn whatever the noise is, so that the same seed gives the same waves under every noise.
                let moved = noise * random.uniform(-1, 1)
                return Float(min(max(sum / Double(waves) + moved, -1), 1))
            }
            for step in 0..<sample.kind.steps {
                sample[step, 0] = values[step]
                sample.labels[step] = values[step + 1]
            }
        }
    }

    /// Periods that share no multiple for long: 20 divided by powers of the golden mean.
    private static func period(_ wave: Int) -> Double { 20 / pow(1.618, Double(wave)) }

    @Sendable private static func schema(_ request: DataRequest) -> DataSchema {
        let steps = request.integer("length")
        return DataSchema(
            .sequence(SequenceKind(steps: steps, features: ["value"], targetSteps: steps)), task: .regression)
    }
}
