import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Sentences that praise or blame, with negations.
enum Sentiment {
    static let dataset = Dataset(
        sequences: Entry(
            id: "sentiment", title: "sentiment",
            summary: "Is a sentence kind or not? A negation turns what comes after it: \"not bad at all\".",
            formula: "words → {bad, good}", source: "a grammar of our own",
            watch: "Sentences with a negation: the mean of the words is wrong on them.",
            knobs: [.sequences(1000)]),
        task: .classification, trainFraction: 0.8, reference: .withoutMemory(log(2)), schema: { _ in schema }
    ) { request in
        DrawnSequences(request, schema) { _, sample, random in
            let (isGood, isNegated) = (random.uniform() < 0.5, random.uniform() < 0.5)
            let adjective = random.pick(isGood ? good : bad)
            let praise =
                isNegated
                ? random.pick(negations).replacing("*", with: adjective)
                : random.pick(plain).replacing("*", with: adjective)
            var sentence = random.pick(openings) + " " + praise
            if random.uniform() < 0.5 { sentence += " " + random.pick(endings) }
            sample.write(list.numbers(of: sentence))
            sample.labels[0] = isGood == isNegated ? 0 : 1
        }
    }

    private static let good = ["good", "lovely", "great", "funny", "clever", "moving", "bright"]
    private static let bad = ["bad", "boring", "weak", "dull", "silly", "slow", "awful"]
    private static let openings = [
        "the film was", "the book was", "this play is", "the music was", "the end was", "her song is",
        "the whole thing was",
    ]
    private static let plain = ["*", "very *", "really *", "quite *", "so *", "truly *"]
    private static let negations = ["not *", "not really *", "not * at all", "never *", "far from *", "hardly *"]
    private static let endings = ["I think", "they said", "as we all know", "to me", "from start to end"]
    private static let list = WordList(
        openings + good + bad + endings + (plain + negations).map { $0.replacing("*", with: "") })
    private static let longest = 16

    private static let schema = DataSchema(
        .sequence(.symbols(list.words, steps: longest, hasLengths: true)), task: .classification(classes: 2),
        classNames: ["bad", "good"])
}
