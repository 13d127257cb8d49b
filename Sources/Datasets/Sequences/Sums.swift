import Engine

/// Sums that are read and answered digit by digit.
enum Sums {
    static let dataset = Dataset(
        sequences: Entry(
            id: "sums", title: "sums", summary: "A sum read sign by sign, 27+15=, and answered digit by digit: 42.",
            formula: "\"27+15=\" → \"42\"", source: "after Zaremba and Sutskever, Learning to execute, 2014",
            knobs: [
                .sequences(5000),
                Knob(
                    "digits", title: "digits", summary: "The most digits of each number.", kind: .integer(1...6),
                    default: .integer(2)),
            ]),
        task: .classification, trainFraction: 0.8, schema: schema
    ) { request in
        let digits = request.integer("digits")
        let limit = (0..<digits).reduce(1) { limit, _ in limit * 10 }
        return DrawnSequences(request, schema(request)) { _, sample, random in
            let (one, other) = (random.index(limit), random.index(limit))
            sample.write("\(one)+\(other)=".map { signs.firstIndex(of: String($0))! })
            for (step, digit) in "\(one + other)".enumerated() { sample.labels[step] = Float(digit.wholeNumberValue!) }
            // Behind the last digit the answer ends.
            for step in "\(one + other)".count..<digits + 1 { sample.labels[step] = 10 }
        }
    }

    private static let signs = (0...9).map { "\($0)" } + ["+", "="]

    @Sendable private static func schema(_ request: DataRequest) -> DataSchema {
        let digits = request.integer("digits")
        return DataSchema(
            .sequence(
                .symbols(signs, steps: 2 * digits + 2, hasLengths: true, targetSteps: digits + 1)),
            task: .classification(classes: 11), classNames: (0...9).map { "\($0)" } + ["end"])
    }
}
