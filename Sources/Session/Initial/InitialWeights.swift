import Basics
import Datasets
import Engine

/// The weights of the network that an experiment starts from.
struct InitialWeights: Sendable {
    struct Tensor: Sendable {
        var axes: [Int]
        var values: [Float]
    }

    /// The settings that name the other network, and no layers.
    let settings: InitialSettings
    /// By their names in that network or file.
    private let tensors: [String: Tensor]
    /// The paths of its layers that have names, by these.
    private let paths: [String: String]
    /// The tensors of a file without an experiment, which may have names of their own.
    private let foreign: [Safetensors.Tensor]
    /// Its own samples, on which `initialLoss` is measured; nil: they are not known.
    let own: PreparedData?

    /// The outcome for each layer.
    struct Match: Sendable {
        /// The source's tensors by the places of the network's own.
        fileprivate(set) var sources: [Int: String] = [:]
        /// Layers that take weights, and where they are from if their own paths do not say it.
        fileprivate(set) var taken: [String] = []
        /// Layers that start as they are drawn, and why.
        fileprivate(set) var drawn: [String] = []
    }

    /// The network that an experiment starts from, or why there is none.
    enum Outcome: Sendable {
        /// It starts by itself.
        case absent
        /// It is still being made; meanwhile the weights are drawn, and nothing trains.
        case awaited
        case ready(InitialWeights)
        case failed(ExperimentError)

        init(
            for experiment: Experiment, directory: String?, trains: Bool = true, loading: Loading? = nil
        ) {
            do throws(ExperimentError) {
                let weights = try InitialWeights.made(
                    for: experiment, directory: directory, trains: trains, loading: loading)
                self = weights.map { .ready($0) } ?? .absent
            } catch { self = .failed(error) }
        }
    }

    // MARK: - Sources

    /// Reads the file that an experiment starts from, or trains the preset; nil: it starts by itself.
    /// - Parameters:
    ///   - directory: what a relative file is relative to; nil: the working folder.
    ///   - trains: false: of a preset the shapes are wanted alone.
    ///   - loading: told how far a preset's training has come; cancelling it ends the training, which then has failed.
    static func made(
        for experiment: Experiment, directory: String?, trains: Bool = true, loading: Loading? = nil
    ) throws(ExperimentError) -> InitialWeights? {
        let settings = experiment.initial
        guard !settings.isNone else { return nil }
        return try settings.preset.isEmpty
            ? InitialWeights(file: settings, directory: directory)
            : InitialWeights(preset: settings, trains: trains, loading: loading)
    }

    private init(file settings: InitialSettings, directory: String?) throws(ExperimentError) {
        let path = TablePath.path(settings.file, directory: directory)
        let checkpoint: Checkpoint
        do { checkpoint = try Checkpoint(readingFrom: path) } catch {
            throw ExperimentError(error.kind, place: "initial.file: \(error.place)", message: error.message)
        }
        self.settings = settings.source
        var tensors: [String: Tensor] = [:]
        for tensor in checkpoint.weights { tensors[tensor.name] = Tensor(axes: tensor.axes, values: tensor.values) }
        self.tensors = tensors
        let source = try? checkpoint.source(path: path)
        foreign = source == nil ? checkpoint.weights : []
        paths = source.map { $0.experiment.namedLayers } ?? [:]
        own = source.flatMap { source in
            try? prepare(
                source.experiment.data, features: source.experiment.features, directory: source.directory,
                record: checkpoint.record())
        }
    }

    private init(preset settings: InitialSettings, trains: Bool, loading: Loading?) throws(ExperimentError) {
        let source = try Experiment.initialPreset(settings.preset)
        var experiment = source.experiment
        experiment.training.stop = Experiment.Stop()
        // Its losses on the way are of no use.
        experiment.training.evaluateEvery = max(1, settings.epochs)
        let outline: Outline
        let parameters: [Float]
        do throws(ExperimentError) {
            // One thread: the bits are the same everywhere.
            let trainer = try Trainer(experiment, directory: source.directory, threads: 1)
            trainer.play()
            while trains, trainer.procedure.epoch < settings.epochs, loading?.isCancelled != true {
                if trainer.epoch() == .ended {
                    throw ExperimentError(
                        .malformed, place: "training",
                        message:
                            "its numbers are no longer finite after \(plural(trainer.procedure.epoch, "epoch")); ask for fewer"
                    )
                }
                loading?.note(Double(trainer.procedure.epoch) / Double(max(1, settings.epochs)))
            }
            if loading?.isCancelled == true {
                throw ExperimentError(
                    .malformed, place: "training",
                    message:
                        "was cancelled after \(plural(trainer.procedure.epoch, "epoch")); open the experiment again "
                        + "to train it")
            }
            (outline, parameters, own) = (trainer.procedure.outline, trainer.procedure.parameters, trainer.data)
        } catch {
            throw ExperimentError(
                error.kind, place: "initial.preset: \(settings.preset): \(error.place)", message: error.message)
        }
        self.settings = settings.source
        var tensors: [String: Tensor] = [:]
        for tensor in outline.tensors {
            let values = Array(parameters[tensor.offset..<tensor.offset + tensor.count])
            tensors[tensor.name] = Tensor(axes: tensor.axes, values: values)
        }
        self.tensors = tensors
        foreign = []
        paths = experiment.namedLayers
    }

