import Datasets
import Engine
import FoundationEssentials
import VisibleText

/// Weights, and with them what training needs to go on exactly, as a safetensors file.
///
/// Tensors have the outline's names; the optimizer's are `optimizer.<slot>.<parameter>`, carried gradients
/// `carried.<parameter>`. Metadata: `experiment` (the document), `step`, `epoch`, `position`, `carriedCount`, `order`
/// (row indices), `generator.<name>` (words), and `feature.means`, `feature.scales`, `target.mean`, `target.scale` of
/// standardized data. Loading needs the parameters alone.
public struct Checkpoint: Sendable {
    var file: Safetensors
    /// Where it was read from; empty for one that was not.
    private let path: String

    public init(readingFrom path: String) throws(ExperimentError) {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw ExperimentError(.missing, place: path, message: "this checkpoint is not there or cannot be read")
        }
        file = try Safetensors(Array(bytes), path: path)
        self.path = path
    }

    /// A mistake in this file.
    private func malformed(_ place: String, _ message: String) -> ExperimentError {
        let place = shortened(place, to: mostNamed)
        return ExperimentError(.malformed, place: path.isEmpty ? place : "\(path): \(place)", message: message)
    }

    /// - Parameter path: where it will lie; data files that the experiment names are found from there.
    init(_ trainer: Trainer, path: String) {
        file = Safetensors()
        self.path = ""
        let state = trainer.learner.state
        let tensors = trainer.learner.outline.tensors
        func add(_ prefix: String, _ flat: [Float]) {
            for tensor in tensors {
                let values = Array(flat[tensor.offset..<tensor.offset + tensor.count])
                file.tensors.append(Safetensors.Tensor(name: prefix + tensor.name, axes: tensor.axes, values: values))
            }
        }
        add("", state.parameters)
        for slot in state.slots { add("optimizer.\(slot.name).", slot.values) }
        if !state.carried.isEmpty { add("carried.", state.carried) }
        file.metadata = [
            "format": "layercake", "step": "\(state.step)",
            "epoch": "\(state.epoch)", "position": "\(state.position)", "carriedCount": "\(state.carriedCount)",
            "order": Self.text(state.order), "feature.means": Self.text(trainer.data.featureMeans),
            "feature.scales": Self.text(trainer.data.featureScales), "target.mean": "\(trainer.data.targetMean)",
            "target.scale": "\(trainer.data.targetScale)",
        ]
        let experiment = trainer.experiment.saved(to: path, from: trainer.directory)
        file.metadata["experiment"] = experiment.json.text(compact: true)
        for (name, words) in state.generators { file.metadata["generator.\(name)"] = Self.text(words) }
    }

    /// Writes beside the old file, then takes its place, so that a failure leaves the old one.
    public func write(to path: String) throws(ExperimentError) {
        do {
            try Data(file.bytes).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw ExperimentError(
                .unwritable, place: path, message: "the checkpoint cannot be written: is the folder there and writable?"
            )
        }
    }

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
            return ExperimentSource(
                name: path, experiment: experiment, directory: TextFile.directory(path), weights: path)
        } catch { throw ExperimentError(error.kind, place: "\(path): \(error.place)", message: error.message) }
    }

    private static func text(_ values: [some CustomStringConvertible]) -> String {
        values.map(\.description).joined(separator: " ")
    }

    private func numbers<Number: LosslessStringConvertible>(_ key: String, as type: Number.Type) throws(ExperimentError)
        -> [Number]?
    {
        guard let text = file.metadata[key] else { return nil }
        var numbers: [Number] = []
        for word in text.split(separator: " ") {
            guard let number = Number(String(word)) else {
                throw malformed("metadata \(key)", "expected numbers, found \(quoted(word))")
            }
            numbers.append(number)
        }
        return numbers
    }

    /// A counter; nil where none is there.
    private func count(_ key: String) throws(ExperimentError) -> Int? {
        guard let count = try numbers(key, as: Int.self)?.first else { return nil }
        guard LearnerState.counts.contains(count) else {
            throw malformed(
                "metadata \(key)", "expected a whole number from 0 to \(LearnerState.counts.upperBound), found \(count)"
            )
        }
        return count
    }

    /// The flat span of the tensors whose names begin with `prefix`; nil when none is there and it is not required.
    private func flat(
        _ prefix: String, _ outline: Outline, required: Bool
    ) throws(ExperimentError) -> [Float]? {
        let places = file.places
        if !required, !outline.tensors.contains(where: { places[prefix + $0.name] != nil }) { return nil }
        var flat = [Float](repeating: 0, count: outline.flatCount)
        for tensor in outline.tensors {
            guard let found = places[prefix + tensor.name].map({ file.tensors[$0] }) else {
                throw malformed(
                    prefix + tensor.name, "expected this tensor of shape \(tensor.axes), found none in the checkpoint")
            }
            guard found.axes == tensor.axes else {
                throw malformed(
                    found.name, "expected the shape \(tensor.axes), found \(shortened("\(found.axes)"))")
            }
            flat.replaceSubrange(tensor.offset..<tensor.offset + tensor.count, with: found.values)
        }
        return flat
    }

    /// The data as the saved network saw them: standardized with the moments of its own training rows.
    func data(_ data: PreparedData) throws(ExperimentError) -> PreparedData {
        guard let means = try numbers("feature.means", as: Float.self),
            let scales = try numbers("feature.scales", as: Float.self),
            let mean = try numbers("target.mean", as: Float.self)?.first,
            let scale = try numbers("target.scale", as: Float.self)?.first
        else { return data }
        guard means.count == data.features.count, scales.count == means.count, scale != 0,
            (means + scales + [mean, scale]).allSatisfy(\.isFinite), scales.allSatisfy({ $0 != 0 })
        else {
            throw malformed(
                "metadata feature.means",
                "expected the mean and the deviation of \(data.features.count) features, found \(means.count)")
        }
        return data.standardized(featureMeans: means, featureScales: scales, targetMean: mean, targetScale: scale)
    }

    /// The state for a learner of `outline`: the present one where the checkpoint holds weights alone.
    func state(for learner: Learner) throws(ExperimentError) -> LearnerState {
        let outline = learner.outline
        let names = Set(outline.tensors.map(\.name))
        for tensor in file.tensors where !tensor.name.hasPrefix("optimizer.") && !tensor.name.hasPrefix("carried.") {
            guard names.contains(tensor.name) else {
                throw malformed(
                    tensor.name, "this network has no such tensor; it has \(listed(outline.tensors.map(\.name)))")
            }
        }
        var state = learner.state
        state.parameters = try flat("", outline, required: true) ?? []
        guard let step = try count("step") else { return state }
        var slots: [LearnerState.Slot] = []
        for slot in state.slots {
            // Another optimizer's state does not fit: then its own begins anew.
            guard let values = try flat("optimizer.\(slot.name).", outline, required: false) else { return state }
            slots.append(LearnerState.Slot(name: slot.name, values: values))
        }
        state.slots = slots
        state.step = step
        state.epoch = try count("epoch") ?? 0
        state.position = try count("position") ?? 0
        state.carriedCount = try count("carriedCount") ?? 0
        state.order = try numbers("order", as: Int32.self) ?? []
        state.carried = try flat("carried.", outline, required: false) ?? []
        for key in file.metadata.keys.sorted() where key.hasPrefix("generator.") {
            state.generators[String(key.dropFirst("generator.".count))] = try numbers(key, as: UInt64.self)
        }
        return state
    }
}

extension Trainer {
    /// Everything that the present moment holds.
    /// - Parameter path: where it will lie.
    public func checkpoint(for path: String) -> Checkpoint { Checkpoint(self, path: path) }

    /// Goes on from a checkpoint, exactly where it holds the optimizer's state; standardized data keep the checkpoint's
    /// moments. What does not fit throws and changes nothing.
    public func restore(_ checkpoint: Checkpoint) throws(ExperimentError) {
        let state = try checkpoint.state(for: learner)
        do { try adopt(try checkpoint.data(data), state) } catch { throw checkpoint.named(error) }
    }
}
