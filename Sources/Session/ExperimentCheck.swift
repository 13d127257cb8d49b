import Datasets
import Engine
import Basics

/// Compares JSON with the document's forms. Every message says what was expected, what was found, and offers the
/// nearest valid key, name or number; its place is the key path.
enum FormCheck {
    static func check(_ json: JSON, against form: Form, at path: String) throws(ExperimentError) {
        switch form {
        case .value(let kind): try check(json, kind: kind, at: path)
        case .words:
            try check(json, kind: .text, at: path)
            guard case .string(let text) = json, text.isBlank else { return }
            throw mistake(path, "expected words, found \(text.isEmpty ? "an empty text" : "blanks alone")")
        case .optional(let kind): if json != .null { try check(json, kind: kind, at: path) }
        case .object(let fields): try check(json, fields: fields, at: path)
        case .list(let element):
            for (index, value) in try elements(json, at: path).enumerated() {
                try check(value, against: element, at: join(path, "\(index)"))
            }
        case .data: try checkData(json, at: path)
        case .point: try checkPoint(json, at: path)
        case .drawing: try checkDrawing(json, at: path)
        case .layer: if json != .null { try checkLayer(json, from: Form.layerIndices.lowerBound, at: path) }
        case .neuron:
            let parts = try elements(json, at: path)
            guard !parts.isEmpty else { return }
            guard parts.count == 2 else {
                throw mistake(path, "expected two numbers or an empty list, found \(parts.count)")
            }
            try checkLayer(parts[0], from: LayerPath.input.index, at: join(path, "0"))
            try check(parts[1], kind: .integer(0...1_000_000), at: join(path, "1"))
        case .assignments:
            guard case .object = json else {
                throw mistake(path, "expected an object of key paths and values, found \(json.words)")
            }
        }
    }

    static func join(_ path: String, _ key: String) -> String {
        path.isEmpty ? shortened(key) : "\(path).\(shortened(key))"
    }

    static func mistake(_ path: String, _ message: String) -> ExperimentError {
        ExperimentError(.malformed, place: path.isEmpty ? "document" : shortened(path, to: mostNamed), message: message)
    }

    static func unknownKey(_ key: String, at path: String, among names: [String]) -> ExperimentError {
        let owner = path.isEmpty ? "an experiment" : quoted(path)
        return mistake(
            join(path, key), "\(owner) has no key \(quoted(key)); \(NearestName.advice(key, among: names))")
    }

    private static func elements(_ json: JSON, at path: String) throws(ExperimentError) -> [JSON] {
        guard case .array(let elements) = json else { throw mistake(path, "expected a list, found \(json.words)") }
        return elements
    }

    private static func check(_ json: JSON, fields: [DocumentField], at path: String) throws(ExperimentError) {
        guard case .object(let members) = json else { throw mistake(path, "expected an object, found \(json.words)") }
        for member in members {
            guard let field = fields.first(where: { $0.name == member.key }) else {
                throw unknownKey(member.key, at: path, among: fields.map(\.name))
            }
            try check(member.value, against: field.form, at: join(path, member.key))
        }
        for field in fields where field.isRequired && json[field.name] == nil {
            throw mistake(join(path, field.name), "is missing; every \(path.isEmpty ? "experiment" : path) needs it")
        }
    }

    private static func checkData(_ json: JSON, at path: String) throws(ExperimentError) {
        guard case .object(let members) = json else { throw mistake(path, "expected an object, found \(json.words)") }
        let place = join(path, "dataset")
        guard let name = json["dataset"] else {
            throw mistake(place, "is missing; data names its dataset, as in {\"dataset\": \"circle\"}")
        }
        try check(name, kind: .word(Datasets.all.map(\.id)), at: place)
        guard case .string(let id) = name, let dataset = Datasets.entry(id) else { return }
        let fields = ExperimentDocument.dataFields(dataset)
        if let stranger = members.first(where: { member in !fields.contains { $0.name == member.key } }) {
            throw mistake(
                join(path, stranger.key),
                "the dataset \(id) has no setting \(quoted(stranger.key)); "
                    + NearestName.advice(stranger.key, among: fields.map(\.name)))
        }
        try check(json, fields: fields, at: path)
    }

