import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A symbol that is asked for after a lag of noise.
enum Recall {
    static let dataset = Dataset(
        sequences: Entry(
            id: "recall", title: "recall",
            summary: "The first of two symbols is asked for after a lag of noise: how long does a network remember?",
            formula: "x_0 ∈ {A, B},  noise for `lag` steps,  y = x_0",
            source: "after Bengio, Simard and Frasconi, Learning long-term dependencies is difficult, 1994",
            watch: "The accuracy: as long as half of the answers are wrong, nothing is remembered over the lag.",
            knobs: [
                .sequences(400),
                Knob(
                    "lag", title: "lag", summary: "The steps of noise between the symbol and the end.",
                    kind: .integer(0...5000), default: .integer(20), raise: "to ask for a longer memory",
                    lower: "when half of the answers stay wrong"),
                Knob(
                    "noise", title: "noise %",
                    summary: "The reach of the noise as a percentage of a symbol: U(−noise, noise).",
                    kind: .real(0...100, steps: [0, 10, 20, 30, 50, 70, 100]), default: .real(50),
                    raise: "when the memory should bear more", lower: "when nothing is learned"),
            ]),
        task: .classification,
        // Without a lag the symbol is still there at the end.
        reference: .known { $0.integer("lag") > 0 ? [.withoutMemory(log(2))] : [] }, schema: schema
    ) { request in
        let noise = request.noise
        return DrawnSequences(request, schema(request)) { number, sample, random in
            let symbol = number % 2
            sample[0, symbol] = 1
            for step in 1..<max(1, sample.kind.steps) { sample[step, 2] = Float(random.uniform(-noise, noise)) }
            sample.labels[0] = Float(symbol)
        }
    }

    @Sendable private static func schema(_ request: DataRequest) -> DataSchema {
        DataSchema(
            .sequence(SequenceKind(steps: request.integer("lag") + 1, features: ["A", "B", "noise"])),
            task: .classification(classes: 2), classNames: ["A", "B"])
    }
}
