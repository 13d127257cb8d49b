import Engine

/// Two marked numbers among many are to be added.
enum Adding {
    static let dataset = Dataset(
        sequences: Entry(
            id: "adding", title: "adding",
            summary:
                "The sum of two marked numbers among many: always answering 1 has a squared error of 1/6, half of which is the loss.",
            formula: "y = x_i + x_j,  marks at i and j",
            source:
                "Hochreiter and Schmidhuber, Long short-term memory, 1997; in the form of Arjovsky, Shah and Bengio, 2016",
            watch: "The loss against 1/12: as long as it is there, the network answers 1 whatever comes in.",
            knobs: [
                .sequences(2000), .length(2...2000, 50, "The numbers of each sequence."),
            ]),
        task: .regression,
        // The sum of two numbers of U(0, 1) has the variance 1/6.
        reference: .known { _ in [ReferenceLevel(title: "always answering 1", testLoss: 1.0 / 12)] }, schema: schema
    ) { request in
        // Numbers of U(0, 1); one of the first half is marked, and one of the second.
        DrawnSequences(request, schema(request)) { _, sample, random in
            let steps = sample.kind.steps
            for step in 0..<steps { sample[step, 0] = Float(random.uniform()) }
            let marked = [random.index(steps / 2), steps / 2 + random.index(steps - steps / 2)]
            for step in marked { sample[step, 1] = 1 }
            sample.labels[0] = marked.reduce(0) { $0 + sample[$1, 0] }
        }
    }

    @Sendable private static func schema(_ request: DataRequest) -> DataSchema {
        DataSchema(
            .sequence(SequenceKind(steps: request.integer("length"), features: ["number", "mark"])), task: .regression)
    }
}
