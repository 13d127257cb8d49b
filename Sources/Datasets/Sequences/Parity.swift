import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Is the number of ones odd?
enum Parity {
    static let dataset = Dataset(
        sequences: Entry(
            id: "parity", title: "parity",
            summary: "Bits one after the other: is the number of ones odd? One bit of memory is enough.",
            formula: "y = x_1 ⊕ … ⊕ x_T",
            source: "Minsky and Papert, Perceptrons, 1969; as sequences Hochreiter and Schmidhuber, 1997",
            watch: "The loss stands for long where guessing has it, and falls at once: there is no half-way solution.",
            knobs: [
                .sequences(1000), .length(1...1000, 10, "The bits of the longest sequence."),
                Knob(
                    "shortest", title: "shortest",
                    summary: "The bits of the shortest sequence, no more than the longest has.",
                    kind: .integer(1...1000), default: .integer(2), raise: "when short sequences are learned by heart",
                    lower: "when nothing is learned: short ones show the rule first"),
            ]),
        task: .classification,
        reference: .known { request in
            // Of a sequence of one bit the last bit tells; of all others it says nothing.
            let (longest, shortest) = (request.integer("length"), request.integer("shortest"))
            let single = min(longest, shortest) > 1 ? 0 : 1 / Double(max(1, longest - shortest + 1))
            let right = (1 + single) / 2
            guard right < 1 else { return [] }
            return [.withoutMemory(-right * log(right) - (1 - right) * log(1 - right))]
        }, schema: schema
    ) { request in
        let (longest, shortest) = (request.integer("length"), request.integer("shortest"))
        return DrawnSequences(request, schema(request)) { _, sample, random in
            let length = min(longest, shortest) + random.index(max(0, longest - shortest) + 1)
            var ones = 0
            for step in 0..<length where random.uniform() < 0.5 {
                sample[step, 0] = 1
                ones += 1
            }
            sample.length = length
            sample.labels[0] = Float(ones % 2)
        }
    }

    @Sendable private static func schema(_ request: DataRequest) -> DataSchema {
        DataSchema(
            .sequence(
                SequenceKind(
                    steps: request.integer("length"), features: ["bit"], alphabet: ["0", "1"], hasLengths: true)),
            task: .classification(classes: 2), classNames: ["even", "odd"])
    }
}
