import Engine

/// Digits that are spelled out.
enum Spell {
    static let dataset = Dataset(
        sequences: Entry(
            id: "spell", title: "spell",
            summary: "A digit, spelled out in letters: one input, a sequence as the answer.",
            formula: "3 → t h r e e", source: "the usual example of one to many",
            watch: "Where the word ends: the sign for the end must come at the right step.",
            knobs: [
                .sequences(200),
                Knob(
                    "noise", title: "noise %", summary: "The deviation of the noise on the digit's ten values.",
                    kind: .real(0...100, steps: [0, 5, 10, 20, 30]), default: .real(10),
                    raise: "to see whether the network reads the digit", lower: "when digits are taken for others"),
            ]),
        task: .classification, schema: { _ in schema }
    ) { request in
        let noise = request.noise
        return DrawnSequences(request, schema) { number, sample, random in
            let digit = number % 10
            for place in 0..<10 {
                let value = (place == digit ? 1 : 0) + noise * random.normal()
                sample[0, place] = Float(min(max(value, -1), 1))
            }
            let word = Array(words[digit])
            for step in 0..<longest {
                sample.labels[step] = Float(
                    step < word.count ? letters.firstIndex(of: String(word[step]))! : letters.count - 1)
            }
        }
    }

    private static let words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    private static let longest = 5
    private static let letters = Set(words.joined()).sorted().map { String($0) } + ["end"]

    private static let schema = DataSchema(
        .sequence(.oneHot((0...9).map { "\($0)" }, steps: 1, targetSteps: longest)),
        task: .classification(classes: letters.count), classNames: letters)
}
