import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Sums that are read and answered digit by digit.
enum Sums {
    static let dataset = Dataset(
        sequences: Entry(
            id: "sums", title: "sums", summary: "A sum read sign by sign, 27+15=, and answered digit by digit: 42.",
            formula: "\"27+15=\" → \"42\"", source: "after Zaremba and Sutskever, Learning to execute, 2014",
            watch: "Which digits are wrong: carries make the first ones hard.",
            knobs: [
                .sequences(5000),
                Knob(
                    "digits", title: "digits", summary: "The most digits of each number.", kind: .integer(1...6),
                    default: .integer(2), raise: "for a harder task", lower: "when nothing is learned"),
            ]),
        task: .classification, trainFraction: 0.8,
        reference: .known { [.withoutMemory(lossWithoutMemory(digits: $0.integer("digits")))] }, schema: schema
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

    /// The mean over the answer's places of the entropy of what stands there: two numbers of U{0, …, n − 1} have the sum s with
    /// the probability (n − |s − (n − 1)|) / n².
    private static func lossWithoutMemory(digits: Int) -> Double {
        let limit = (0..<digits).reduce(1) { limit, _ in limit * 10 }
        var shares = [[Double]](repeating: [Double](repeating: 0, count: 11), count: digits + 1)
        for sum in 0...2 * (limit - 1) {
            let share = Double(limit - abs(sum - (limit - 1))) / Double(limit) / Double(limit)
            var places: [Int] = []
            var rest = sum
            repeat {
                places.append(rest % 10)
                rest /= 10
            } while rest > 0
            for place in 0...digits {
                shares[place][place < places.count ? places[places.count - 1 - place] : 10] += share
            }
        }
        let entropies = shares.map { $0.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 } }
        return entropies.reduce(0, +) / Double(digits + 1)
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
