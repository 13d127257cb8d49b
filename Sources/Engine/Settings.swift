/// A choice that has been checked against its entry: every knob has a value of its kind and in its range.
struct Settings: Sendable, Hashable {
    let entry: Entry
    /// As it was written.
    let choice: Choice
    /// The place of the choice, with its id: "layers.1.dense".
    let place: String
    /// One value for each of the entry's knobs, in their order.
    private let values: [KnobValue]
    /// The same, for the numbers; 0 elsewhere.
    private let numbers: [Double]

    /// - Throws: an unknown entry or knob (with the nearest name), a value of another kind, a number out of range.
    init(_ choice: Choice, in list: CatalogueList, place: String) throws(EngineError) {
        guard let entry = Catalogue.entry(list, choice.id) else {
            let names = Catalogue.entries(list).map(\.id)
            throw EngineError(
                place: place,
                message:
                    "there is no \(list.rawValue) \(quoted(choice.id)); \(NearestName.advice(choice.id, among: names))")
        }
        let path = place.isEmpty ? entry.id : "\(place).\(entry.id)"
        for name in choice.knobs.keys.sorted() where entry.knob(name) == nil {
            let names = entry.knobs.map(\.name)
            throw EngineError(
                place: "\(path).\(name)",
                message: names.isEmpty
                    ? "\(entry.id) has no settings; leave \(quoted(name)) out"
                    : "\(entry.id) has no setting \(quoted(name)); \(NearestName.advice(name, among: names))")
        }
        var values: [KnobValue] = []
        for knob in entry.knobs {
            values.append(try Self.check(choice.value(of: knob), for: knob, place: "\(path).\(knob.name)"))
        }
        self.entry = entry
        self.choice = choice
        self.place = path
        self.values = values
        numbers = values.map { value in
            switch value {
            case .integer(let number): Double(number)
            case .real(let number): number
            default: 0
            }
        }
    }

    private static func check(_ value: KnobValue, for knob: Knob, place: String) throws(EngineError) -> KnobValue {
        switch (knob.kind, value) {
        case (.integer(let range), .integer(let number)) where range.contains(number):
            return value
        case (.integer(let range), .real(let number)) where number == number.rounded() && abs(number) < 1e15:
            return try check(
                .integer(Int(number)),
                for: Knob(
                    knob.name, title: knob.title, summary: knob.summary, kind: .integer(range),
                    default: knob.defaultValue), place: place)
        case (.integer(let range), _):
            throw EngineError(
                place: place,
                message: "expected a whole number from \(range.lowerBound) to \(range.upperBound), found \(value.words)"
            )
        case (.real(let range, _), .real(let number)) where range.contains(number):
            return value
        case (.real(let range, _), .integer(let number)) where range.contains(Double(number)):
            return .real(Double(number))
        case (.real(let range, _), _):
            throw EngineError(
                place: place,
                message: "expected a number from \(range.lowerBound) to \(range.upperBound), found \(value.words)")
        case (.toggle, .toggle), (.text, .text):
            return value
        case (.toggle, _):
            throw EngineError(place: place, message: "expected true or false, found \(value.words)")
        case (.text, _):
            throw EngineError(place: place, message: "expected a text, found \(value.words)")
        case (.word(let words), .text(let word)) where words.contains(word):
            return value
        case (.word(let words), .text(let word)):
            throw EngineError(place: place, message: "found \(quoted(word)); \(NearestName.advice(word, among: words))")
        case (.word(let words), _):
            throw EngineError(
                place: place, message: "expected one of \(words.joined(separator: ", ")), found \(value.words)")
        case (.choice(let list), .choice(let choice)):
            _ = try Settings(choice, in: list, place: place)
            return value
        case (.choice(let list), _):
            throw EngineError(place: place, message: "expected the name of a \(list.rawValue), found \(value.words)")
        case (.list(let element), .list(let values)):
            let knob = Knob(
                knob.name, title: knob.title, summary: knob.summary, kind: element, default: knob.defaultValue)
            return .list(
                try values.enumerated().map { index, value throws(EngineError) in
                    try check(value, for: knob, place: "\(place).\(index)")
                })
        case (.list, _):
            throw EngineError(place: place, message: "expected a list, found \(value.words)")
        }
    }

    /// The number of a knob, which the entry must have.
    func real(_ name: String) -> Double { numbers[position(name)] }

    func integer(_ name: String) -> Int { Int(numbers[position(name)]) }

    func toggle(_ name: String) -> Bool { values[position(name)] == .toggle(true) }

    func choice(_ name: String) -> Choice {
        guard case .choice(let choice) = values[position(name)] else { preconditionFailure("\(name) is not a choice") }
        return choice
    }

    /// The layers of a stack.
    func stack(_ name: String) -> [Choice] { values[position(name)].elements.map(\.asChoice) }

    /// The layers of several stacks.
    func stacks(_ name: String) -> [[Choice]] { values[position(name)].elements.map { $0.elements.map(\.asChoice) } }

    func text(_ name: String) -> String {
        guard case .text(let text) = values[position(name)] else { preconditionFailure("\(name) is not a text") }
        return text
    }

    /// The numbers of all knobs, in the entry's order: a kernel's parameters.
    var parameters: [Double] { numbers }

    private func position(_ name: String) -> Int {
        for index in entry.knobs.indices where entry.knobs[index].name == name { return index }
        preconditionFailure("\(entry.id) has no knob \(name)")
    }
}

extension KnobValue {
    fileprivate var elements: [KnobValue] {
        guard case .list(let values) = self else { preconditionFailure("not a list") }
        return values
    }

    fileprivate var asChoice: Choice {
        guard case .choice(let choice) = self else { preconditionFailure("not a choice") }
        return choice
    }

    /// The value as a message shows it.
    fileprivate var words: String {
        switch self {
        case .integer(let number): "\(number)"
        case .real(let number): "\(number)"
        case .toggle(let on): on ? "true" : "false"
        case .text(let text): quoted(text)
        case .choice(let choice): quoted(choice.id)
        case .list(let values): "a list of \(values.count)"
        }
    }
}
