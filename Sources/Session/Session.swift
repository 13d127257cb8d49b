import Datasets
import Engine

/// The document being edited and the way back: pure, so that tests need neither screen nor trainer.
///
/// Undo and redo are lists of documents, and of numbers typed into the network. What is only looked at
/// (`Experiment.view`) changes with `look` and is no step: undo keeps the present view, unless it brings back what was
/// open before something else was opened.
public struct Session: Sendable {
    public private(set) var experiment: Experiment
    /// The preset's or file's name.
    public private(set) var name: String
    /// The folder of relative data files.
    public private(set) var directory: String?
    /// A changed network keeps the weights that fit.
    public var keepsWeights = true
    /// The variant of `compare` that is shown; nil: the experiment as written.
    public private(set) var variant: Int?

    private var undoList: [Step] = []
    private var redoList: [Step] = []
    /// The kind of the last edit and its time, in seconds: its like within a second joins it.
    private var lastEdit: (kind: String, time: Double)?
    /// The document as opened or last saved, of each that was opened.
    private var saved: [Experiment]
    /// The document that `edited` compares with on every frame: the saved one, or its variant that is shown.
    private var unedited: Experiment
    /// Index into `saved`.
    private var opening = 0
    /// Counts what does not go on with the weights of the document before: all that is opened, and every variant.
    private var origin = 0
    /// The last that was given.
    private var origins = 0
    /// How often parameters were drawn again by hand: each drawing has numbers of its own, the same when it is done again.
    private var draws: UInt64 = 0

    private enum Step: Sendable {
        case document(Document)
        case parameter(Int, from: Float, to: Float)
        case parameters([Int], from: [Float], to: [Float])
        /// Drawn again, by the number of the drawing; and their numbers before.
        case drawn([Int], from: [Float], UInt64)
    }

    /// One state of the document, with what undo must bring back beside it.
    private struct Document: Sendable {
        var experiment: Experiment
        var name: String
        var directory: String?
        var variant: Int?
        /// The experiment that the variants are variants of.
        var base: Experiment
        var opening: Int
        var origin: Int
    }

    private var base: Experiment
    private static let undoLimit = 1000
    private static let parameterEdit = "a parameter"

    /// - Parameter saved: the document that the name stands for; nil: the experiment itself.
    public init(_ experiment: Experiment, name: String = "", directory: String? = nil, saved: Experiment? = nil) {
        self.experiment = experiment
        self.name = name
        self.directory = directory
        self.saved = [saved ?? experiment]
        unedited = saved ?? experiment
        base = experiment
    }

    public init(_ source: ExperimentSource) {
        self.init(source.experiment, name: source.name, directory: source.directory, saved: source.saved)
    }

    /// The document as it was opened or last saved: what its story tells of.
    public var opened: Experiment { saved[opening] }

    public var canUndo: Bool { !undoList.isEmpty }
    public var canRedo: Bool { !redoList.isEmpty }

    /// Whether the document differs from what was opened or last saved; the view alone does not count, nor does showing
    /// one of its variants.
    public var edited: Bool {
        var old = unedited
        old.view = experiment.view
        return old != experiment
    }

    /// A variant of `compare`; nil: the experiment as written.
    public func experiment(ofVariant index: Int?) throws(ExperimentError) -> Experiment { try base.variant(index) }

    /// The document as it is written to a path.
    public func text(savedTo path: String) -> String { experiment.saved(to: path, from: directory).json.text() + "\n" }

    public mutating func markSaved(name: String? = nil) {
        saved[opening] = experiment
        unedited = experiment
        if let name { self.name = name }
    }

    /// The next edit is a step of its own for undo, however soon it comes.
    public mutating func endEdit() { lastEdit = nil }

    /// Takes the document of a moment before, from which the run goes on: one step for undo. The trainer has it already.
    public mutating func goBack(to experiment: Experiment) {
        var document = present
        document.experiment = experiment
        document.experiment.view = self.experiment.view
        guard document.experiment != self.experiment else { return }
        if document.variant == nil { document.base = document.experiment }
        remember(.document(present))
        lastEdit = nil
        take(document)
    }

