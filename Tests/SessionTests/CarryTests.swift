import Datasets
import Engine
import Foundation
import Testing

@testable import Session

/// Names, frozen and tied layers in the document, and networks that start from another one's weights.
@Suite struct CarryTests {
    static func experiment(_ layers: String, _ rest: String = "") throws -> Experiment {
        let experiment = try Experiment(
            json: JSON(parsing: #"{"data":{"dataset":"circle"},"layers":[\#(layers)]\#(rest)}"#))
        try experiment.validate()
        return experiment
    }

    private let plain = #"{"dense":{"units":4}},{"dense":{"units":3}}"#

    private func values(_ trainer: Trainer, _ name: String) throws -> [Float] {
        let tensor = try #require(trainer.procedure.outline.tensors.first { $0.name == name })
        return Array(trainer.procedure.parameters[tensor.offset..<tensor.offset + tensor.count])
    }

    private var folder: String { FileManager.default.temporaryDirectory.path }

    // MARK: - Live

    @Test("freezing, thawing and naming a layer change live: step, curve, optimizer's state and weights stay")
    func live() throws {
        let start = try Self.experiment(plain, #","training":{"optimizer":"adam","shuffle":true}"#)
        let trainer = try Trainer(start)
        for _ in 0..<60 { _ = trainer.step() }
        let (weights, generation, points) = (
            trainer.procedure.parameters, trainer.generation, trainer.history.points.count
        )
        let frozen = try start.setting("layers.0.dense.frozen", to: .bool(true)).setting(
            "layers.1.dense.name", to: .string("second"))
        #expect(!Change.between(start, frozen).startsAgain)
        try trainer.load(frozen, directory: nil, .withNewWeights)
        #expect(trainer.procedure.parameters == weights && trainer.procedure.step == 60)
        #expect(trainer.generation == generation && trainer.history.points.count == points)
        #expect(trainer.network.layers[0].isFrozen && trainer.procedure.outline.layers[1].name == "second")
        let (first, second) = (try values(trainer, "layers.0.weight"), try values(trainer, "layers.1.weight"))
        for _ in 0..<60 { _ = trainer.step() }
        #expect(try values(trainer, "layers.0.weight") == first && values(trainer, "layers.1.weight") != second)
        try trainer.load(start, directory: nil, .withNewWeights)
        for _ in 0..<10 { _ = trainer.step() }
        #expect(try values(trainer, "layers.0.weight") != first && trainer.procedure.step == 130)
    }

    @Test("a batchNorm thaws live only where its batches have two samples")
    func batchNorm() throws {
        let frozen = try Self.experiment(
            #"{"dense":{"units":4}},{"batchNorm":{"frozen":true}}"#, #","training":{"batchSize":1}"#)
        let trainer = try Trainer(frozen)
        for _ in 0..<10 { _ = trainer.step() }
        let thawed = try frozen.setting("layers.1.batchNorm.frozen", to: .bool(false))
        #expect(throws: ExperimentError.self) { try trainer.load(thawed, directory: nil, .withNewWeights) }
        #expect(trainer.procedure.step == 10 && trainer.step() != .ended)
        try trainer.load(thawed.setting("training.batchSize", to: .number(5)), directory: nil, .withNewWeights)
        #expect(trainer.procedure.step == 11 && trainer.procedure.stepsPerEpoch == 50)
    }

    // MARK: - Names

    @Test("duplicating renames, and what is tied follows a renamed layer")
    func names() throws {
        let tied =
            #"{"dense":{"units":4,"name":"code"}},{"dense":{"units":2,"tied":"code"}},{"residual":{"name":"block","body":[{"dense":{"units":2,"name":"inner"}}]}}"#
        var session = Session(try Self.experiment(tied))
        _ = try session.reduce(.set(path: "layers.0.dense.name", .string("base")))
        #expect(session.experiment.layers[1].tied == "base")
        _ = try session.reduce(.duplicateLayer(2))
        #expect(session.experiment.layers[3].allLayers.map(\.name) == ["block 2", "inner 2"])
        _ = try session.reduce(.duplicateLayer(2))
        #expect(session.experiment.layers[3].allLayers.map(\.name) == ["block 3", "inner 3"])
        #expect(throws: ExperimentError.self) {
            try session.reduce(.set(path: "layers.0.dense.name", .string("block")))
        }
        #expect(throws: ExperimentError.self) { try session.reduce(.set(path: "layers.0.dense.name", .string(""))) }
        _ = try session.reduce(.undo)
        _ = try session.reduce(.undo)
        _ = try session.reduce(.undo)
        #expect(session.experiment.layers[1].tied == "code")
    }

    @Test("layers that are moved in a block take their names along, and a whole new list is taken as it is written")
    func movedNames() throws {
        let block = #"{"residual":{"body":[{"dense":{"units":2,"name":"a"}},{"batchNorm":{"name":"b"}}]}}"#
        var session = Session(try Self.experiment(block))
        let path = "layers.0.residual.body"
        guard case .array(let body)? = session.experiment.value(at: path) else { throw NoList() }
        _ = try session.reduce(.set(path: path, .array(body.reversed())))
        let moved = session.experiment.layers[0].stacks[0].layers
        #expect(moved.map(\.id) == ["batchNorm", "dense"] && moved.map(\.name) == ["b", "a"])
        let list = #"[{"dense":{"units":4,"name":"b"}},{"dense":{"units":3,"name":"c"}}]"#
        session = Session(try Self.experiment(#"{"dense":{"units":4,"name":"a"}},{"dense":{"units":3,"name":"b"}}"#))
        _ = try session.reduce(.set(path: "layers", JSON(parsing: list)))
        #expect(session.experiment.layers.map(\.name) == ["b", "c"])
    }

    private struct NoList: Error {}

    @Test("describe names layers and says what is frozen and tied, in text and in JSON")
    func describes() throws {
        let layers = #"{"dense":{"units":4,"name":"code"}},{"dense":{"units":2,"tied":"code","frozen":true}}"#
        let table = try ExperimentTable(ExperimentSource(name: "x", experiment: Self.experiment(layers)))
        #expect(table.text.contains("0 dense 4, “code”"))
        #expect(table.text.contains("1 dense 2, tied to “code”, frozen"))
        let json = table.json.text(compact: true)
        #expect(json.contains(#""name":"code""#) && json.contains(#""tied":"code","frozen":true"#))
    }

    @Test("a link to the web page says that it leaves names, ties and frozen layers out")
    func link() throws {
        let layers = #"{"dense":{"units":4,"name":"code"}},{"dense":{"units":2,"tied":"code","frozen":true}}"#
        let places = try PlaygroundLink.pageLink(for: Self.experiment(layers)).unsaid.map(\.place)
        for place in ["layers.0.dense.name", "layers.1.dense.tied", "layers.1.dense.frozen"] {
            #expect(places.contains(place), "\(places)")
        }
    }

    // MARK: - Initial

    /// The experiment with a network to start from.
    static func carried(_ layers: String, _ initial: String) throws -> Experiment {
        try Self.experiment(layers, #","initial":\#(initial)"#)
    }

    @Test("the weights of a preset are those of its training, to the bit, and r returns to them")
    func preset() throws {
        let source = try Trainer(ExperimentSource.open("xor").experiment)
        for _ in 0..<5 { _ = source.epoch() }
        let hidden = source.experiment.layers
        var own = try Self.experiment("")
        own.layers = hidden
        own.features = source.experiment.features
        own = try own.setting("initial.preset", to: .string("xor")).setting("initial.epochs", to: .number(5)).setting(
            "initial.freeze", to: .array([.string("0")]))
        let trainer = try Trainer(own)
        #expect(trainer.procedure.parameters == source.procedure.parameters)
        #expect(abs(trainer.evaluate()["initialLoss"]! - source.evaluate().trainLoss) < 1e-9)
        #expect(trainer.metrics.filter { $0.plot == .loss }.map(\.id).last == "initialLoss")
        #expect(trainer.initialNotes.first?.hasPrefix("from the preset xor after 5 epochs: layers.0, ") == true)
        for _ in 0..<5 { _ = trainer.epoch() }
        let frozen = trainer.procedure.outline.tensors.filter { $0.name.hasPrefix("layers.0.") }
        for tensor in frozen {
            let range = tensor.offset..<tensor.offset + tensor.count
            #expect(trainer.procedure.parameters[range] == source.procedure.parameters[range])
        }
        #expect(trainer.procedure.parameters != source.procedure.parameters)
        trainer.reset()
        #expect(trainer.procedure.parameters == source.procedure.parameters && trainer.procedure.step == 0)
    }

    @Test("a file's weights are taken by name or by path where they fit; what is drawn is listed")
    func file() throws {
        let path = folder + "/layercake-carry-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let source = try Trainer(
            Self.experiment(#"{"dense":{"units":4,"name":"a"}},{"dense":{"units":3}},{"dense":{"units":2}}"#))
        for _ in 0..<20 { _ = source.step() }
        try source.checkpoint(for: path).write(to: path)
        let file = #"{"file":"\#(path)"}"#
        // Another layer in front: by its path nothing would fit, by its name it does.
        let trainer = try Trainer(
            Self.carried(#"{"dense":{"units":2}},{"dense":{"units":4,"name":"a"}},{"dense":{"units":5}}"#, file))
        #expect(try values(trainer, "layers.1.weight") == values(source, "layers.0.weight"))
        #expect(try values(trainer, "layers.1.bias") == values(source, "layers.0.bias"))
        let notes = trainer.initialNotes
        #expect(notes[0].hasSuffix(": layers.1 from layers.0"), "\(notes)")
        #expect(notes[1].contains("layers.0 (weight is [2, 2], there [4, 2])"), "\(notes)")
        // The layers that are asked for, and no others.
        let chosen = try Trainer(Self.carried(plain, #"{"file":"\#(path)","layers":["1"]}"#))
        #expect(try values(chosen, "layers.1.weight") == values(source, "layers.1.weight"))
        #expect(try values(chosen, "layers.0.weight") == values(Trainer(Self.experiment(plain)), "layers.0.weight"))
        // Frozen ones stay.
        let frozen = try Trainer(Self.carried(plain, #"{"file":"\#(path)","freeze":["0","1"]}"#))
        for _ in 0..<20 { _ = frozen.step() }
        #expect(try values(frozen, "layers.1.weight") == values(source, "layers.1.weight"))
        #expect(frozen.network.layers.allSatisfy { $0.isFrozen })
        // A sweep's and an atlas' networks start from them too.
        let grid = try ExperimentGrid([frozen.experiment, chosen.experiment])
        grid.advance(toEpoch: 2)
        let tensor = frozen.procedure.outline.tensors[0]
        let first = grid.parameters(of: 0)[tensor.offset..<tensor.offset + tensor.count]
        #expect(Array(first) == (try values(source, "layers.0.weight")))
    }

    @Test("layers three blocks deep take weights by their names and by their paths, and stay where they are frozen")
    func deepFile() throws {
        let path = folder + "/layercake-carry-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        func deep(_ layers: String) -> String {
            let inner = #"{"branches":{"stacks":[[{"residual":{"body":[\#(layers)]}}]]}}"#
            return #"{"dense":{"units":4}},{"residual":{"body":[\#(inner)]}}"#
        }
        let place = "1.body.0.stacks.0.0.body"
        let (plain, named) = (#"{"dense":{"units":4}}"#, #"{"dense":{"units":4,"name":"a"}}"#)
        let source = try Trainer(Self.experiment(deep(named)))
        for _ in 0..<20 { _ = source.step() }
        try source.checkpoint(for: path).write(to: path)
        let weight = try values(source, "layers.\(place).0.weight")
        let byPath = try Trainer(Self.carried(deep(plain), #"{"file":"\#(path)","layers":["\#(place).0"]}"#))
        #expect(try values(byPath, "layers.\(place).0.weight") == weight)
        #expect(try values(byPath, "layers.0.weight") != values(source, "layers.0.weight"))
        let byName = try Trainer(
            Self.carried(deep("\(plain),\(named)"), #"{"file":"\#(path)","layers":["a"],"freeze":["a"]}"#))
        for _ in 0..<20 { _ = byName.step() }
        #expect(try values(byName, "layers.\(place).1.weight") == weight)
        #expect(try values(byName, "layers.\(place).0.weight") != weight)
    }

    @Test("a file that could not be read is read again when training starts again, and a file that has changed too")
    func again() throws {
        let path = folder + "/layercake-carry-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let source = try Trainer(Self.experiment(plain))
        let start = try Self.carried(plain, #"{"file":"\#(path)"}"#)
        let (resets, opens, edited) = (try Trainer(start), try Trainer(start), try Trainer(start))
        resets.reset()
        #expect(resets.initialFailure != nil && resets.initialNotes.first?.contains("are drawn") == true)
        for _ in 0..<20 { _ = source.step() }
        try source.checkpoint(for: path).write(to: path)
        resets.reset()
        #expect(resets.initialFailure == nil)
        #expect(try values(resets, "layers.0.weight") == values(source, "layers.0.weight"))
        try edited.load(
            start.setting("layers.1.dense.units", to: .number(5)), directory: nil, .withFittingWeights)
        #expect(edited.initialFailure == nil)
        #expect(try values(edited, "layers.0.weight") == values(source, "layers.0.weight"))
        // An edit that changes live leaves the weights, and so what is said of them.
        try opens.load(
            start.setting("training.optimizer.sgd.learningRate", to: .number(0.5)), directory: nil,
            .withFittingWeights)
        #expect(opens.initialFailure != nil)
        try opens.load(start, directory: nil, .fromTheStart)
        #expect(opens.initialFailure == nil)
        #expect(try values(opens, "layers.0.weight") == values(source, "layers.0.weight"))
        for _ in 0..<20 { _ = source.step() }
        try source.checkpoint(for: path).write(to: path)
        try opens.load(start, directory: nil, .fromTheStart)
        #expect(try values(opens, "layers.0.weight") == values(source, "layers.0.weight"))
    }

    @Test("a preset stays untrained where other weights are restored, and its loss is measured all the same")
    func restored() throws {
        let start = try Self.carried(plain, #"{"preset":"xor","epochs":3}"#)
        let source = try Trainer(start)
        for _ in 0..<20 { _ = source.step() }
        // Were it trained, this would take hours.
        let slow = try start.setting("initial.epochs", to: .number(1_000_000))
        let trainer = try Trainer(slow, trainsPreset: false)
        try trainer.restore(source.checkpoint(for: "weights.safetensors"))
        #expect(trainer.procedure.parameters == source.procedure.parameters)
        #expect(trainer.evaluate()["initialLoss"] == source.evaluate()["initialLoss"])
    }

    @Test("PyTorch's names fit by the number of the layer or by its name")
    func foreign() throws {
        let path = folder + "/layercake-carry-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var file = Safetensors()
        file.tensors = [
            Safetensors.Tensor(name: "0.weight", axes: [4, 2], values: (0..<8).map { Float($0) }),
            Safetensors.Tensor(name: "0.bias", axes: [4], values: [1, 2, 3, 4]),
            Safetensors.Tensor(name: "decoder.weight", axes: [3, 4], values: (0..<12).map { Float(-$0) }),
            Safetensors.Tensor(name: "decoder.bias", axes: [3], values: [5, 6, 7]),
        ]
        try SavedFile.write(file.bytes, to: path)
        let trainer = try Trainer(
            Self.carried(#"{"dense":{"units":4}},{"dense":{"units":3,"name":"decoder"}}"#, #"{"file":"\#(path)"}"#))
        #expect(try values(trainer, "layers.0.weight") == (0..<8).map { Float($0) })
        #expect(try values(trainer, "layers.1.bias") == [5, 6, 7])
    }

    @Test("opening a checkpoint does not need the file, and saving elsewhere names it whole")
    func withoutFile() throws {
        let directory = folder + "/layercake-carry-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try Trainer(Self.experiment(plain)).checkpoint(for: directory + "/a.safetensors").write(
            to: directory + "/a.safetensors")
        let trainer = try Trainer(Self.carried(plain, #"{"file":"a.safetensors"}"#), directory: directory)
        #expect(trainer.initialFailure == nil)
        for _ in 0..<20 { _ = trainer.step() }
        let saved = directory + "/b.safetensors"
        try trainer.checkpoint(for: saved).write(to: saved)
        let elsewhere = trainer.experiment.saved(to: folder + "/x.json", from: directory)
        #expect(elsewhere.initial.file.hasPrefix("/") && elsewhere.initial.file.hasSuffix("/a.safetensors"))
        try FileManager.default.removeItem(atPath: directory + "/a.safetensors")

        let source = try ExperimentSource.open(saved)
        let again = try Trainer(source.experiment, directory: source.directory)
        #expect(again.initialFailure?.place.hasPrefix("initial.file: ") == true)
        try again.restore(Checkpoint(readingFrom: saved))
        #expect(again.procedure.parameters == trainer.procedure.parameters && again.procedure.step == 20)
        _ = again.step()
        _ = trainer.step()
        #expect(again.procedure.parameters == trainer.procedure.parameters)
    }

    @Test(
        "a mistake in initial has its place and says what to do",
        arguments: [
            (#"{"file":"a","preset":"xor"}"#, "initial", "leave one of them out"),
            (#"{"layers":["0"]}"#, "initial", "name a file of weights or a preset"),
            (#"{"preset":"xr"}"#, "initial.preset", "did you mean “xor”?"),
            (#"{"preset":"xor","layers":["0","7"]}"#, "initial.layers.1", "there is no layer “7”"),
            (#"{"preset":"xor","freeze":["frist"]}"#, "initial.freeze.0", "did you mean “first”?"),
        ]) func mistakes(_ initial: String, _ place: String, _ message: String) throws
    {
        let json = #"{"data":{"dataset":"circle"},"layers":[{"dense":{"name":"first"}}],"initial":\#(initial)}"#
        let read = try Experiment(json: JSON(parsing: json))
        let error = #expect(throws: ExperimentError.self) { try read.validate() }
        #expect(error?.place == place && error?.message.contains(message) == true, "\(error?.description ?? "")")
        #expect(read.json.text(compact: true).contains(#""initial""#))
    }

    @Test("a file of weights that cannot be read is told as a mistake, with its place")
    func fileIsMistake() throws {
        let link = TrainerLink(
            experiment: try Self.carried(plain, #"{"file":"nowhere.safetensors"}"#), directory: folder, playing: false,
            threads: 1, onSnapshot: {})
        defer { link.stop() }
        let deadline = ContinuousClock.now + .seconds(20)
        while link.latest?.message == nil, ContinuousClock.now < deadline { usleep(1000) }
        let snapshot = try #require(link.latest)
        #expect(snapshot.message?.contains("nowhere.safetensors") == true, "\(snapshot.message ?? "")")
        #expect(snapshot.messageIsMistake)
    }

    @Test("a preset that is trained first can be done without: the network starts from drawn weights and says so")
    func skipped() throws {
        let slow = try Self.carried(plain, #"{"preset":"spirals-softmax","epochs":1000000}"#)
        let link = TrainerLink(experiment: slow, directory: nil, playing: false, threads: 1, onSnapshot: {})
        defer { link.stop() }
        let deadline = ContinuousClock.now + .seconds(20)
        while link.loading?.isInitial != true, ContinuousClock.now < deadline { usleep(1000) }
        // Meanwhile the data are shown, with drawn weights that do not train.
        while link.latest == nil, ContinuousClock.now < deadline { usleep(1000) }
        #expect(link.loading?.isInitial == true && link.latest?.step == 0 && link.latest?.message == nil)
        link.send(.skipInitial)
        while link.latest?.message == nil, ContinuousClock.now < deadline { usleep(1000) }
        let message = try #require(link.latest?.message)
        #expect(message.contains("was cancelled after") && message.hasSuffix("the weights are drawn"), "\(message)")
    }

    @Test("the trainer's thread trains the preset first, tells how far it is, and leaves it for another experiment")
    func thread() throws {
        let slow = try Self.carried(plain, #"{"preset":"spirals-softmax","epochs":1000000}"#)
        let link = TrainerLink(experiment: slow, directory: nil, playing: false, threads: 1, onSnapshot: {})
        defer { link.stop() }
        let deadline = ContinuousClock.now + .seconds(20)
        while link.loading?.name != "the preset spirals-softmax after 1000000 epochs", ContinuousClock.now < deadline {
            usleep(1000)
        }
        #expect(link.loading?.name == "the preset spirals-softmax after 1000000 epochs")
        link.send(.load(try Self.carried(plain, #"{"preset":"xor","epochs":2}"#), directory: nil, .fromTheStart))
        while link.latest?.message == nil, ContinuousClock.now < deadline { usleep(1000) }
        #expect(link.latest?.message?.hasPrefix("from the preset xor after 2 epochs: ") == true)
    }
}
