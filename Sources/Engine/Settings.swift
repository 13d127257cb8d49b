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
        let entry = try list.entry(named: choice.id, place: place)
        let path = place.isEmpty ? entry.id : "\(place).\(entry.id)"
        for name in choice.knobs.keys.sorted() { _ = try entry.knob(named: name, place: "\(path).\(name)") }
        var values: [KnobValue] = []
        for knob in entry.knobs {
            values.append(try choice.value(of: knob).checked(as: knob.kind, place: "\(path).\(knob.name)"))
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
}
