import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The missing capital of a country that was named before.
enum Blank {
    static let dataset = Dataset(
        sequences: Entry(
            id: "blank", title: "blank",
            summary: "A sentence names a country and leaves out its capital, some words later or before: which is it?",
            formula: "… country … ___ … → capital", source: "template sentences of our own",
            watch: "The accuracy at long distances against that at short ones.",
            knobs: [
                .sequences(1000),
                Knob(
                    "distance", title: "distance", summary: "The most words between the country and the blank.",
                    kind: .integer(0...500), default: .integer(8), raise: "to ask for a longer memory",
                    lower: "when nothing is learned"),
                Knob(
                    "words", title: "words",
                    summary:
                        "Whether words stand before the blank alone, or on both sides; then every other country comes after it.",
                    kind: .word(["before", "both"]), default: .text("before")),
                Knob(
                    "targets", title: "targets",
                    summary: "Whether each sentence has a target (n→1), or the step of its blank (n→n).",
                    kind: .word(["sequence", "step"]), default: .text("sequence")),
            ]),
        task: .classification, trainFraction: 0.8, reference: .withoutMemory(log(Double(places.count))), schema: schema
    ) { request in
        let (most, isBoth) = (request.integer("distance"), request.text("words") == "both")
        let list = words(request)
        return DrawnSequences(request, schema(request)) { _, sample, random in
            let place = random.index(places.count)
            let between = (0..<random.index(most + 1)).map { _ in random.pick(fillers) }.joined(separator: " ")
            let sentence: String
            if isBoth, random.uniform() < 0.5 {
                sentence = "\(random.pick(beginnings)) ___ \(between) \(random.pick(closings))"
            } else {
                let ending = "\(random.pick(openings)) \(between) \(random.pick(endings)) ___"
                sentence = isBoth ? "\(ending) \(random.pick(afterwards))" : ending
            }
            let words = list.numbers(of: sentence.replacing("*", with: places[place].country))
            sample.write(words)
            let step = sample.kind.targetSteps == nil ? 0 : words.firstIndex(of: blank)!
            sample.labels[step] = Float(place)
        }
    }

    private static let places = [
        ("France", "Paris"), ("Spain", "Madrid"), ("Italy", "Rome"), ("Austria", "Vienna"), ("Norway", "Oslo"),
        ("Greece", "Athens"), ("Japan", "Tokyo"), ("Egypt", "Cairo"), ("Peru", "Lima"), ("Kenya", "Nairobi"),
    ].map { (country: $0.0, capital: $0.1) }
    private static let openings = [
        "we went to *", "she grew up in *", "in * last summer", "they had seen *", "on our way through *",
    ]
    private static let endings = ["and stayed in", "and came to", "and liked", "and wrote from", "and then saw"]
    private static let fillers = [
        "with", "old", "friends", "by", "train", "for", "many", "long", "warm", "days", "where", "it", "rained",
        "often",
    ]
    /// Behind the blank, where words stand on both sides; and sentences whose country comes after it, and not last.
    private static let afterwards = ["for a week", "at night", "once more", "in the rain"]
    private static let beginnings = ["we stayed in", "she came to", "they liked", "he wrote from", "I saw"]
    private static let closings = [
        "in * that year", "while * was warm", "before * grew cold", "as all of * knew", "where * is green",
    ]
    private static let list = WordList(
        openings.map { $0.replacing("*", with: "") } + places.map(\.country) + fillers + endings + ["___"])
    private static let wholeList = WordList(
        list.words + afterwards + beginnings + closings.map { $0.replacing("*", with: "") })
    private static let blank = list.numbers(of: "___")[0]

    private static func words(_ request: DataRequest) -> WordList {
        request.text("words") == "both" ? wholeList : list
    }

    @Sendable private static func schema(_ request: DataRequest) -> DataSchema {
        // The longest beginning has five words with the country, every end four with the blank, and what comes behind it three.
        let steps = request.integer("distance") + (request.text("words") == "both" ? 12 : 9)
        return DataSchema(
            .sequence(
                .symbols(
                    words(request).words, steps: steps, hasLengths: true,
                    targetSteps: request.text("targets") == "step" ? steps : nil)),
            task: .classification(classes: places.count), classNames: places.map(\.capital))
    }
}
