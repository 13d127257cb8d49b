import Basics

/// The one check of a knob's value, for the engine, for the datasets and for documents.
extension Knob.Kind {
    /// The values that it takes, as messages name them.
    public var expectation: String {
        switch self {
        case .integer(let range) where range.count == 1: "expected \(range.lowerBound)"
        case .integer(let range): "expected a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .real(let range, _):
            "expected a number from \(plainNumber(range.lowerBound)) to \(plainNumber(range.upperBound))"
        case .toggle: "expected true or false"
        case .text: "expected a text"
        case .word(let words): "expected \(Self.offered(words))"
        case .choice(let list): "expected the name of one \(list.rawValue), or an object with one"
        case .list: "expected a list"
        }
    }

    /// The mistake in a value, with the nearest one that fits; nil: it fits. Of a choice and of a list only that it is one.
    /// - Parameters:
    ///   - value: nil for what no knob can have.
    ///   - words: the value as the message shows it.
    public func mistake(in value: KnobValue?, found words: String) -> String? {
        switch (self, value) {
        case (.integer(let range), .integer), (.integer(let range), .real):
            let nearest = min(
                max(value!.number.rounded(), Double(range.lowerBound)), Double(range.upperBound))
            return mistake(in: value!.number, nearest, hasOthers: range.count > 1, found: words)
        case (.real(let range, _), .integer), (.real(let range, _), .real):
            let nearest = min(max(value!.number, range.lowerBound), range.upperBound)
            return mistake(in: value!.number, nearest, hasOthers: true, found: words)
        case (.word(let all), .text(let word)):
            if !all.contains(word), let nearest = Self.nearest(to: Double(word), among: all) {
                return "\(expectation), found \(word)\(nearest)"
            }
            return all.contains(word) ? nil : "found \(quoted(word)); \(NearestName.advice(word, among: all))"
        case (.toggle, .toggle), (.text, .text), (.choice, .choice), (.list, .list): return nil
        case (.word(let all), .integer), (.word(let all), .real):
            return "\(expectation), found \(words)\(Self.nearest(to: value!.number, among: all) ?? "")"
        default: return "\(expectation), found \(words)"
        }
    }

    /// "one of 16, 24, 32"; whole numbers that follow each other as a range: "same or a whole number from 0 to 15".
    private static func offered(_ words: [String]) -> String {
        let numbers = words.compactMap { Int($0) }
        guard let first = numbers.first, numbers.count > 2, numbers == Array(first..<first + numbers.count) else {
            return "one of \(words.joined(separator: ", "))"
        }
        let range = "a whole number from \(first) to \(first + numbers.count - 1)"
        return (words.filter { Int($0) == nil } + [range]).joined(separator: " or ")
    }

    /// The nearest of the words that are numbers: "; the nearest is 64".
    private static func nearest(to number: Double?, among words: [String]) -> String? {
        guard let number, number.isFinite else { return nil }
        let numbers = words.compactMap { word in Double(word).map { (word: word, distance: abs($0 - number)) } }
        return numbers.min { $0.distance < $1.distance }.map { "; the nearest is \($0.word)" }
    }

    private func mistake(in number: Double, _ nearest: Double, hasOthers: Bool, found words: String) -> String? {
        guard number != nearest else { return nil }
        let advice = hasOthers && nearest.isFinite ? "; the nearest is \(plainNumber(nearest))" : ""
        return "\(expectation), found \(words)\(advice)"
    }
}

extension KnobValue {
    /// The value as one of a kind: a whole number for a real one, and the other way.
    /// - Parameter place: its key path.
    /// - Throws: what was expected, what was found, and the nearest that fits; in a choice and in a list where.
    public func checked(as kind: Knob.Kind, place: String) throws(EngineError) -> KnobValue {
        if let mistake = kind.mistake(in: self, found: words) { throw EngineError(place: place, message: mistake) }
        switch (kind, self) {
        case (.integer, .real(let number)): return .integer(Int(number))
        case (.real, .integer(let number)): return .real(Double(number))
        case (.choice(let list), .choice(let choice)):
            _ = try Settings(choice, in: list, place: place)
            return self
        case (.list(let element), .list(let values)):
            return .list(
                try values.enumerated().map { index, value throws(EngineError) in
                    try value.checked(as: element, place: "\(place).\(index)")
                })
        default: return self
        }
    }

    fileprivate var number: Double {
        switch self {
        case .integer(let number): Double(number)
        case .real(let number): number
        default: .nan
        }
    }

    /// The value as a message shows it.
    private var words: String {
        switch self {
        case .integer(let number): "\(number)"
        case .real(let number): number.isFinite ? plainNumber(number) : "\(number)"
        case .toggle(let on): on ? "true" : "false"
        case .text(let text): quoted(text)
        case .choice(let choice): quoted(choice.id)
        case .list(let values): "a list of \(values.count)"
        }
    }
}

extension CatalogueList {
    /// - Throws: that there is none of this id, and the nearest that there is.
    public func entry(named id: String, place: String) throws(EngineError) -> Entry {
        if let entry = Catalogue.entry(self, id) { return entry }
        let advice = NearestName.advice(id, among: Catalogue.entries(self).map(\.id))
        throw EngineError(place: place, message: "there is no \(rawValue) \(quoted(id)); \(advice)")
    }
}

extension Entry {
    /// - Throws: that it has no such knob, and the nearest that it has.
    public func knob(named name: String, place: String) throws(EngineError) -> Knob {
        if let knob = knob(name) { return knob }
        throw EngineError(
            place: place,
            message: knobs.isEmpty
                ? "\(id) has no settings; leave \(quoted(name)) out"
                : "\(id) has no setting \(quoted(name)); \(NearestName.advice(name, among: knobs.map(\.name)))")
    }
}
