import Engine

/// The next word of sentences in which a verb agrees with a noun some words before.
enum Grammar {
    static let dataset = Dataset(
        sequences: Entry(
            id: "grammar", title: "grammar",
            summary: "The next word of small sentences, whose verb agrees with a noun some words before.",
            formula: "y_t = x_{t+1}",
            source:
                "after Elman, Distributed representations, simple recurrent networks, and grammatical structure, 1991",
            watch: "The verb after a clause: does it agree with the noun before the clause, or with the last one?",
            knobs: [
                .sequences(2000),
                Knob(
                    "depth", title: "clauses", summary: "The most clauses between a noun and its verb.",
                    kind: .integer(0...3), default: .integer(1), raise: "for verbs farther from their nouns",
                    lower: "when the agreement is not learned"),
            ]),
        task: .classification, trainFraction: 0.8, reference: .markovChains, schema: schema
    ) { request in
        let depth = request.integer("depth")
        return DrawnSequences(request, schema(request)) { _, sample, random in
            let words = list.numbers(of: sentence(depth, &random))
            sample.write(Array(words.dropLast()))
            for step in 0..<words.count - 1 { sample.labels[step] = Float(words[step + 1]) }
        }
    }

    /// One thing, and several.
    private static let nouns = [["boy", "girl", "dog", "cat"], ["boys", "girls", "dogs", "cats"]]
    private static let verbs = [["sees", "hears", "chases"], ["see", "hear", "chase"]]
    private static let resting = [["walks", "sleeps", "sings"], ["walk", "sleep", "sing"]]

    /// "start the boy who the dogs see sleeps ."
    private static func sentence(_ depth: Int, _ random: inout Random) -> String {
        func noun(_ depth: Int, _ number: Int, _ random: inout Random) -> String {
            let word = "the \(random.pick(nouns[number]))"
            guard depth > 0, random.uniform() < 0.6 else { return word }
            let other = random.index(2)
            return random.uniform() < 0.5
                ? "\(word) who \(noun(depth - 1, other, &random)) \(random.pick(verbs[other]))"
                : "\(word) who \(random.pick(verbs[number])) the \(random.pick(nouns[other]))"
        }
        let number = random.index(2)
        let subject = noun(depth, number, &random)
        let rest =
            random.uniform() < 0.5
            ? random.pick(resting[number]) : "\(random.pick(verbs[number])) the \(random.pick(nouns[random.index(2)]))"
        return "start \(subject) \(rest) ."
    }

    private static let list = WordList(["start . the who"] + (nouns + verbs + resting).flatMap { $0 })

    @Sendable private static func schema(_ request: DataRequest) -> DataSchema {
        // start, a noun, its verb with another noun; each clause adds who, a noun and a verb.
        let steps = 6 + 4 * request.integer("depth")
        return DataSchema(
            .sequence(.symbols(list.words, steps: steps, hasLengths: true, targetSteps: steps)),
            task: .classification(classes: list.words.count), classNames: list.words)
    }
}
