import Engine

/// Strings of a grammar whose last but one symbol is the second.
enum Reber {
    static let dataset = Dataset(
        sequences: Entry(
            id: "reber", title: "Reber",
            summary: "Strings of the embedded Reber grammar: what may come next, and which way did it begin?",
            formula: "B (T … T | P … P) E,  y_t = x_{t+1}",
            source:
                "Reber, Implicit learning of artificial grammars, 1967; embedded: Fahlman, The recurrent cascade-correlation architecture, 1991",
            watch:
                "The last T or P: it repeats the second symbol, however far back. All others follow from the last few.",
            knobs: [
                .sequences(500), .length(12...200, 24, "Longer strings are drawn anew."),
            ]),
        task: .classification, reference: .markovChains, schema: schema
    ) { request in
        let longest = request.integer("length")
        return DrawnSequences(request, schema(request)) { _, sample, random in
            var (symbols, legal) = string(&random)
            while symbols.count > longest { (symbols, legal) = string(&random) }
            sample.legal = legal + [UInt32](repeating: 0, count: sample.kind.steps - legal.count)
            for (step, symbol) in symbols.dropLast().enumerated() {
                sample[step, symbol] = 1
                sample.labels[step] = Float(symbols[step + 1])
            }
            sample.length = symbols.count - 1
        }
    }

    private static let symbols = ["B", "T", "P", "S", "X", "V", "E"]

    /// For each state the symbols that may come, with the states that follow; behind the last state the string ends.
    private static let arrows: [[(symbol: String, next: Int)]] = [
        [("T", 1), ("P", 2)], [("S", 1), ("X", 3)], [("T", 2), ("V", 4)], [("X", 2), ("S", 5)], [("P", 3), ("V", 5)],
    ]

    /// B, T or P, B, a string of the grammar, E, again T or P, E; behind each symbol but the last those that may come next.
    private static func string(_ random: inout Random) -> (symbols: [Int], legal: [UInt32]) {
        let way = random.uniform() < 0.5 ? "T" : "P"
        var string = ["B", way, "B"]
        var next = [["T", "P"], ["B"], arrows[0].map(\.symbol)]
        var state = 0
        while state < arrows.count {
            let arrow = random.pick(arrows[state])
            string.append(arrow.symbol)
            state = arrow.next
            next.append(state < arrows.count ? arrows[state].map(\.symbol) : ["E"])
        }
        func number(_ symbol: String) -> Int { symbols.firstIndex(of: symbol)! }
        return (
            (string + ["E", way, "E"]).map(number),
            (next + [[way], ["E"]]).map { $0.reduce(0) { $0 | 1 << UInt32(number($1)) } }
        )
    }

    @Sendable private static func schema(_ request: DataRequest) -> DataSchema {
        let steps = request.integer("length") - 1
        return DataSchema(
            .sequence(.oneHot(symbols, steps: steps, hasLengths: true, targetSteps: steps)),
            task: .classification(classes: symbols.count), classNames: symbols)
    }
}