    /// A layer's index from `least` on, or the path of a layer inside a block.
    private static func checkLayer(_ json: JSON, from least: Int, at path: String) throws(ExperimentError) {
        guard case .string(let text) = json else {
            return try check(json, kind: .integer(least...Form.layerIndices.upperBound), at: path)
        }
        guard let layer = LayerPath(text), layer.block != nil, Form.layerIndices.contains(layer.index) else {
            throw mistake(
                path,
                "expected a layer's index, or the path of one inside a block as in \"2.body.0\", found \(quoted(text))")
        }
    }

    /// Behind a drawn point: it is a test point.
    static let testPointMark = "test"

    private static func checkPoint(_ json: JSON, at path: String) throws(ExperimentError) {
        let cells = try elements(json, at: path)
        guard cells.count == 3 || cells.count == 4 else {
            throw mistake(
                path,
                "expected [x1, x2, label], and \"\(testPointMark)\" behind a test point, found a list of \(cells.count)"
            )
        }
        for (index, cell) in cells.enumerated() {
            if index == 3 {
                guard cell != .string(testPointMark) else { continue }
                throw mistake(join(path, "3"), "expected \"\(testPointMark)\", found \(cell.words)")
            }
            switch cell {
            case .number: continue
            case .string where index == 2: continue
            default:
                let expected = index == 2 ? "a number or a text as the label" : "a number"
                throw mistake(join(path, "\(index)"), "expected \(expected), found \(cell.words)")
            }
        }
    }

    private static func checkDrawing(_ json: JSON, at path: String) throws(ExperimentError) {
        let cells = try elements(json, at: path)
        guard cells.count == 2, case .string = cells[0], case .string(let text) = cells[1] else {
            throw mistake(path, "expected [class, pixels], two texts, found \(json.words)")
        }
        guard bytes(ofBase64: text) != nil else {
            throw mistake(
                join(path, "1"),
                "expected the bytes of the pixels as base64, as the program writes them, found \(quoted(text))")
        }
    }

    private static func check(_ json: JSON, kind: Knob.Kind, at path: String) throws(ExperimentError) {
        switch kind {
        case .choice(let list): try checkChoice(json, in: list, at: path)
        case .list(let element):
            guard case .array(let values) = json else {
                throw mistake(path, "\(kind.expectation), found \(json.words)")
            }
            for (index, value) in values.enumerated() { try check(value, kind: element, at: join(path, "\(index)")) }
        default:
            if let message = kind.mistake(in: json.single(as: kind), found: json.words) { throw mistake(path, message) }
        }
    }

    private static func checkChoice(_ json: JSON, in list: CatalogueList, at path: String) throws(ExperimentError) {
        let name = list.rawValue
        switch json {
        case .string(let id): _ = try entry(id, in: list, at: path)
        case .object(let members):
            guard members.count == 1 else {
                throw mistake(
                    path,
                    "expected one \(name) with its settings, as in {\"\(Catalogue.entries(list)[0].id)\": {}}, "
                        + "found an object with \(plural(members.count, "key"))")
            }
            let entry = try entry(members[0].key, in: list, at: path)
            let place = join(path, entry.id)
            guard case .object(let settings) = members[0].value else {
                throw mistake(place, "expected an object with settings, found \(members[0].value.words)")
            }
            for setting in settings {
                let knob = try knob(setting.key, of: entry, at: place)
                try check(setting.value, kind: knob.kind, at: join(place, knob.name))
            }
        default:
            throw mistake(path, "\(Knob.Kind.choice(list).expectation), found \(json.words)")
        }
    }

    static func entry(_ id: String, in list: CatalogueList, at path: String) throws(ExperimentError) -> Entry {
        do { return try list.entry(named: id, place: path) } catch { throw mistake(error.place, error.message) }
    }

    static func knob(_ name: String, of entry: Entry, at path: String) throws(ExperimentError) -> Knob {
        do { return try entry.knob(named: name, place: join(path, name)) } catch {
            throw mistake(error.place, error.message)
        }
    }
}

extension JSON {
    /// A number, a truth value or a text as a knob's; nil for what is none of them.
    fileprivate func single(as kind: Knob.Kind) -> KnobValue? {
        switch (kind, self) {
        // A word may be a number.
        case (.word(let words), .number(let number)) where words.contains { Double($0) != nil }:
            .text(JSONPrinter.number(number))
        case (_, .number(let number)): .real(number)
        case (_, .bool(let on)): .toggle(on)
        case (_, .string(let text)): .text(text)
        case (_, .null), (_, .array), (_, .object): nil
        }
    }
}
