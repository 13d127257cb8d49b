import Basics
import Datasets
import Engine

/// The values that may stand at a place of the document.
indirect enum Form: Sendable {
    /// A number, a toggle, a text, a word, or a choice from a catalogue list.
    case value(Knob.Kind)
    /// A text to read: one that is empty or blank is a mistake.
    case words
    /// A value, or null for "none".
    case optional(Knob.Kind)
    case object([DocumentField])
    case list(Form)
    /// The object `data`, whose keys depend on its `dataset`.
    case data
    /// One row of drawn points: `[x1, x2, label]`, with "test" behind a test point.
    case point
    /// An image drawn by hand: `[class, pixels]`, the pixels' bytes as base64.
    case drawing
    /// A layer by its index or, inside a block, by its path, or null for "none".
    case layer
    /// `[LAYER, UNIT]`, or an empty list for "none".
    case neuron
    /// `{KEY PATH: VALUE}`, as in `compare`.
    case assignments

    static let layerIndices = 0...1000

    /// The kind of a single value; nil for objects and lists.
    var kind: Knob.Kind? {
        switch self {
        case .value(let kind), .optional(let kind): kind
        case .layer: .integer(Form.layerIndices)
        default: nil
        }
    }
}

/// One key of the document: what it means, what may stand there, and where the value lives in an `Experiment`.
struct DocumentField: Sendable {
    let name: String
    let title: String
    let summary: String
    let form: Form
    var isRequired = false
    /// The default that the struct does not show: the dataset's own, or where the editor starts from "none".
    var fallback: KnobValue?
    /// The present value; null where it is absent.
    let get: @Sendable (Experiment) -> JSON
    /// Takes a value that fits `form`.
    let set: @Sendable (inout Experiment, JSON) -> Void
    /// When to raise its number, and when to lower it; empty where it has no direction.
    private(set) var raise = ""
    private(set) var lower = ""

    /// A key whose value is stored at `path`.
    init<Value>(
        _ name: String, title: String, summary: String, form: Form,
        at path: WritableKeyPath<Experiment, Value> & Sendable, as codec: Codec<Value>, fallback: KnobValue? = nil
    ) {
        self.init(
            name, title: title, summary: summary, form: form, fallback: fallback,
            get: { codec.encode($0[keyPath: path]) }, set: { $0[keyPath: path] = codec.decode($1) })
    }

    /// A key with an object of fixed keys.
    init(_ name: String, title: String, summary: String, fields: [DocumentField]) {
        self.init(
            name, title: title, summary: summary, form: .object(fields),
            get: { experiment in .object(fields.map { JSON.Member($0.name, $0.get(experiment)) }) },
            set: { experiment, json in
                for field in fields { if let value = json[field.name] { field.set(&experiment, value) } }
            })
    }

    init(
        _ name: String, title: String, summary: String, form: Form, fallback: KnobValue? = nil,
        get: @escaping @Sendable (Experiment) -> JSON, set: @escaping @Sendable (inout Experiment, JSON) -> Void
    ) {
        self.name = name
        self.title = title
        self.summary = summary
        self.form = form
        self.fallback = fallback
        self.get = get
        self.set = set
    }

    /// The key of a number with when to raise it, and when to lower it.
    func advised(raise: String, lower: String) -> DocumentField {
        var field = self
        (field.raise, field.lower) = (raise, lower)
        return field
    }

    func required() -> DocumentField {
        var field = self
        field.isRequired = true
        return field
    }

    /// The field as the editor and the help show it; nil for objects and lists.
    var knob: Knob? {
        guard let kind = form.kind, let value = fallback ?? KnobValue(get(.blank), kind: kind) else { return nil }
        return Knob(
            name, title: title, summary: summary, kind: kind, default: value, raise: raise, lower: lower)
    }
}

/// How a value of the struct is written in JSON. `decode` is given only what fits the field's form.
struct Codec<Value>: Sendable {
    let encode: @Sendable (Value) -> JSON
    let decode: @Sendable (JSON) -> Value
}

extension Codec where Value == Int {
    static let integer = Codec(encode: { .number(Double($0)) }, decode: { Int($0.expectedNumber) })
}

extension Codec where Value == UInt64 {
    static let seed = Codec(encode: { .number(Double($0)) }, decode: { UInt64($0.expectedNumber) })
}

extension Codec where Value == Double {
    static let real = Codec(encode: { .number($0) }, decode: { $0.expectedNumber })
}

extension Codec where Value == Bool {
    static let toggle = Codec(encode: { .bool($0) }, decode: { $0 == .bool(true) })
}

extension Codec where Value == String {
    static let text = Codec(encode: { .string($0) }, decode: { $0.expectedText })
}

extension Codec where Value: RawRepresentable & SendableMetatype, Value.RawValue == String {
    static var word: Codec {
        Codec(encode: { .string($0.rawValue) }, decode: { Value(rawValue: $0.expectedText)! })
    }
}

extension Codec where Value == Choice {
    static func choice(_ list: CatalogueList) -> Codec {
        Codec(encode: { $0.json(in: list) }, decode: { Choice($0, in: list) })
    }
}

extension Codec {
    static func optional<Wrapped>(_ codec: Codec<Wrapped>) -> Codec where Value == Wrapped? {
        Codec(encode: { $0.map(codec.encode) ?? .null }, decode: { $0 == .null ? nil : codec.decode($0) })
    }

    static func list<Element>(_ codec: Codec<Element>) -> Codec where Value == [Element] {
        Codec(encode: { .array($0.map(codec.encode)) }, decode: { $0.expectedElements.map(codec.decode) })
    }
}

