/// A named, typed, ranged setting. Every catalogue entry is described by its knobs; the editor, the
/// JSON reader, the JSON Schema and the help are derived from them.
public struct Knob: Sendable, Hashable {
    public indirect enum Kind: Sendable, Hashable {
        case integer(ClosedRange<Int>)
        /// A real number in a closed range. `steps` are the values that one key press walks through, ascending.
        case real(ClosedRange<Double>, steps: [Double])
        case toggle
        /// Any text, for example a formula or a file name.
        case text
        /// One of a fixed set of words.
        case word([String])
        /// An entry of a catalogue list, with knobs of its own.
        case choice(CatalogueList)
        /// Any number of values of one kind: a stack is a list of layers, branches are a list of stacks.
        case list(Kind)
    }

    /// The key in JSON: lowerCamelCase, the field's standard term.
    public let name: String
    /// Its name on the screen: a short lower-case phrase of at most 16 characters.
    public let title: String
    /// One sentence that says what the setting does.
    public let summary: String
    public let kind: Kind
    public let defaultValue: KnobValue
    /// The letter that stands for it in the formula of its entry; nil: the formula names it in another way, or not at all.
    public let symbol: String?
    /// When to raise the number: "when the loss falls too slowly"; empty where it has no direction.
    public let raise: String
    /// When to lower the number; empty where it has no direction.
    public let lower: String

    public init(
        _ name: String, title: String, symbol: String? = nil, summary: String, kind: Kind,
        default defaultValue: KnobValue, raise: String = "", lower: String = ""
    ) {
        self.name = name
        self.title = title
        self.symbol = symbol
        self.summary = summary
        self.kind = kind
        self.defaultValue = defaultValue
        (self.raise, self.lower) = (raise, lower)
    }

    /// Whether it is a number, which can be raised and lowered.
    public var isNumber: Bool {
        switch kind {
        case .integer(let range): range.count > 1
        case .real: true
        default: false
        }
    }
}

/// The value of a knob.
public enum KnobValue: Sendable, Hashable {
    case integer(Int)
    case real(Double)
    case toggle(Bool)
    /// The value of a `text` or `word` knob.
    case text(String)
    case choice(Choice)
    case list([KnobValue])
}

/// An entry picked from a catalogue list, with the knobs that were set; a knob that is absent has its default.
///
/// In JSON a choice is its `id` (all defaults) or an object with one key: `{"leakyReLU": {"slope": 0.1}}`.
public struct Choice: Sendable, Hashable {
    public var id: String
    public var knobs: [String: KnobValue]

    public init(_ id: String, _ knobs: [String: KnobValue] = [:]) {
        self.id = id
        self.knobs = knobs
    }
}

/// The lists of the catalogue. The raw value is the list's name in messages.
public enum CatalogueList: String, Sendable, Hashable, CaseIterable {
    case layer, activation, loss, optimizer, initializer, schedule, augmentation, procedure, corruption, environment,
        rival
}

/// The description of a thing in the catalogue.
public struct Entry: Sendable, Hashable {
    /// The key in JSON: lowerCamelCase, the field's standard term.
    public let id: String
    /// Its name on the screen, at most 14 characters.
    public let title: String
    /// One sentence: what it is and when to use it.
    public let summary: String
    /// The formula in Unicode text, one line.
    public let formula: String
    /// The paper or the book.
    public let source: String
    /// The thing to look at when it is used, or the mistake that is usual with it: one or two sentences.
    public let watch: String
    public let knobs: [Knob]
    /// Only the output layer can have it (softmax).
    public let outputOnly: Bool

    public init(
        id: String, title: String, summary: String, formula: String, source: String, watch: String = "",
        knobs: [Knob] = [], outputOnly: Bool = false
    ) {
        self.id = id
        self.title = title
        self.summary = summary
        self.formula = formula
        self.source = source
        self.watch = watch
        self.knobs = knobs
        self.outputOnly = outputOnly
    }

    public func knob(_ name: String) -> Knob? { knobs.first { $0.name == name } }
}

extension Choice {
    /// The value of `knob`, or its default.
    public func value(of knob: Knob) -> KnobValue { knobs[knob.name] ?? knob.defaultValue }
}

extension Choice {
    /// The same choice with every knob of its entry written out.
    public func complete(for entry: Entry) -> Choice {
        var complete = Choice(id)
        for knob in entry.knobs { complete.knobs[knob.name] = value(of: knob).complete(knob.kind) }
        return complete
    }

    public func complete(in list: CatalogueList) -> Choice { Catalogue.entry(list, id).map(complete(for:)) ?? self }
}

extension KnobValue {
    fileprivate func complete(_ kind: Knob.Kind) -> KnobValue {
        switch (kind, self) {
        case (.choice(let list), .choice(let choice)): .choice(choice.complete(in: list))
        case (.list(let element), .list(let values)): .list(values.map { $0.complete(element) })
        case (.real, .integer(let number)): .real(Double(number))
        case (_, let value): value
        }
    }
}

extension Choice {
    /// The layer itself and all layers in the lists inside it, a block before what it holds.
    public var allLayers: [Choice] {
        [self] + knobs.sorted { $0.key < $1.key }.flatMap { $0.value.layersInList.flatMap(\.allLayers) }
    }

    /// The layer with all layers in the lists inside it changed, then itself.
    public func changingAllLayers<Failure>(_ change: (Choice) throws(Failure) -> Choice) throws(Failure) -> Choice {
        var changed = self
        for (name, value) in knobs { changed.knobs[name] = try value.changingLayersInList(change) }
        return try change(changed)
    }
}

extension KnobValue {
    /// The layers of a list, and of the lists in it.
    fileprivate var layersInList: [Choice] {
        guard case .list(let values) = self else { return [] }
        return values.flatMap { value in
            if case .choice(let layer) = value { [layer] } else { value.layersInList }
        }
    }

    fileprivate func changingLayersInList<Failure>(
        _ change: (Choice) throws(Failure) -> Choice
    ) throws(Failure) -> KnobValue {
        guard case .list(let values) = self else { return self }
        var changed: [KnobValue] = []
        for value in values {
            if case .choice(let layer) = value {
                changed.append(.choice(try layer.changingAllLayers(change)))
            } else {
                changed.append(try value.changingLayersInList(change))
            }
        }
        return .list(changed)
    }
}
