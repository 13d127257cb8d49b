import Engine

/// Sentences of a generator, word by word.
struct WordList {
    /// In the order in which they were first named.
    let words: [String]
    private let numbers: [String: Int]

    init(_ texts: [String]) {
        var numbers: [String: Int] = [:]
        var words: [String] = []
        for word in texts.flatMap({ $0.split(separator: " ").map(String.init) }) where numbers[word] == nil {
            numbers[word] = words.count
            words.append(word)
        }
        (self.words, self.numbers) = (words, numbers)
    }

    func numbers(of sentence: String) -> [Int] { sentence.split(separator: " ").map { numbers[String($0)]! } }
}
