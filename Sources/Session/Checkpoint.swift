import Datasets
import Engine
import FoundationEssentials
import Basics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Weights, and with them what training needs to go on exactly, as a safetensors file.
///
/// Tensors have the outline's names; the optimizer's are `optimizer.<slot>.<parameter>`, carried gradients
/// `carried.<parameter>`, what a recurrent layer carries to the next batch `state.<layer>.h_l0`, what a procedure keeps
/// besides `procedure.<name>`, and those of fitted rivals, in double, `rivals.<index>.<id>.<name>`. Metadata: `experiment` (the document), `step`, `epoch`, `position`, `carriedCount`, `order`
/// (row indices), `generator.<name>` (words), and `feature.means`, `feature.scales`, `target.mean`, `target.scale` of
/// standardized data; of a table `data.columns` (the inputs with their kinds, categories and what fills missing cells),
/// `data.label` and `data.classes`. Loading needs the parameters alone, and takes those of other programs too
/// (`WeightMatch`).
public struct Checkpoint: Sendable {
    var file: Safetensors
    /// The path that it was read from; empty for one that was not.
    private let path: String

    public init(readingFrom path: String) throws(ExperimentError) {
        do throws(EngineError) {
            // As read, as an array, and as numbers.
            try MemoryRoom.require(
                3 * min(TextFile.size(path) ?? 0, 1 << 60), for: "reading these weights",
                advice: "they are too large for this machine")
        } catch { throw ExperimentError(.malformed, place: path, message: error.message) }
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw ExperimentError(.missing, place: path, message: "this checkpoint is not there or cannot be read")
        }
        try self.init(Array(bytes), path: path)
    }

    /// The beginning of the names of the rivals' tensors: "rivals.0.svm.supportVectors".
    private static let rivals = "rivals."
    /// The beginning of the names of a procedure's own parts.
    private static let part = "procedure."

    /// - Parameters:
    ///   - path: where the bytes are from, for messages.
    ///   - mostHeader: the most bytes of the header.
    init(_ bytes: [UInt8], path: String, mostHeader: Int = Safetensors.mostHeader) throws(ExperimentError) {
        if let foreign = ForeignWeights.kind(of: bytes, path: path) { throw foreign.error(path) }
        file = try Safetensors(bytes, path: path, mostHeader: mostHeader)
        self.path = path
    }

    /// Whether a file is one, or a file of weights that another program wrote, by its content and its name.
    static func isOne(_ path: String) -> Bool {
        let begin = TextFile.beginning(path)
        return path.hasSuffix(".safetensors") || Safetensors.isBegun(by: begin)
            || ForeignWeights.kind(of: begin, path: path) != nil
    }

    /// One without weights and without metadata.
    init() {
        file = Safetensors()
        path = ""
    }

    /// The metadata at the beginning of a file, without its tensors; nil: it is no checkpoint, or is cut off.
    static func metadata(of path: String) -> [String: String]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var begin = [UInt8](repeating: 0, count: 8)
        guard fread(&begin, 1, 8, file) == 8 else { return nil }
        let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(begin[$1]) << UInt64(8 * $1) }
        guard length > 1, length <= 16 << 20 else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(length))
        guard fread(&bytes, 1, bytes.count, file) == bytes.count,
            let json = try? JSON(parsing: String(decoding: bytes, as: UTF8.self)),
            case .object(let members)? = json["__metadata__"]
        else { return nil }
        // The file must reach to the end of the last tensor.
        var end = 0.0
        if case .object(let tensors) = json {
            for tensor in tensors {
                guard case .array(let offsets)? = tensor.value["data_offsets"], case .number(let last)? = offsets.last
                else { continue }
                end = max(end, last)
            }
        }
        guard fseek(file, 0, SEEK_END) == 0, Double(ftell(file)) >= 8 + Double(length) + end else { return nil }
        var metadata: [String: String] = [:]
        for member in members { if case .string(let text) = member.value { metadata[member.key] = text } }
        return metadata
    }

    /// Whether it holds no experiment to open.
    var isWeightsAlone: Bool { file.metadata["experiment"] == nil }

    /// A mistake in this file.
    private func malformed(_ place: String, _ message: String) -> ExperimentError {
        metadata.malformed(place, message)
    }

    private var metadata: CheckpointMetadata { CheckpointMetadata(texts: file.metadata, path: path) }

    /// - Parameter path: where it will lie; data files that the experiment names are found from there.
    init(_ trainer: Trainer, path: String) {
        file = Safetensors()
        self.path = ""
        let state = trainer.procedure.state
        let tensors = trainer.procedure.outline.tensors
        func add(_ prefix: String, _ flat: [Float], untrained: Bool = false) {
            for tensor in tensors where tensor.isTrained || untrained {
                let values = Array(flat[tensor.offset..<tensor.offset + tensor.count])
                file.tensors.append(Safetensors.Tensor(name: prefix + tensor.name, axes: tensor.axes, values: values))
            }
        }
        add("", state.parameters, untrained: true)
        for slot in state.slots { add("optimizer.\(slot.name).", slot.values) }
        if !state.carried.isEmpty { add("carried.", state.carried) }
        for rows in state.states {
            file.tensors.append(
                Safetensors.Tensor(
                    name: "state.\(rows.name)", axes: [rows.units, rows.values.count / rows.units], values: rows.values)
            )
        }
        for (name, values) in state.parts.sorted(by: { $0.key < $1.key }) {
            file.tensors.append(Safetensors.Tensor(name: Self.part + name, axes: [values.count], values: values))
        }
        for (index, report) in trainer.rivalReports.enumerated() where report.isFinished {
            for tensor in report.model?.tensors ?? [] {
                file.tensors.append(
                    Safetensors.Tensor(
                        name: Self.rivalPlace(index, report.choice) + ".\(tensor.name)", axes: tensor.axes, values: [],
                        doubles: tensor.values))
            }
        }
        file.metadata = [
            "format": "layercake", "step": "\(state.step)",
            "epoch": "\(state.epoch)", "position": "\(state.position)", "carriedCount": "\(state.carriedCount)",
            "order": CheckpointMetadata.text(state.order),
        ]
        file.metadata.merge(trainer.data.learned.record.metadata) { _, new in new }
        let experiment = trainer.experiment.saved(to: path, from: trainer.directory)
        file.metadata["experiment"] = experiment.json.text(compact: true)
        for (name, words) in state.generators { file.metadata["generator.\(name)"] = CheckpointMetadata.text(words) }
    }

    /// The size of its tensors, in bytes.
    public var bytes: Int { file.tensors.reduce(0) { $0 + ($1.doubles.map { 8 * $0.count } ?? 4 * $1.values.count) } }

    public func write(to path: String) throws(ExperimentError) { try SavedFile.write(file.bytes, to: path) }

    /// A mistake that the engine found in what this file holds.
    fileprivate func named(_ error: ExperimentError) -> ExperimentError {
        guard !path.isEmpty, !error.place.hasPrefix(path) else { return error }
        return ExperimentError(error.kind, place: "\(path): \(error.place)", message: error.message)
    }

    /// The experiment that was trained, for opening it with its weights.
    func source(path: String) throws(ExperimentError) -> ExperimentSource {
        guard let text = file.metadata["experiment"] else {
            throw ExperimentError(
                .malformed, place: path,
                message: "holds weights alone, no experiment; open the experiment first, then load these weights")
        }
        do {
            let experiment = try Experiment(json: JSON(parsing: text))
            try experiment.validate()
            var source = ExperimentSource(
                name: path, experiment: experiment, directory: FilePath.directory(path),
                weights: weights.isEmpty ? nil : path)
            // One of the recent ones keeps the name that it was opened by.
            if let name = file.metadata["open.name"] {
                source.name = name
                source.kept = path
                source.saved = ExperimentSource.document(named: name)
            }
            return source
        } catch { throw ExperimentError(error.kind, place: "\(path): \(error.place)", message: error.message) }
    }

    /// The tensors without the optimizer's state and gradients that wait.
    var weights: [Safetensors.Tensor] {
        let isOurs = file.metadata["format"] == "layercake"
        return file.tensors.filter {
            tensor in
            !isOurs
                || !["optimizer.", "carried.", "state.", Self.rivals, Self.part].contains { tensor.name.hasPrefix($0) }
        }
    }

    private static func rivalPlace(_ index: Int, _ choice: Choice) -> String { "\(rivals)\(index).\(choice.id)" }

    /// A fitted rival; nil: the file has none of this kind there.
    /// - Parameter index: among the experiment's rivals.
    /// - Throws: tensors that do not fit.
    func rival(_ index: Int, _ choice: Choice, form: RivalForm) throws(ExperimentError) -> (any RivalModel)? {
        let place = Self.rivalPlace(index, choice)
        let tensors = file.tensors.filter { $0.name.hasPrefix(place + ".") }.map { tensor in
            RivalTensor(
                String(tensor.name.dropFirst(place.count + 1)), axes: tensor.axes,
                tensor.doubles ?? tensor.values.map { Double($0) })
        }
        guard !tensors.isEmpty else { return nil }
        do { return try Catalogue.restored(choice, form: form, tensors: tensors, place: place) } catch {
            throw malformed(error.place, error.message)
        }
    }

    /// The network's parameters, and what the user should know of them: tensors that were left out, and biases that are
    /// not there.
    func parameters(_ outline: Outline) throws(ExperimentError) -> (flat: [Float], notes: [String]) {
        let match: WeightMatch
        do { match = try WeightMatch(weights, to: outline) } catch { throw malformed(error.place, error.message) }
        let flat = try flat(outline) { match.sources[$0.name] ?? nil }
        var notes: [String] = []
        if !match.leftOut.isEmpty {
            notes.append("left out, for this network has no place for them: \(listed(match.leftOut))")
        }
        if !match.unbiased.isEmpty { notes.append("taken as 0, for the file has none: \(listed(match.unbiased))") }
        return (flat, notes)
    }

    /// The flat span of the tensors whose names begin with `prefix`; nil when none is there.
    private func flat(_ prefix: String, _ outline: Outline) throws(ExperimentError) -> [Float]? {
        let places = file.places
        guard outline.tensors.contains(where: { places[prefix + $0.name] != nil }) else { return nil }
        return try flat(outline) { $0.isTrained ? prefix + $0.name : nil }
    }

    /// - Parameter name: the file's for a tensor; nil: it is 0.
    private func flat(
        _ outline: Outline, name: (Outline.Tensor) -> String?
    ) throws(ExperimentError) -> [Float] {
        let places = file.places
        var flat = [Float](repeating: 0, count: outline.flatCount)
        for tensor in outline.tensors {
            guard let name = name(tensor) else { continue }
            guard let found = places[name].map({ file.tensors[$0] }) else {
                throw malformed(name, "expected this tensor of shape \(tensor.axes), found none in the checkpoint")
            }
            guard found.axes == tensor.axes else {
                throw malformed(
                    found.name, "expected the shape \(tensor.axes), found \(shortened("\(found.axes)"))")
            }
            guard TensorType.floats.contains(found.type) else {
                throw malformed(found.name, "expected F16, BF16, F32 or F64, found \(found.type.rawValue)")
            }
            let unusable = found.values.count { !$0.isFinite }
            guard unusable == 0 else {
                throw malformed(
                    found.name,
                    "expected finite values, found \(unusable) of \(found.values.count) that \(unusable == 1 ? "is" : "are") "
                        + "NaN or infinite; the training that they are from has diverged")
            }
            flat.replaceSubrange(tensor.offset..<tensor.offset + tensor.count, with: found.values)
        }
        return flat
    }

    /// The record of how the saved network's inputs were made; nil for weights alone.
    public func record() throws(ExperimentError) -> DataRecord? { try DataRecord(metadata) }

    /// The state for a procedure, its present one but for the weights where the checkpoint holds weights alone; and what
    /// the user should know of the weights.
    func state(for procedure: any Procedure) throws(ExperimentError) -> (state: TrainingState, notes: [String]) {
        let outline = procedure.outline
        var state = procedure.state
        let (parameters, notes) = try parameters(outline)
        state.parameters = parameters
        guard let step = try metadata.count("step") else { return (state, notes) }
        var slots: [TrainingState.Slot] = []
        for slot in state.slots {
            // Another optimizer's state does not fit: then its own begins anew.
            guard let values = try flat("optimizer.\(slot.name).", outline) else { return (state, notes) }
            slots.append(TrainingState.Slot(name: slot.name, values: values))
        }
        state.slots = slots
        state.step = step
        state.epoch = try metadata.count("epoch") ?? 0
        state.position = try metadata.count("position") ?? 0
        state.carriedCount = try metadata.count("carriedCount") ?? 0
        state.order = try metadata.numbers("order", as: Int32.self) ?? []
        state.carried = try flat("carried.", outline) ?? []
        state.states = try file.tensors.filter { $0.name.hasPrefix("state.") }.map {
            tensor throws(ExperimentError) in
            guard tensor.values.allSatisfy(\.isFinite) else {
                throw malformed(tensor.name, "expected finite values; the training that they are from has diverged")
            }
            return TrainingState.CarriedState(
                name: String(tensor.name.dropFirst("state.".count)), units: tensor.axes.first ?? 0,
                values: tensor.values)
        }
        let parts = file.tensors.filter { $0.name.hasPrefix(Self.part) }
        if !parts.isEmpty { state.parts = [:] }
        for tensor in parts { state.parts[String(tensor.name.dropFirst(Self.part.count))] = tensor.values }
        for key in file.metadata.keys.sorted() where key.hasPrefix("generator.") {
            state.generators[String(key.dropFirst("generator.".count))] = try metadata.numbers(key, as: UInt64.self)
        }
        return (state, notes)
    }
}