    /// Changes what is shown; not a step for undo.
    public mutating func look(_ change: (inout ViewSettings) -> Void) { change(&experiment.view) }

    /// Carries an action out. A document that cannot be is refused with the reason, and nothing changes.
    /// - Parameters:
    ///   - time: seconds of any clock that runs forward; edits of one setting within a second are one step.
    ///   - schema: of the present document's data, where they are there.
    public mutating func reduce(
        _ action: Action, at time: Double = 0, schema: DataSchema? = nil
    ) throws(ExperimentError) -> [SessionEffect] {
        let old = present
        switch action {
        case .undo:
            guard let step = undoList.popLast() else { return [] }
            lastEdit = nil
            switch step {
            case .document(let document):
                redoList.append(.document(old))
                restore(document)
                let hadPoints = old.experiment.data == experiment.data.drawn(old.experiment.data.points)
                if hadPoints, experiment.data != old.experiment.data {
                    return [load(from: old, schema, takesPointsBack: true)]
                }
            case .parameter(let index, let from, _):
                redoList.append(step)
                return [.setParameter(index, from)]
            case .drawn(let indices, let from, _):
                redoList.append(step)
                return [.setParameters(indices, from)]
            case .parameters(let indices, let from, _):
                redoList.append(step)
                return [.setParameters(indices, from)]
            }
        case .redo:
            guard let step = redoList.popLast() else { return [] }
            lastEdit = nil
            switch step {
            case .document(let document):
                undoList.append(.document(old))
                restore(document)
            case .parameter(let index, _, let to):
                undoList.append(step)
                return [.setParameter(index, to)]
            case .drawn(let indices, _, let draw):
                undoList.append(step)
                return [.reinitialize(indices, draw)]
            case .parameters(let indices, _, let to):
                undoList.append(step)
                return [.setParameters(indices, to)]
            }
        case .setParameter(let index, let from, let to):
            // Key after key on one number is one step.
            if lastEdit?.kind == Self.parameterEdit, time - (lastEdit?.time ?? 0) < 1,
                case .parameter(index, let first, _)? = undoList.last
            {
                undoList[undoList.count - 1] = .parameter(index, from: first, to: to)
                redoList = []
            } else {
                remember(.parameter(index, from: from, to: to))
            }
            lastEdit = (Self.parameterEdit, time)
            return [.setParameter(index, to)]
        case .setParameters(let indices, let from, let to, let joins):
            // The kind tells whose numbers they are.
            let kind = "\(Self.parameterEdit): \(indices)"
            if lastEdit?.kind == kind, joins || time - (lastEdit?.time ?? 0) < 1,
                case .parameters(indices, let first, _)? = undoList.last
            {
                undoList[undoList.count - 1] = .parameters(indices, from: first, to: to)
                redoList = []
            } else {
                remember(.parameters(indices, from: from, to: to))
            }
            lastEdit = (kind, time)
            return [.setParameters(indices, to)]
        case .reinitialize(let indices, let from):
            draws += 1
            remember(.drawn(indices, from: from, draws))
            lastEdit = nil
            return [.reinitialize(indices, draws)]
        default:
            var next = old
            try change(&next, by: action)
            guard next.experiment != experiment || next.variant != variant || next.opening != opening else { return [] }
            let kind = action.kind
            let joins = kind != nil && lastEdit?.kind == kind && time - (lastEdit?.time ?? 0) < 1 && canUndo
            if joins { redoList = [] } else { remember(.document(old)) }
            lastEdit = kind.map { ($0, time) }
            if next.opening != opening { saved.append(openedAs(action) ?? next.experiment) }
            origins = max(origins, next.origin)
            take(next)
        }
        return [load(from: old, schema)]
    }

    /// The document that an opened one's name stands for, where it is another.
    private func openedAs(_ action: Action) -> Experiment? {
        if case .open(let source) = action { source.saved } else { nil }
    }

    private mutating func remember(_ step: Step) {
        undoList.append(step)
        if undoList.count > Session.undoLimit { undoList.removeFirst() }
        redoList = []
    }

    private var present: Document {
        Document(
            experiment: experiment, name: name, directory: directory, variant: variant, base: base, opening: opening,
            origin: origin)
    }

