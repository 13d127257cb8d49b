import Basics
import Engine
import Synchronization

/// Another network whose weights an experiment starts from: the document's `initial`.
public struct InitialSettings: Sendable, Hashable {
    /// A file of weights, relative to the experiment; empty: none.
    public var file = ""
    /// A preset that is trained first; empty: none.
    public var preset = ""
    /// The preset's epochs.
    public var epochs = 100
    /// The layers that take weights, by their places or names; empty: all that fit.
    public var layers: [String] = []
    /// The layers that stay as they are taken.
    public var freeze: [String] = []
    /// Tensors set by hand, over all drawn or taken ones: a name and its numbers, "output.bias -2".
    public var values: [String] = []

    public init() {}

    /// Whether there is no such network.
    public var isNone: Bool { file.isEmpty && preset.isEmpty }

    /// The settings that decide on the other network; which layers take its weights or are frozen does not.
    var source: InitialSettings {
        var source = InitialSettings()
        (source.file, source.preset) = (file, preset)
        if !preset.isEmpty { source.epochs = epochs }
        return source
    }

    /// The network in words: "a.safetensors", "the preset circle after 100 epochs".
    var words: String { preset.isEmpty ? shortened(file) : "the preset \(preset) after \(plural(epochs, "epoch"))" }
}

/// The addresses by which a document means layers: "0", "2.body.1", "output", or a layer's name.
extension Experiment {
    /// The paths in an outline of all layers, and of the output, by their addresses.
    var layerPaths: [String: String] {
        var paths = ["output": "output"]
        func add(_ layers: [Choice], _ address: String, _ path: String) {
            for (index, layer) in layers.enumerated() {
                let (own, place) = (address.isEmpty ? "\(index)" : "\(address).\(index)", "\(path).\(index)")
                paths[own] = place
                for (name, inside) in layer.stacks { add(inside, "\(own).\(name)", "\(place).\(name)") }
            }
        }
        add(layers, "", "layers")
        func addNames(_ layers: [Choice], _ path: String) {
            for (index, layer) in layers.enumerated() {
                if let name = layer.name { paths[name] = "\(path).\(index)" }
                for (name, inside) in layer.stacks { addNames(inside, "\(path).\(index).\(name)") }
            }
        }
        addNames(layers, "layers")
        return paths
    }

    /// The key path of the layer that an address means, as "layers.2.residual.body.0"; nil: there is none.
    public func layerPath(of address: String) -> String? {
        guard let place = layerPaths[address], place != "output" else { return nil }
        func path(_ layers: [Choice], _ outline: String, _ document: String) -> String? {
            for (index, layer) in layers.enumerated() {
                let (own, written) = ("\(outline).\(index)", "\(document).\(index)")
                if own == place { return written }
                for (name, inside) in layer.stacks {
                    if let found = path(inside, "\(own).\(name)", "\(written).\(layer.id).\(name)") { return found }
                }
            }
            return nil
        }
        return path(layers, "layers", "layers")
    }

    /// The paths of the layers that take weights; empty: all that fit.
    var initialPaths: Set<String> {
        guard !initial.isNone, !initial.layers.isEmpty else { return [] }
        let paths = layerPaths
        return Set(initial.layers.compactMap { paths[$0] })
    }

    /// Whether `initial` means layers by their addresses.
    var namesInitialLayers: Bool { !(initial.layers.isEmpty && initial.freeze.isEmpty) }

    /// The addresses in `initial` mean the same layers as before an edit of the stack; those of layers that are gone
    /// go. Where none is left that takes weights, there is no network to start from either: an empty list means all.
    /// - Parameters:
    ///   - old: the experiment that the addresses are of.
    ///   - path: a layer's path in an outline by its old one; nil: it is gone.
    mutating func followLayers(of old: Experiment, _ path: (String) -> String?) {
        guard namesInitialLayers else { return }
        let (paths, newPaths) = (old.layerPaths, layerPaths)
        let oldNames = Set(old.layers.flatMap(\.allLayers).compactMap(\.name))
        let present = Set(layers.flatMap(\.allLayers).compactMap(\.name))
        let names = Dictionary(present.map { (newPaths[$0] ?? $0, $0) }, uniquingKeysWith: { first, _ in first })
        func following(_ address: String) -> String? {
            // One that meant nothing before is a mistake that the check of the document tells.
            guard let before = paths[address], before != "output" else { return address }
            let isName = oldNames.contains(address)
            if isName, present.contains(address) { return address }
            guard let place = path(before) else { return nil }
            return (isName ? names[place] : nil) ?? String(place.dropFirst("layers.".count))
        }
        let takes = !initial.layers.isEmpty
        initial.layers = initial.layers.compactMap { following($0) }
        initial.freeze = initial.freeze.compactMap { following($0) }
        if takes, initial.layers.isEmpty { initial = InitialSettings() }
    }

    /// Whether a layer has a name, is tied or frozen.
    public var usesBonds: Bool {
        output.isFrozen || layers.contains { $0.allLayers.contains(where: \.isBound) }
    }

    /// Whether the output is frozen, by itself or as it is taken from another network.
    var isOutputFrozen: Bool { output.isFrozen || !initial.isNone && initial.freeze.contains("output") }