extension Trainer {
    /// Everything that the present moment holds.
    /// - Parameter path: where it will lie.
    public func checkpoint(for path: String) -> Checkpoint { Checkpoint(self, path: path) }

    /// Goes on from a checkpoint, exactly where it holds the optimizer's state; standardized data keep the checkpoint's
    /// moments. What does not fit throws and changes nothing.
    /// - Returns: what the user should know: tensors that were left out, and biases that the file does not have.
    @discardableResult
    public func restore(_ checkpoint: Checkpoint) throws(ExperimentError) -> [String] {
        let record = try checkpoint.record()
        // A symbol that the weights do not know says more than the shapes of tensors.
        if self.data.sequence != nil { do { _ = try data(for: record) } catch { throw checkpoint.named(error) } }
        let (state, notes) = try checkpoint.state(for: procedure)
        do { try adopt(try data(for: record), state) } catch { throw checkpoint.named(error) }
        return notes + restoreRivals(checkpoint)
    }

    /// The data as a saved network saw them: with the columns, the classes and the moments of its own training rows.
    private func data(for record: DataRecord?) throws(ExperimentError) -> PreparedData {
        guard var record else { return data }
        let own = data.learned.record
        // Generated data have no columns to compare, and older weights none to give.
        if record.columns.isEmpty || own.columns.isEmpty {
            // Those of images are known by name: since the weights were saved, a folder may have been renamed.
            let keepsClasses = data.learned.schema.columns.isEmpty && record.columns.isEmpty && !record.classes.isEmpty
            if !keepsClasses { record.classes = own.classes }
            (record.columns, record.label) = (own.columns, own.label)
        }
        record.image = own.image
        guard record != own else { return data }
        do {
            return try prepare(
                experiment.data, features: experiment.features, directory: directory, record: record
            ).behind(experiment.noise).holding(experiment, directory: directory)
        } catch { throw ExperimentError(error) }
    }
}
