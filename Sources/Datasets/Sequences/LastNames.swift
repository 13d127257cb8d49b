import Engine

/// Last names in sentences, word by word.
///
/// A person would look at the word before ("Mr", a first name), at the capital and at the place in the sentence: these are the
/// designed features, the rival of a network that sees the words alone. Last names of the test set never occur in training, and
/// most words of names, places and things are not numbered: they are one symbol.
enum LastNames {
    static let dataset = Dataset(
        sequences: Entry(
            id: "lastNames", title: "last names",
            summary: "Which words of a sentence are last names? Titles, first names, capitals and neighbours tell.",
            formula: "words → {word, name} at each step",
            source: "template sentences of our own; the task is that of Bikel and others, Nymble, 1997",
            watch: "Names in the test never occur in training: accuracy there comes from the neighbours alone.",
            knobs: [
                .sequences(2000),
                Knob(
                    "inputs", title: "inputs",
                    summary: "Whether each step is a word, or the features that a person would design.",
                    kind: .word(["words", "designed"]), default: .text("words")),
                Knob(
                    "case", title: "capitals",
                    summary: "Whether words are told apart by their capitals; else all are in small letters.",
                    kind: .toggle, default: .toggle(true)),
            ]),
        task: .classification, trainFraction: 0.8,
        reference: .counted(order: 2) { $0 == 1 ? "by the word alone" : "by two words" }, schema: schema
    ) { request throws(DataError) in try NameSentences(request, schema(request)) }

    /// Stands for every word without a number.
    static let new = "<new>"
    /// The same of words with a capital.
    static let newCapital = "<New>"

    @Sendable private static func schema(_ request: DataRequest) -> DataSchema {
        let kind =
            request.text("inputs") == "words"
            ? SequenceKind.symbols(
                NameSentences.words(keepsCase: request.toggle("case")), steps: NameSentences.longest, hasLengths: true,
                targetSteps: NameSentences.longest)
            : SequenceKind(
                steps: NameSentences.longest, features: NameSentences.features(keepsCase: request.toggle("case")),
                hasLengths: true, targetSteps: NameSentences.longest)
        return DataSchema(.sequence(kind), task: .classification(classes: 2), classNames: ["word", "name"])
    }
}

/// Sentences with last names: the first ones with the training names, the others with those of the test.
struct NameSentences: SequenceSource {
    let schema: DataSchema
    let count: Int
    let trainCount: Int?
    private let isByWord: Bool
    private let keepsCase: Bool
    private let numbers: [String: Int]
    private var random: Random
    private var given = 0

    init(_ request: DataRequest, _ schema: DataSchema) throws(DataError) {
        self.schema = schema
        (count, trainCount) = (request.samples, try request.trainCount(of: request.samples))
        (isByWord, keepsCase) = (request.text("inputs") == "words", request.toggle("case"))
        numbers = Dictionary(zip(Self.words(keepsCase: keepsCase), 0...)) { first, _ in first }
        // Another stream than the one that shuffles.
        random = Random(seed: request.description.seed ^ 0x6E61_6D65_7300)
    }

    mutating func next(into sample: inout SequenceSample) {
        let isTest = given >= trainCount!
        given += 1
        let sentence = Self.sentence(&random, isTest: isTest)
        let words = sentence.map(\.word)
        if isByWord { sample.write(words.map(number)) } else { sample.length = words.count }
        for step in words.indices {
            if !isByWord {
                for (place, value) in Self.designed(words, step, keepsCase: keepsCase).enumerated() {
                    sample[step, place] = value
                }
            }
            sample.labels[step] = sentence[step].isName ? 1 : 0
        }
    }

    /// The number of a word; of one without a number that of all such.
    private func number(_ word: String) -> Int {
        let name = keepsCase ? word : word.lowercased()
        let new = keepsCase && Self.isCapital(word) ? LastNames.newCapital : LastNames.new
        return numbers[name] ?? numbers[new]!
    }

    private static func isCapital(_ word: String) -> Bool { word.first?.isUppercase ?? false }

    // MARK: - Sentences

