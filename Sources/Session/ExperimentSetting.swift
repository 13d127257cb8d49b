import Datasets
import Engine

/// Settings by key path: how `--set` and the editor read and change an experiment.
extension Experiment {
    /// This experiment with one setting changed, as `--set` and the editor do it: `path` is a key path
    /// ("layers.0.dense.units", "training.optimizer.adam.learningRate"). A path into another case than the present
    /// one (adam over sgd) replaces the case by the new one with its defaults first. Null removes an optional
    /// setting. What only the whole document shows is `validate`'s to find.
    public func setting(_ path: String, to value: JSON) throws(ExperimentError) -> Experiment {
        if path == "data.dataset", case .string(let id) = value, Datasets.entry(id) != nil { return switching(to: id) }
        var walk = PathWalk(path)
        var next = self
        try walk.change(&next, to: value)
        if next.data != data || next.features != features { next.nameFeaturesByFormulas() }
        // A loss for the worth of actions does not fit their chances, nor the other way round.
        func choosesClasses(_ procedure: Choice) -> Bool {
            Catalogue.learnsGames(procedure) && Catalogue.task(.values(count: 2), of: procedure).classes != nil
        }
        if choosesClasses(next.training.procedure) != choosesClasses(training.procedure) {
            (next.output.loss, next.output.activation) = (nil, nil)
        }
        return next
    }

    /// This experiment with settings changed in order by "KEY=VALUE", as `--set` takes them; VALUE is JSON, else a
    /// string. Mistakes, also in what the whole document then says, are mistakes in arguments.
    public func setting(assignments: [String]) throws(ExperimentError) -> Experiment {
        guard !assignments.isEmpty else { return self }
        do {
            var changed = self
            for assignment in assignments { changed = try changed.setting(assignment: assignment) }
            try changed.validate(wayOut: "--set 'compare=[]'")
            return changed
        } catch {
            throw ExperimentError(.arguments, place: "--set: \(error.place)", message: error.message)
        }
    }

    private func setting(assignment: String) throws(ExperimentError) -> Experiment {
        guard let equals = assignment.firstIndex(of: "=") else {
            throw ExperimentError(
                .arguments, place: quoted(assignment), message: "expected KEY=VALUE, as in data.noise=20")
        }
        let path = String(assignment[..<equals])
        let text = String(assignment[assignment.index(after: equals)...])
        var value = (try? JSON(parsing: text)) ?? .string(text)
        // Where a text belongs, 5 and true are texts too: a file may have such a name.
        switch (knob(at: path)?.kind, value) {
        case (.text, .number), (.text, .bool), (.text, .null): value = .string(text)
        default: break
        }
        return try setting(path, to: value)
    }

    /// The value at a key path, defaults included; nil for "never" (`training.stop.epochs`) and for unknown paths.
    public func value(at path: String) -> JSON? {
        var walk = PathWalk(path)
        return walk.value(in: self)
    }

    /// The knob at a key path: title, range, steps, default. nil for unknown paths.
    public func knob(at path: String) -> Knob? {
        var walk = PathWalk(path)
        return walk.knob(in: self)
    }

    /// One sentence on the setting or the list at a key path; nil for unknown paths, and inside a list.
    public func summary(at path: String) -> String? {
        var walk = PathWalk(path)
        return walk.field(in: self)?.summary
    }

    /// The key paths of all settings with a single value, as the document stands: of a choice also those of its knobs, of
    /// the layers each one's.
    public var settingPaths: [String] {
        var paths: [String] = []
        func add(_ path: String, _ kind: Knob.Kind) {
            if case .list(let element) = kind {
                guard case .array(let values)? = value(at: path) else { return }
                for index in values.indices { add("\(path).\(index)", element) }
                return
            }
            paths.append(path)
            guard case .choice(let list) = kind, let value = value(at: path) else { return }
            let choice = Choice(value, in: list)
            for knob in Catalogue.entry(list, choice.id)?.knobs ?? [] {
                add("\(path).\(choice.id).\(knob.name)", knob.kind)
            }
        }
        func add(_ fields: [DocumentField], below owner: String) {
            for field in fields {
                let path = FormCheck.join(owner, field.name)
                switch field.form {
                case .value(let kind), .optional(let kind): add(path, kind)
                case .object(let inner): add(inner, below: path)
                case .data: add(Datasets.entry(data.dataset.id).map(ExperimentDocument.dataFields) ?? [], below: path)
                case .list(.value(let kind)):
                    guard case .choice = kind, case .array(let choices)? = value(at: path) else { continue }
                    for index in choices.indices { add("\(path).\(index)", kind) }
                case .layer: paths.append(path)
                case .words, .list, .point, .drawing, .neuron, .assignments: break
                }
            }
        }
        add(ExperimentDocument.root.filter { $0.name != "version" && $0.name != "story" }, below: "")
        return paths
    }