extension Codec where Value == DrawnPoint {
    static let point = Codec(
        encode: { point in
            let label: JSON =
                switch point.label {
                case .number(let number): .number(number)
                case .text(let text): .string(text)
                }
            let mark: [JSON] = point.isTest ? [.string(FormCheck.testPointMark)] : []
            return .array([.number(point.x1), .number(point.x2), label] + mark)
        },
        decode: { json in
            let cells = json.expectedElements
            let label: DrawnPoint.Label =
                if case .string(let text) = cells[2] { .text(text) } else { .number(cells[2].expectedNumber) }
            return DrawnPoint(
                x1: cells[0].expectedNumber, x2: cells[1].expectedNumber, label: label, isTest: cells.count == 4)
        })
}

extension Codec where Value == DrawnImage {
    static let drawing = Codec(
        encode: { .array([.string($0.label), .string(base64($0.pixels))]) },
        decode: { json in
            let cells = json.expectedElements
            return DrawnImage(label: cells[0].expectedText, pixels: bytes(ofBase64: cells[1].expectedText)!)
        })
}

extension Codec where Value == LayerPath {
    /// The index alone outside of blocks.
    static let layer = Codec(
        encode: { $0.block == nil ? .number(Double($0.index)) : .string($0.description) },
        decode: { json in
            if case .string(let text) = json { return LayerPath(text)! }
            return LayerPath(Int(json.expectedNumber))
        })
}

extension Codec where Value == ViewRequest.Neuron? {
    static let neuron = Codec(
        encode: { neuron in
            .array(neuron.map { [Codec<LayerPath>.layer.encode($0.layer), .number(Double($0.unit))] } ?? [])
        },
        decode: { json in
            let parts = json.expectedElements
            guard parts.count == 2 else { return nil }
            return ViewRequest.Neuron(
                layer: Codec<LayerPath>.layer.decode(parts[0]), unit: Int(parts[1].expectedNumber))
        })
}

extension Codec where Value == Experiment.Variant {
    static let variant = Codec(
        encode: { .object([JSON.Member("title", .string($0.title)), JSON.Member("set", .object($0.set))]) },
        decode: { json in
            guard case .object(let members)? = json["set"] else { preconditionFailure("a variant has settings") }
            return Experiment.Variant(title: json["title"]?.expectedText ?? "", set: members)
        })
}

extension JSON {
    fileprivate var expectedNumber: Double {
        guard case .number(let number) = self else { preconditionFailure("unchecked JSON: not a number") }
        return number
    }

    fileprivate var expectedText: String {
        guard case .string(let text) = self else { preconditionFailure("unchecked JSON: not a text") }
        return text
    }

    fileprivate var expectedElements: [JSON] {
        guard case .array(let elements) = self else { preconditionFailure("unchecked JSON: not a list") }
        return elements
    }
}

extension KnobValue {
    /// The value of a knob from JSON that fits its kind; nil for null.
    init?(_ json: JSON, kind: Knob.Kind) {
        switch (kind, json) {
        case (.integer, .number(let number)):
            guard let whole = Int(exactly: number) else { return nil }
            self = .integer(whole)
        case (.real, .number(let number)): self = .real(number)
        case (.toggle, .bool(let on)): self = .toggle(on)
        case (.text, .string(let text)), (.word, .string(let text)): self = .text(text)
        case (.word, .number(let number)): self = .text(JSONPrinter.number(number))
        case (.choice(let list), .string), (.choice(let list), .object): self = .choice(Choice(json, in: list))
        case (.list(let element), .array(let values)):
            let elements = values.compactMap { KnobValue($0, kind: element) }
            guard elements.count == values.count else { return nil }
            self = .list(elements)
        default: return nil
        }
    }

    /// - Parameter kind: the knob's, which names the list of a choice.
    func json(kind: Knob.Kind) -> JSON {
        switch self {
        case .integer(let number): .number(Double(number))
        case .real(let number): .number(number)
        case .toggle(let on): .bool(on)
        case .text(let text):
            // A word that is a number is written as one.
            if case .word = kind, let number = Int(text) { .number(Double(number)) } else { .string(text) }
        case .choice(let choice):
            if case .choice(let list) = kind { choice.json(in: list) } else { .string(choice.id) }
        case .list(let values):
            if case .list(let element) = kind { .array(values.map { $0.json(kind: element) }) } else { .array([]) }
        }
    }
}

extension Choice {
    /// From JSON that has been checked: the id, or an object with one key.
    init(_ json: JSON, in list: CatalogueList) {
        switch json {
        case .string(let id): self.init(id)
        case .object(let members) where members.count == 1:
            self.init(members[0].key)
            guard case .object(let settings) = members[0].value, let entry = Catalogue.entry(list, id) else { return }
            for setting in settings {
                guard let knob = entry.knob(setting.key) else { continue }
                knobs[knob.name] = KnobValue(setting.value, kind: knob.kind)
            }
        default: preconditionFailure("unchecked JSON: not a choice")
        }
    }

    /// The id alone, or with the knobs that were set, in the entry's order.
    func json(in list: CatalogueList) -> JSON {
        let knobs = Catalogue.entry(list, id)?.knobs ?? []
        let members = knobs.compactMap { knob in
            self.knobs[knob.name].map { JSON.Member(knob.name, $0.json(kind: knob.kind)) }
        }
        return members.isEmpty ? .string(id) : .object([JSON.Member(id, .object(members))])
    }
}

extension JSON {
    /// A layer of a checked document, changed.
    public func changingLayer(_ change: (Choice) -> Choice) -> JSON {
        change(Choice(self, in: .layer)).json(in: .layer)
    }
}