    /// A sentence with the mark of its last names.
    /// - Parameter isTest: with last names that training never has.
    static func sentence(_ random: inout Random, isTest: Bool) -> [(word: String, isName: Bool)] {
        let names = isTest ? testNames : trainNames
        var words: [(word: String, isName: Bool)] = []
        for part in random.pick(templates).split(separator: " ") {
            switch part {
            case "*": words.append((random.pick(names), true))
            case "%title": words.append((random.pick(titles), false))
            case "%first": words.append((random.pick(random.uniform() < 0.5 ? knownFirst : rareFirst), false))
            case "%place": words.append((random.pick(random.uniform() < 0.5 ? knownPlaces : rarePlaces), false))
            case "%thing": words.append((random.pick(random.uniform() < 0.5 ? knownThings : rareThings), false))
            case "%trade": words.append((random.pick(trades), false))
            case "%day": words.append((random.pick(days), false))
            default: words.append((String(part), false))
            }
        }
        // A sentence begins with a capital.
        words[0].word = words[0].word.prefix(1).uppercased() + words[0].word.dropFirst()
        return words
    }

    /// The most words of a sentence.
    static let longest = templates.map { $0.split(separator: " ").count }.max()!

    /// `*` is a last name.
    static let templates = [
        "%title * met %title * at the station .",
        "yesterday %first * called %title * about the broken %thing .",
        "the %trade gave the %thing to %title * .",
        "the * family moved to %place in May .",
        "* , who lived in %place , wrote to his sister .",
        "in %place the %trade found a %thing and a letter from * .",
        "on %day %first and %first went to %place by train .",
        "%title * said that %first had lost the %thing .",
        "\" where is the %thing ? \" asked %title * .",
        "\" in %place , \" said * , \" as I told %first . \"",
        "%first * and %first * were married in %place .",
        "nobody in %place had seen the %thing since %day .",
        "the %trade , %first * , came late on %day .",
        "when %first was young , %title * taught her to swim .",
        "the old %trade of %place was called * .",
        "please send the %thing to %first * , %place .",
        "a %thing for %first , a %thing for %title * .",
        "dear %title * , thank you for the %thing .",
        "dear %first , the %thing has come from %place .",
        "%place is far , but the * brothers walked there .",
        "was it %title * or the %trade who took the %thing ?",
        "every %day %first bakes bread for the %trade .",
        "%first ' s %thing is older than the house of %title * .",
        "they named the bridge in %place after %first * .",
        "my neighbour , %title * , sings in %place .",
        "the letter was signed by %first * on %day .",
        "%title * ' s %thing was the best in %place .",
        "no , the %trade is not a * , he is a * !",
        "%thing and %thing were sold in %place on %day .",
        "I know a %trade in %place and another near %place .",
        "the twins * and * won the race in %place .",
        "ask the %trade , ask %first , but never ask * .",
        "every * in %place has a %thing .",
        "the firm of * and sons sells one %thing after the other .",
        "doctor and %trade agreed that %first should rest .",
        "is %first at home ? no , she is in %place with the * children .",
        "the street where %title * and the %trade live is quiet .",
        "last summer %first wrote a song about a %thing .",
        "%first * of %place has sent a %thing .",
        "we waited for * until %day , then for %first .",
        "Lake %place is deep , said the %trade to %first .",
        "the %trade and the %trade both like the %thing .",
        "%trade and %trade are not the same in %place .",
        "%trade or %title * , who gets up first ?",
    ]
    static let titles = ["Mr", "Mrs", "Ms", "Dr", "Professor", "Captain", "Judge", "Sister"]
    private static let knownFirst = ["Anna", "Tom", "Clara", "Peter", "Lucy", "Oscar", "Mary", "Paul"]
    private static let rareFirst = [
        "Ottilie", "Bruno", "Wanda", "Caspar", "Hedda", "Ivo", "Mathilda", "Quentin", "Runa", "Sixtus", "Tabea",
        "Ulf", "Vera", "Wendelin", "Xenia", "Yannick",
    ]
    private static let knownPlaces = ["London", "Vienna", "Paris", "Oslo", "Rome", "Berlin"]
    private static let rarePlaces = [
        "Trondheim", "Szeged", "Coimbra", "Ghent", "Turku", "Nantes", "Zadar", "Galway", "Lund", "Arezzo", "Brno",
        "Tartu",
    ]
    private static let knownThings = ["bread", "clock", "boat", "cake", "letter", "bell"]
    private static let rareThings = [
        "zither", "lantern", "sundial", "accordion", "teapot", "barometer", "wheelbarrow", "saddle", "hourglass",
        "trumpet", "loom", "compass",
    ]
    /// Words that are last names too.
    static let trades = ["baker", "miller", "cook", "potter", "smith", "shepherd", "fisher", "carter"]
    private static let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    /// The last names that have numbers: trades with a capital, and some that are common.
    private static let commonNames = [
        "Baker", "Miller", "Cook", "Potter", "Smith", "Fisher", "Bell", "Jones", "Brown", "Taylor", "Wilson", "Evans",
    ]
    static let trainNames =
        commonNames + [
            "Abernathy", "Aldous", "Ashdown", "Bancroft", "Barlow", "Birkett", "Brightwell", "Caldwell", "Carraway",
            "Clifton", "Dalby", "Darrow", "Dunmore", "Eastman", "Ellery", "Fairfax", "Fenwick", "Garrick", "Gladwin",
            "Goodwin", "Hadley", "Halloran", "Hartley", "Hathaway", "Hollis", "Ingram", "Jarvis", "Kendall", "Kirby",
            "Langley", "Larkin", "Lockhart", "Maddox", "Marlow", "Merrick", "Norwood", "Oakley", "Pemberton",
            "Prescott",
            "Quigley", "Radcliffe", "Ravenscroft", "Sedgwick", "Shelby", "Stanhope", "Thackeray", "Thornton",
            "Underhill",
            "Vickers", "Wakefield", "Whitaker", "Winslow", "Yardley",
        ]
    static let testNames = [
        "Appleby", "Ashworth", "Beckett", "Blackwood", "Braddock", "Chadwick", "Crawford", "Davenport", "Ellsworth",
        "Farnham", "Gatsby", "Hargrove", "Holloway", "Kingsley", "Lancaster", "Montague", "Nettleton", "Osgood",
        "Penrose", "Quimby", "Rutherford", "Sheldon", "Trevelyan", "Upton", "Vandermeer", "Wetherby", "Woodhouse",
        "York",
    ]

