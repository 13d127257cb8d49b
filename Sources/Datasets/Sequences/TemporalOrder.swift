import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// In which order did two symbols come?
enum TemporalOrder {
    static let dataset = Dataset(
        sequences: Entry(
            id: "temporalOrder", title: "temporal order",
            summary: "Two symbols X or Y among many others: in which order did they come?",
            formula: "y ∈ {XX, XY, YX, YY}",
            source: "Hochreiter and Schmidhuber, Long short-term memory, 1997, experiment 6a",
            watch: "The loss against ln 4 = 1.386: the two symbols and their order must be kept.",
            knobs: [
                .sequences(2000),
                .length(
                    10...1000, 40,
                    "The shortest sequence; the longest is a tenth longer, and the symbols stand in its second and its sixth tenth."
                ),
            ]),
        task: .classification, reference: .withoutMemory(log(4)), schema: schema
    ) { request in
        let shortest = request.integer("length")
        return DrawnSequences(request, schema(request)) { number, sample, random in
            let length = shortest + random.index(shortest / 10 + 1)
            // The first symbol is E, the last B, the others a, b, c and d.
            var symbols = (0..<length).map { _ in 2 + random.index(4) }
            (symbols[0], symbols[length - 1]) = (0, 1)
            let label = number % 4
            symbols[shortest / 10 + random.index(shortest / 10)] = 6 + label / 2
            symbols[shortest / 2 + random.index(shortest / 10)] = 6 + label % 2
            for (step, symbol) in symbols.enumerated() { sample[step, symbol] = 1 }
            sample.length = length
            sample.labels[0] = Float(label)
        }
    }

    @Sendable private static func schema(_ request: DataRequest) -> DataSchema {
        let shortest = request.integer("length")
        return DataSchema(
            .sequence(
                .oneHot(
                    ["E", "B", "a", "b", "c", "d", "X", "Y"], steps: shortest + shortest / 10, hasLengths: true)),
            task: .classification(classes: 4), classNames: ["XX", "XY", "YX", "YY"])
    }
}