    /// Whether a lesson takes the control of this key path away: `hide` names the path, something above it, or its
    /// last key ("learningRate" for every optimizer's).
    public func hides(_ path: String) -> Bool {
        hide.contains { path == $0 || path.hasPrefix($0 + ".") || path.hasSuffix("." + $0) }
    }

    /// Another dataset: settings that it shares with the present one stay, and features where they still fit.
    private func switching(to id: String) -> Experiment {
        guard id != data.dataset.id, let entry = Datasets.entry(id) else { return self }
        var next = self
        next.data.dataset = Choice(id, data.dataset.knobs.filter { entry.knob($0.key)?.name != nil })
        if !Datasets.isDrawn(entry.id) {
            // A drawing has its own division into training and test points.
            if !data.points.isEmpty { next.data.shuffle = true }
            if data.points.contains(where: \.isTest) { next.data.trainFraction = nil }
            next.data.points = []
        }
        next.data.drawings = []
        next.data.columns = []
        next.data.table = TableSettings()
        next.data.standardize = nil
        next.data.classes = ""
        if !Datasets.areImages(id) { (next.data.augment, next.data.testAugment) = ([], []) }
        next.data.task = nil
        next.rivals = next.fittingRivals(of: rivals)
        let isGame = Datasets.areGames(id)
        if isGame { next.data.trainFraction = nil }
        if Catalogue.learnsGames(training.procedure) != isGame {
            next.training.procedure = Catalogue.standardProcedure(forGames: isGame)
            // A loss for classes does not fit the worth of actions, nor the other way round.
            (next.output.loss, next.output.activation) = (nil, nil)
        }
        // Without known columns (a file's) every feature goes, and the network sees all columns.
        next.features =
            next.columns.map { columns in features.filter { (try? checkFeature($0, columns: columns)) != nil } } ?? []
        return next
    }
}

/// Follows a key path through the document's forms.
private struct PathWalk {
    private let keys: [String]
    private var position = 0