    private mutating func take(_ document: Document) {
        experiment = document.experiment
        (name, directory, variant, base) = (document.name, document.directory, document.variant, document.base)
        (opening, origin) = (document.opening, document.origin)
        unedited = (try? saved[opening].variant(variant)) ?? saved[opening]
    }

    private mutating func restore(_ document: Document) {
        var document = document
        if document.opening == opening { document.experiment.view = experiment.view }
        take(document)
    }

    private func load(from old: Document, _ schema: DataSchema?, takesPointsBack: Bool = false) -> SessionEffect {
        if origin != old.origin {
            return .load(experiment, directory: directory, .fromTheStart, resetReason: nil)
        }
        let continuation: Continuation =
            takesPointsBack ? .takingPointsBack : keepsWeights ? .withFittingWeights : .withNewWeights
        return .load(
            experiment, directory: directory, continuation,
            resetReason: Change.between(
                old.experiment, experiment, schema: schema, takesPointsBack: takesPointsBack
            ).resetReason(keepWeights: keepsWeights))
    }

    /// The document's experiment after an edit, before its parts are checked against each other; nil: it changes nothing.
    private func edited(_ document: inout Document, by action: Action) throws(ExperimentError) -> Experiment? {
        var next = document.experiment
        switch action {
        case .mended(let edit, let member):
            guard let changed = try edited(&document, by: edit) else { return nil }
            next = try changed.editing(member.key, to: member.value)
        case .set(let path, let value):
            next = try next.editing(path, to: value)
        case .settings(let members):
            for member in members { next = try next.editing(member.key, to: member.value) }
        case .dataset(let id):
            if next.features == next.columns { next.features = [] }
            next = try next.setting("data.dataset", to: .string(id))
        case .data(let data):
            next.features = []
            next = try next.setting("data", to: data)
        case .drawings(let drawings): next.data.drawings = drawings
        case .points(let points): next.data = next.data.drawn(points)
        case .setAllLayers(let knob, let value):
            next = try next.settingAllLayers(knob, to: value)
        case .insertLayer(let layer, let place): guard next.insertLayer(layer, at: place) else { return nil }
        case .deleteLayer(let place): guard next.deleteLayer(at: place) else { return nil }
        case .duplicateLayer(let place): guard next.duplicateLayer(at: place) else { return nil }
        case .moveLayer(let place, let target): guard next.moveLayer(at: place, to: target) else { return nil }
        case .toggleFeature(let feature, let columns):
            var features = next.features.isEmpty ? columns : next.features
            if let place = features.firstIndex(of: feature) {
                guard features.count > 1 else {
                    throw ExperimentError(
                        .malformed, place: "features",
                        message: "the network needs at least one feature: turn another one on first")
                }
                features.remove(at: place)
            } else {
                features.append(feature)
            }
            next.features = features
        case .variant(let index):
            next = try document.base.variant(index)
            next.view = document.experiment.view
            document.variant = index
        case .replace(let experiment):
            next = experiment
            next.view = document.experiment.view
        case .open(let source):
            next = source.experiment
            document = Document(
                experiment: next, name: source.name, directory: source.directory, variant: nil, base: next,
                opening: saved.count, origin: document.origin)
        case .undo, .redo, .setParameter, .setParameters, .reinitialize: break
        }
        return next
    }

    private func change(_ document: inout Document, by action: Action) throws(ExperimentError) {
        guard var next = try edited(&document, by: action) else { return }
        if next.training.locked == document.experiment.training.locked,
            action.movesLayers(from: document.experiment, to: next)
        {
            // A lock means a weight by its layer's place.
            next.training.locked = []
        }
        // An edit of the experiment itself is one of what its variants vary.
        let isOfBase =
            switch action {
            case .variant, .open: false
            default: document.variant == nil
            }
        do { try next.validate() } catch {
            guard isOfBase else { throw error }
            next = next.withFittingVariants
            try next.validate()
        }
        if next != experiment { try next.checkMemory(after: experiment) }
        document.experiment = next
        if isOfBase { document.base = next }
        switch action {
        case .variant, .open, .replace: document.origin = origins + 1
        default: break
        }
    }
}