    // MARK: - Taking them

    /// Finds the weights of each layer: by its name where both networks have it, else by its path.
    /// - Parameter experiment: the one that starts from them.
    func match(_ outline: Outline, of experiment: Experiment) -> Match {
        let chosen = experiment.initialPaths
        var match = Match()
        for layer in outline.layers.flatMap(\.leaves) where !layer.tensors.isEmpty {
            guard chosen.isEmpty || chosen.contains(where: { layer.path == $0 || layer.path.hasPrefix($0 + ".") })
            else {
                continue
            }
            let first = String(outline.tensors[layer.tensors[0]].name.dropFirst(layer.path.count))
            guard let source = candidates(layer).first(where: { tensors[$0 + first] != nil }) else {
                match.drawn.append("\(layer.path) (\(settings.words) has no \(layer.path)\(first))")
                continue
            }
            var sources: [Int: String] = [:]
            var reason: String?
            for index in layer.tensors {
                let tensor = outline.tensors[index]
                let suffix = String(tensor.name.dropFirst(layer.path.count))
                guard let found = tensors[source + suffix] else {
                    reason = reason ?? "there is no \(source)\(suffix)"
                    continue
                }
                guard found.axes == tensor.axes else {
                    reason = reason ?? "\(suffix.dropFirst()) is \(tensor.axes), there \(found.axes)"
                    continue
                }
                guard found.values.allSatisfy(\.isFinite) else {
                    reason = reason ?? "\(source)\(suffix) has values that are not finite"
                    continue
                }
                sources[index] = source + suffix
            }
            if let reason {
                match.drawn.append("\(layer.path) (\(reason))")
            } else {
                match.sources.merge(sources) { $1 }
                match.taken.append(layer.path + (source == layer.path ? "" : " from \(source)"))
            }
        }
        return match.taken.isEmpty ? foreignMatch(outline, chosen) ?? match : match
    }

    /// Finds the weights of each layer in a file with names of its own, by the order and the shapes of its modules.
    /// - Returns: nil: not all of the network is there.
    private func foreignMatch(_ outline: Outline, _ chosen: Set<String>) -> Match? {
        guard !foreign.isEmpty, let found = try? WeightMatch(foreign, to: outline) else { return nil }
        var match = Match()
        for layer in outline.layers.flatMap(\.leaves) where !layer.tensors.isEmpty {
            guard chosen.isEmpty || chosen.contains(where: { layer.path == $0 || layer.path.hasPrefix($0 + ".") })
            else { continue }
            var module: String?
            for index in layer.tensors {
                guard let name = found.sources[outline.tensors[index].name] ?? nil,
                    tensors[name]?.values.allSatisfy(\.isFinite) == true
                else { continue }
                match.sources[index] = name
                module = module ?? name.lastIndex(of: ".").map { String(name[..<$0]) }
            }
            if match.sources.keys.contains(where: layer.tensors.contains) {
                match.taken.append(layer.path + (module.map { " from \($0)" } ?? ""))
            } else {
                match.drawn.append("\(layer.path) (its values are not finite)")
            }
        }
        return match.taken.isEmpty ? nil : match
    }

    /// Where a layer's tensors may be, the best first.
    private func candidates(_ layer: Outline.Layer) -> [String] {
        var places: [String] = []
        if let name = layer.name { places += [paths[name], name].compactMap(\.self) }
        // PyTorch's Sequential has no word before the number.
        let bare = layer.path.hasPrefix("layers.") ? String(layer.path.dropFirst("layers.".count)) : layer.path
        return places + [layer.path, bare]
    }

    /// Copies the weights over drawn ones.
    func write(_ match: Match, to flat: inout [Float], _ outline: Outline) {
        for (index, name) in match.sources {
            guard let source = tensors[name] else { continue }
            let offset = outline.tensors[index].offset
            flat.replaceSubrange(offset..<offset + source.values.count, with: source.values)
        }
    }

    /// The layers that were taken and those that were not, in words.
    func notes(_ match: Match) -> [String] {
        var notes = ["from \(settings.words): " + (match.taken.isEmpty ? "nothing" : listed(match.taken))]
        if !match.drawn.isEmpty { notes.append("drawn: \(listed(match.drawn))") }
        return notes
    }
}

extension Experiment {
    /// The paths of the layers that have names, by these.
    fileprivate var namedLayers: [String: String] {
        let names = Set(layers.flatMap(\.allLayers).compactMap(\.name))
        return layerPaths.filter { names.contains($0.key) }
    }
}