    /// The words that have numbers.
    static func words(keepsCase: Bool) -> [String] {
        let fixed = templates.flatMap { $0.split(separator: " ").map(String.init) }.filter {
            $0 != "*" && $0.first != "%"
        }
        let firsts = templates.compactMap { template -> String? in
            let word = template.split(separator: " ")[0]
            return word.first == "%" || word == "*" ? nil : word.prefix(1).uppercased() + word.dropFirst()
        }
        let filled = titles + knownFirst + knownPlaces + knownThings + trades + days + commonNames
        let capital = keepsCase ? [LastNames.newCapital] : []
        let all = [LastNames.new] + capital + fixed + firsts + filled
        var seen: Set<String> = []
        return all.enumerated().map { $0 < 1 + capital.count || keepsCase ? $1 : $1.lowercased() }.filter {
            seen.insert($0).inserted
        }
    }

    // MARK: - Designed features

    /// The names of the features that a person would design.
    static func features(keepsCase: Bool) -> [String] {
        (keepsCase ? ["capital"] : []) + [
            "first word", "after a title", "after a first name", "after \"the\"", "before \"family\"", "known word",
        ]
    }

    /// Of the word at a step, 0 or 1 each.
    static func designed(_ words: [String], _ step: Int, keepsCase: Bool) -> [Float] {
        let before = step > 0 ? words[step - 1] : ""
        let after = step + 1 < words.count ? words[step + 1] : ""
        let lower = words[step].lowercased()
        let facts = [
            step == 0, titles.contains(before), knownFirst.contains(before), before.lowercased() == "the",
            ["family", "brothers", "children"].contains(after), plainWords.contains(lower),
        ]
        return ((keepsCase ? [isCapital(words[step])] : []) + facts).map { $0 ? 1 : 0 }
    }

    /// The words of the templates, in small letters.
    private static let plainWords = Set(
        templates.flatMap { $0.split(separator: " ").map { $0.lowercased() } } + knownThings
            + days.map { $0.lowercased() }
            + titles.map { $0.lowercased() })
}