extension Action {
    /// The kind of an edit that joins with its like into one undo step; nil: never joins.
    fileprivate var kind: String? {
        switch self {
        // Layers added to a block, moved or taken out of it: steps of their own, as in the stack itself.
        case .set(_, .array): nil
        case .set(let path, _): path
        case .setAllLayers(let knob, _): "layers.*.\(knob)"
        case .points: "data.points"
        default: nil
        }
    }
}

extension Action {
    /// Whether layers stand at other places after it: there are more or fewer, in blocks too, or a list in a block is another.
    fileprivate func movesLayers(from old: Experiment, to new: Experiment) -> Bool {
        if case .mended(let edit, _) = self { return edit.movesLayers(from: old, to: new) }
        if case .set(let path, .array) = self, path.hasPrefix("layers.") { return true }
        return old.layers.flatMap(\.allLayers).count != new.layers.flatMap(\.allLayers).count
    }
}

extension Experiment {
    /// One setting changed as a person edits it: ties follow a layer's new name, and the addresses in `initial` follow
    /// its layers.
    fileprivate func editing(_ path: String, to value: JSON) throws(ExperimentError) -> Experiment {
        var next = try setting(path, to: value)
        guard path == "layers" || path.hasPrefix("layers.") else { return next }
        if path.hasSuffix(".name") { next.layers = next.layers.tied(by: next.newNames(after: self)) }
        guard next.namesInitialLayers else { return next }
        let places = LayerMatch.places(from: layers, to: next.layers)
        next.followLayers(of: self) { places[$0] }
        return next
    }

    /// The names of layers that have changed where nothing else has, by the old ones: ties follow them.
    fileprivate func newNames(after old: Experiment) -> [String: String] {
        let (own, others) = (layers.flatMap(\.allLayers), old.layers.flatMap(\.allLayers))
        guard own.count == others.count else { return [:] }
        var names: [String: String] = [:]
        for (layer, before) in zip(own, others) {
            if let name = layer.name, let previous = before.name, name != previous { names[previous] = name }
        }
        return names
    }

    fileprivate func variant(_ index: Int?) throws(ExperimentError) -> Experiment {
        guard let index, compare.indices.contains(index) else { return self }
        var variant = self
        for member in compare[index].set { variant = try variant.setting(member.key, to: member.value) }
        variant.compare = compare
        return variant
    }

    /// The value of a setting of all hidden layers: that of the first one that has it, in blocks too; nil: none has it.
    /// - Parameter knob: its name, "initializer" for example.
    public func value(ofAllLayers knob: String) -> KnobValue? {
        for layer in layers.flatMap(\.allLayers) {
            if let own = Catalogue.entry(.layer, layer.id)?.knob(knob) { return layer.value(of: own) }
        }
        return nil
    }

    /// Changes one setting of every hidden layer that has it, in blocks too.
    /// - Parameter knob: its name, "initializer" for example.
    public func settingAllLayers(_ knob: String, to value: JSON) throws(ExperimentError) -> Experiment {
        // Layers that are alike are changed once.
        var known: [Choice: Choice] = [:]
        var next = self
        for index in layers.indices {
            next.layers[index] = try layers[index].changingAllLayers { layer throws(ExperimentError) in
                guard Catalogue.entry(.layer, layer.id)?.knob(knob) != nil else { return layer }
                if let changed = known[layer] { return changed }
                var alone = self
                alone.layers = [layer]
                do throws(ExperimentError) {
                    let changed = try alone.setting("layers.0.\(layer.id).\(knob)", to: value).layers[0]
                    known[layer] = changed
                    return changed
                } catch {
                    throw ExperimentError(
                        error.kind, place: error.place.replacing("layers.0.", with: "layers.\(index)."),
                        message: error.message)
                }
            }
        }
        return next
    }
}

extension [Choice] {
    /// The layers with ties to other names, in blocks too; their own names stay.
    fileprivate func tied(by names: [String: String]) -> [Choice] {
        guard !names.isEmpty else { return self }
        return map { layer in
            layer.changingAllLayers { layer in
                var layer = layer
                if let name = layer.tied.flatMap({ names[$0] }) { layer.tied = name }
                return layer
            }
        }
    }
}
