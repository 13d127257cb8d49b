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
            summary: "A sentence names a country and, some words later, leaves out its capital: which is it?",
            formula: "… country … ___ → capital", source: "template sentences of our own",
            knobs: [
                .sequences(1000),
                Knob(
                    "distance", title: "distance", summary: "The most words between the country and the blank.",
                    kind: .integer(0...500), default: .integer(8)),
            ]),
        task: .classification, trainFraction: 0.8, reference: .withoutMemory(log(Double(places.count))), schema: schema
    ) { request in
        let most = request.integer("distance")
        return DrawnSequences(request, schema(request)) { _, sample, random in
            let place = random.index(places.count)
            let between = (0..<random.index(most + 1)).map { _ in random.pick(fillers) }.joined(separator: " ")
            let sentence = random.pick(openings).replacing("*", with: places[place].country)
            sample.write(list.numbers(of: "\(sentence) \(between) \(random.pick(endings)) ___"))
            sample.labels[0] = Float(place)
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
    private static let list = WordList(
        openings.map { $0.replacing("*", with: "") } + places.map(\.country) + fillers + endings + ["___"])

    @Sendable private static func schema(_ request: DataRequest) -> DataSchema {
        // The longest beginning has five words with the country, every end four with the blank.
        DataSchema(
            .sequence(.symbols(list.words, steps: request.integer("distance") + 9, hasLengths: true)),
            task: .classification(classes: places.count), classNames: places.map(\.capital))
    }
}
