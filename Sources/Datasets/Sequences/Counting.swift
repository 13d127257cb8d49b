import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// As many b as a?
enum Counting {
    static let dataset = Dataset(
        sequences: Entry(
            id: "counting", title: "counting",
            summary: "Some a, then some b: are there as many of the one as of the other?",
            formula: "aⁿbᵐ:  y = (n = m)",
            source: "Gers and Schmidhuber, LSTM recurrent networks learn simple context-free languages, 2001",
            watch: "Sequences longer than those in training: a counter goes on, a memory of examples does not.",
            knobs: [.sequences(1000), .length(1...500, 8, "The most a, and the most b.")]),
        task: .classification,
        // Every sequence ends in b; of one a and no b the last symbol tells.
        reference: .known { $0.integer("length") > 1 ? [.withoutMemory(log(2))] : [] }, schema: schema
    ) { request in
        let most = request.integer("length")
        return DrawnSequences(request, schema(request)) { number, sample, random in
            let count = 1 + random.index(most)
            var other = count
            if number % 2 == 0 {
                // Any other number but this one; where there is no other, none.
                other = most > 1 ? 1 + random.index(most - 1) : 0
                if most > 1, other >= count { other += 1 }
            }
            for step in 0..<count { sample[step, 0] = 1 }
            for step in count..<count + other { sample[step, 1] = 1 }
            sample.length = count + other
            sample.labels[0] = Float(number % 2)
        }
    }

    @Sendable private static func schema(_ request: DataRequest) -> DataSchema {
        DataSchema(
            .sequence(.oneHot(["a", "b"], steps: 2 * request.integer("length"), hasLengths: true)),
            task: .classification(classes: 2), classNames: ["n ≠ m", "n = m"])
    }
}
