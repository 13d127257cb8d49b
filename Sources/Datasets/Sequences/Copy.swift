import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Symbols are to be said again after a delay.
enum Copy {
    static let dataset = Dataset(
        sequences: Entry(
            id: "copy", title: "copy",
            summary:
                "Ten symbols, blanks, and a sign to say them again: the memoryless answer costs 10 ln 8 / (T + 20).",
            formula: "s_1 … s_10, T − 1 blanks, a sign, 10 blanks → T + 10 blanks, s_1 … s_10",
            source:
                "Hochreiter and Schmidhuber, Long short-term memory, 1997; in the form of Arjovsky, Shah and Bengio, 2016",
            watch: "The loss against that of no memory, shown as a line: below it something is remembered.",
            knobs: [
                .sequences(1000),
                Knob(
                    "delay", title: "delay T",
                    summary: "The steps between the last symbol and the first that is said again.",
                    kind: .integer(1...1000), default: .integer(10), raise: "to ask for a longer memory",
                    lower: "when the loss stays at the line of no memory"),
                Knob(
                    "symbols", title: "symbols", summary: "The number of different symbols.", kind: .integer(2...20),
                    default: .integer(8), raise: "for more to remember at each step", lower: "when nothing is learned"),
                Knob(
                    "count", title: "count", summary: "The number of symbols to be said again.", kind: .integer(1...50),
                    default: .integer(10), raise: "for more to remember", lower: "when nothing is learned"),
            ]),
        task: .classification,
        reference: .known { request in
            let (delay, count) = (request.integer("delay"), request.integer("count"))
            let loss = Double(count) * log(Double(request.integer("symbols"))) / Double(delay + 2 * count)
            return [.withoutMemory(loss)]
        }, schema: schema
    ) { request in
        let (delay, kinds, count) = (request.integer("delay"), request.integer("symbols"), request.integer("count"))
        return DrawnSequences(request, schema(request)) { _, sample, random in
            // The blank is behind the symbols, the sign behind it.
            for step in 0..<sample.kind.steps {
                sample.labels[step] = Float(kinds)
                if step >= count { sample[step, step == count + delay - 1 ? kinds + 1 : kinds] = 1 }
            }
            for place in 0..<count {
                let symbol = random.index(kinds)
                sample[place, symbol] = 1
                sample.labels[count + delay + place] = Float(symbol)
            }
        }
    }

    @Sendable private static func schema(_ request: DataRequest) -> DataSchema {
        let symbols = (0..<request.integer("symbols")).map { String(UnicodeScalar(UInt8(97 + $0))) }
        let steps = request.integer("delay") + 2 * request.integer("count")
        return DataSchema(
            .sequence(.oneHot(symbols + ["_", ">"], steps: steps, targetSteps: steps)),
            task: .classification(classes: symbols.count + 1), classNames: symbols + ["_"])
    }
}