    /// Whether a layer is in a block that is frozen with all inside it.
    /// - Parameter path: the layer's key path.
    public func isInFrozenBlock(_ path: String) -> Bool {
        let keys = path.split(separator: ".").map(String.init)
        let frozen = Set(initial.isNone ? [] : initial.freeze.compactMap(layerPath))
        return (2..<max(2, keys.count)).contains { end in
            let block = keys[..<end].joined(separator: ".")
            guard case .choice(.layer)? = knob(at: block)?.kind else { return false }
            return frozen.contains(block)
                || value(at: "\(block).\(keys[end]).\(LayerKnobs.frozen.name)") == .bool(true)
        }
    }

    /// The layers for the engine: those that `initial` freezes are frozen.
    var frozenLayers: [Choice] {
        guard !initial.isNone, !initial.freeze.isEmpty else { return layers }
        let paths = layerPaths
        let frozen = Set(initial.freeze.compactMap { paths[$0] })
        return layers.enumerated().map { $1.frozen(at: "layers.\($0)", frozen) }
    }

    func validateInitial() throws(ExperimentError) {
        func fail(_ key: String, _ message: String) -> ExperimentError {
            ExperimentError(.malformed, place: "initial" + (key.isEmpty ? "" : ".\(key)"), message: message)
        }
        guard initial != InitialSettings() else { return }
        guard initial.file.isEmpty || initial.preset.isEmpty else {
            throw fail("", "expected a file or a preset, found both; leave one of them out")
        }
        try checkInitialValues()
        guard !initial.isNone || !initial.values.isEmpty else {
            throw fail("", "names no network to start from; name a file of weights or a preset")
        }
        if !initial.preset.isEmpty { try Self.checkInitialPreset(initial.preset) }
        let paths = layerPaths
        for (key, addresses) in [("layers", initial.layers), ("freeze", initial.freeze)] {
            for (index, address) in addresses.enumerated() {
                guard paths[address] == nil else { continue }
                throw fail(
                    "\(key).\(index)",
                    "there is no layer \(quoted(address)); " + NearestName.advice(address, among: paths.keys.sorted()))
            }
        }
    }

    /// Presets that other networks can start from, by name, the user's own by their files. Every edit of a document
    /// asks, and must not read the disk for it; a file that has changed since is checked when its network is trained.
    private static let checkedPresets = Mutex<Set<String>>([])

    private static func checkInitialPreset(_ name: String) throws(ExperimentError) {
        let isBuiltIn = Preset.builtIn.contains { $0.name == name }
        let key = isBuiltIn ? name : Preset.userPath(name, in: Preset.userFolder) ?? name
        guard !checkedPresets.withLock({ $0.contains(key) }) else { return }
        _ = try initialPreset(name)
        checkedPresets.withLock { _ = $0.insert(key) }
    }

    /// The preset that `initial` names, with its experiment, read anew.
    static func initialPreset(_ name: String) throws(ExperimentError) -> ExperimentSource {
        let preset: Preset
        do { preset = try Preset.named(name) } catch {
            throw ExperimentError(.malformed, place: "initial.preset", message: "\(quoted(name)): \(error.message)")
        }
        let experiment: Experiment
        do { experiment = try Experiment(json: JSON(parsing: preset.text)) } catch {
            throw ExperimentError(
                error.kind, place: "initial.preset: \(name): \(error.place)", message: error.message)
        }
        guard experiment.initial.isNone else {
            throw ExperimentError(
                .malformed, place: "initial.preset",
                message: "\(quoted(name)) starts from another network itself; choose one that does not")
        }
        return ExperimentSource(
            name: preset.name, experiment: experiment, directory: preset.path.map(FilePath.directory))
    }
}

extension Choice {
    /// The stacks in a block by their names in an outline: "body", "stacks.0"; none of another layer.
    var stacks: [(name: String, layers: [Choice])] {
        (Catalogue.entry(.layer, id)?.knobs ?? []).flatMap { knob -> [(String, [Choice])] in
            guard case .list(let values) = value(of: knob), case .list(let element) = knob.kind else { return [] }
            guard case .list = element else { return [(knob.name, values.compactMap(\.layer))] }
            return values.enumerated().map { index, value in
                guard case .list(let layers) = value else { return ("\(knob.name).\(index)", []) }
                return ("\(knob.name).\(index)", layers.compactMap(\.layer))
            }
        }
    }

    /// The layer with those frozen, itself or inside it, whose paths are given.
    fileprivate func frozen(at path: String, _ frozen: Set<String>) -> Choice {
        var layer = self
        if frozen.contains(path) { layer.knobs[LayerKnobs.frozen.name] = .toggle(true) }
        for (name, value) in layer.knobs { layer.knobs[name] = value.frozen(at: "\(path).\(name)", frozen) }
        return layer
    }
}

extension KnobValue {
    var layer: Choice? { if case .choice(let layer) = self { layer } else { nil } }

    fileprivate func frozen(at path: String, _ frozen: Set<String>) -> KnobValue {
        guard case .list(let values) = self else { return self }
        return .list(
            values.enumerated().map { index, value in
                if case .choice(let layer) = value { return .choice(layer.frozen(at: "\(path).\(index)", frozen)) }
                return value.frozen(at: "\(path).\(index)", frozen)
            })
    }
}