    init(_ path: String) { keys = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init) }

    /// The part of the path that has been followed.
    private var place: String { keys[..<position].joined(separator: ".") }

    private mutating func next() -> String? {
        guard position < keys.count else { return nil }
        defer { position += 1 }
        return keys[position]
    }

    // MARK: Changing

    /// Changes the field that the path leads to, or a part of its value, in place.
    mutating func change(_ experiment: inout Experiment, to value: JSON) throws(ExperimentError) {
        if let layer = layer(in: experiment), let index = Int(keys[1]) {
            let replaced = try replacing(.choice(layer), kind: .choice(.layer), with: value)
            guard case .choice(let changed) = replaced else { preconditionFailure("a layer is a choice") }
            experiment.layers[index] = changed
            return
        }
        var fields = ExperimentDocument.root
        while true {
            let field = try field(among: fields, in: experiment)
            switch field.form {
            case .object(let inner) where position < keys.count: fields = inner
            case .data where position < keys.count:
                guard let dataset = Datasets.entry(experiment.data.dataset.id) else {
                    preconditionFailure("an experiment has a dataset")
                }
                fields = ExperimentDocument.dataFields(dataset)
            default:
                let path = place
                let present = field.get(experiment)
                let edited = try replacing(present == .null ? nil : present, form: field.form, with: value)
                try FormCheck.check(edited, against: field.form, at: path)
                field.reset(&experiment)
                field.set(&experiment, edited)
                return
            }
        }
    }

    /// The field that the next key names.
    private mutating func field(
        among fields: [DocumentField], in experiment: Experiment
    ) throws(ExperimentError) -> DocumentField {
        let (owner, key) = (place, keys[position])
        guard let field = fields.first(where: { $0.name == key }) else {
            guard owner == "data" else { throw FormCheck.unknownKey(key, at: owner, among: fields.map(\.name)) }
            throw FormCheck.mistake(
                FormCheck.join(owner, key),
                "the dataset \(experiment.data.dataset.id) has no setting \(quoted(key)); "
                    + NearestName.advice(key, among: fields.map(\.name)))
        }
        position += 1
        return field
    }

    /// `json` with the value at the rest of the path replaced.
    private mutating func replacing(_ json: JSON?, form: Form, with value: JSON) throws(ExperimentError) -> JSON {
        guard position < keys.count else { return value }
        switch form {
        case .object(let fields): return try replacing(json, fields: fields, with: value)
        case .list(let element):
            guard case .array(var elements)? = json else { throw noElements(0) }
            let owner = elements.count
            guard let index = Int(keys[position]), elements.indices.contains(index) else { throw noElements(owner) }
            position += 1
            elements[index] = try replacing(elements[index], form: element, with: value)
            return .array(elements)
        case .value(let kind), .optional(let kind):
            let present = json.flatMap { KnobValue($0, kind: kind) }
            return try replacing(present, kind: kind, with: value).json(kind: kind)
        case .words, .layer: throw noKeys
        case .data, .point, .drawing, .neuron, .assignments:
            throw FormCheck.mistake(place, "has no key paths of its own; set it as a whole")
        }
    }

    private mutating func replacing(_ json: JSON?, fields: [DocumentField], with value: JSON) throws(ExperimentError)
        -> JSON
    {
        let owner = place
        let key = keys[position]
        guard let field = fields.first(where: { $0.name == key }) else {
            throw FormCheck.unknownKey(key, at: owner, among: fields.map(\.name))
        }
        position += 1
        let child = json?[key]
        return (json ?? .object([])).replacing(key, with: try replacing(child, form: field.form, with: value))
    }

    /// The value of a knob with the part at the rest of the path replaced.
    /// - Parameter present: nil where there is none.
    private mutating func replacing(
        _ present: KnobValue?, kind: Knob.Kind, with value: JSON
    ) throws(ExperimentError) -> KnobValue {
        let owner = place
        guard position < keys.count else { return try checked(value, as: kind, at: owner) }
        switch kind {
        case .list(let element):
            guard case .list(var elements)? = present else { throw noElements(0) }
            guard let index = Int(keys[position]), elements.indices.contains(index) else {
                throw noElements(elements.count)
            }
            position += 1
            elements[index] = try replacing(elements[index], kind: element, with: value)
            return .list(elements)
        case .choice(let list):
            let entry = try FormCheck.entry(keys[position], in: list, at: owner)
            if case .choice(let block)? = present, block.id != entry.id, block.allLayers.count > 1 {
                throw FormCheck.mistake(
                    FormCheck.join(owner, entry.id),
                    "\(quoted(owner)) is \(block.id), and its layers would be lost; set \(quoted(owner)) itself to replace it"
                )
            }
            position += 1
            guard position < keys.count else {
                return try checked(.object([JSON.Member(entry.id, value)]), as: kind, at: owner)
            }
            let knob = try FormCheck.knob(keys[position], of: entry, at: place)
            position += 1
            // Another case comes with its defaults.
            var choice = Choice(entry.id)
            if case .choice(let same)? = present, same.id == entry.id { choice = same }
            choice.knobs[knob.name] = try replacing(choice.value(of: knob), kind: knob.kind, with: value)
            return .choice(choice)
        case .integer, .real, .toggle, .text, .word: throw noKeys
        }
    }

    private func checked(_ json: JSON, as kind: Knob.Kind, at path: String) throws(ExperimentError) -> KnobValue {
        try FormCheck.check(json, against: .value(kind), at: path)
        guard let value = KnobValue(json, kind: kind) else { preconditionFailure("a checked value fits its kind") }
        return value
    }

    private var noKeys: ExperimentError {
        FormCheck.mistake(
            keys.joined(separator: "."),
            "\(quoted(place)) is a single value and has no key \(quoted(keys[position]))")
    }

    private func noElements(_ count: Int) -> ExperimentError {
        let range =
            switch count {
            case 0: "it is empty"
            case 1: "it has one, 0"
            default: "it has \(count), 0 to \(count - 1)"
            }
        return FormCheck.mistake(
            FormCheck.join(place, keys[position]),
            "\(quoted(place)) has no element \(quoted(keys[position])); \(range)")
    }

    // MARK: Reading

    mutating func value(in experiment: Experiment) -> JSON? {
        if let layer = layer(in: experiment) { return value(inside: .choice(layer), kind: .choice(.layer)) }
        guard let field = field(in: experiment) else { return nil }
        var value = field.get(experiment)
        if value == .null, case .value(let kind) = field.form {
            value = field.fallback?.json(kind: kind) ?? .null
        }
        return inside(value, form: field.form)
    }

    /// The layer that the path goes into, which is then followed so far. An editor asks for every setting of every layer:
    /// none of them may cost a document of all.
    private mutating func layer(in experiment: Experiment) -> Choice? {
        guard position == 0, keys.count > 1, keys[0] == "layers", let index = Int(keys[1]),
            experiment.layers.indices.contains(index)
        else { return nil }
        position = 2
        return experiment.layers[index]
    }

    private mutating func value(inside value: KnobValue, kind: Knob.Kind) -> JSON? {
        guard let key = next() else { return value.json(kind: kind) }
        switch (kind, value) {
        case (.list(let element), .list(let values)):
            guard let index = Int(key), values.indices.contains(index) else { return nil }
            return self.value(inside: values[index], kind: element)
        case (.choice(let list), .choice(let choice)):
            guard choice.id == key, let entry = Catalogue.entry(list, key) else { return nil }
            guard let name = next() else { return choice.json(in: list)[key] ?? .object([]) }
            guard let knob = entry.knob(name) else { return nil }
            return self.value(inside: choice.value(of: knob), kind: knob.kind)
        default: return nil
        }
    }

    /// The innermost field on the path.
    fileprivate mutating func field(in experiment: Experiment) -> DocumentField? {
        var fields = ExperimentDocument.root
        while let key = next() {
            guard let field = fields.first(where: { $0.name == key }) else { return nil }
            switch field.form {
            case .object(let inner) where position < keys.count: fields = inner
            case .data where position < keys.count:
                guard let dataset = Datasets.entry(experiment.data.dataset.id) else { return nil }
                fields = ExperimentDocument.dataFields(dataset)
            default: return field
            }
        }
        return nil
    }

    private mutating func inside(_ json: JSON, form: Form) -> JSON? {
        guard let key = next() else { return json == .null ? nil : json }
        switch form {
        case .list(let form): return element(inside: json, key, form: form)
        case .value(.list(let element)): return self.element(inside: json, key, form: .value(element))
        case .object, .assignments: return json[key].flatMap { inside($0, form: .assignments) }
        case .value(.choice(let list)), .optional(.choice(let list)):
            guard json != .null, Choice(json, in: list).id == key, let entry = Catalogue.entry(list, key) else {
                return nil
            }
            guard let name = next() else { return json[key] ?? .object([]) }
            guard let knob = entry.knob(name) else { return nil }
            return inside(json[key]?[name] ?? knob.defaultValue.json(kind: knob.kind), form: .value(knob.kind))
        default: return nil
        }
    }

    private mutating func element(inside json: JSON, _ key: String, form: Form) -> JSON? {
        guard case .array(let elements) = json, let index = Int(key), elements.indices.contains(index) else {
            return nil
        }
        return inside(elements[index], form: form)
    }

    mutating func knob(in experiment: Experiment) -> Knob? {
        if let layer = layer(in: experiment), let list = ExperimentDocument.root.first(where: { $0.name == "layers" }) {
            return knob(
                Knob(
                    keys[1], title: list.title, summary: list.summary, kind: .choice(.layer), default: .choice(layer)),
                in: experiment)
        }
        guard let field = field(in: experiment) else { return nil }
        guard position < keys.count else { return field.knob }
        if case .list(.value(let kind)) = field.form, let key = next(), Int(key) != nil,
            let value = KnobValue(inside(field.get(experiment), at: key) ?? .null, kind: kind)
        {
            return knob(
                Knob(key, title: field.title, summary: field.summary, kind: kind, default: value), in: experiment)
        }
        return field.knob.flatMap { knob($0, in: experiment) }
    }

    private func inside(_ json: JSON, at key: String) -> JSON? {
        guard case .array(let elements) = json, let index = Int(key), elements.indices.contains(index) else {
            return nil
        }
        return elements[index]
    }

    /// The knob at the rest of the path below `owner`.
    private mutating func knob(_ owner: Knob, in experiment: Experiment) -> Knob? {
        guard let id = next() else { return owner }
        if case .list(let element) = owner.kind {
            // Its present value is an element's default: a list has no other.
            guard let json = experiment.value(at: place), let value = KnobValue(json, kind: element) else { return nil }
            return knob(
                Knob(id, title: owner.title, summary: owner.summary, kind: element, default: value), in: experiment)
        }
        guard case .choice(let list) = owner.kind, let entry = Catalogue.entry(list, id), let name = next(),
            let inner = entry.knob(name)
        else { return nil }
        return knob(inner, in: experiment)
    }
}

extension DocumentField {
    /// Goes back to the default: a document that holds the field's new value alone says no more.
    fileprivate func reset(_ experiment: inout Experiment) {
        switch form {
        case .object(let fields): for field in fields { field.reset(&experiment) }
        case .data: experiment.data = Experiment.blank.data
        default: set(&experiment, get(.blank))
        }
    }
}
