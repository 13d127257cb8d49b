import Foundation
import Testing

@testable import Datasets
@testable import Engine
@testable import Session

@Suite("Exports")
struct ExportTests {
    // MARK: - What each format knows

    @Test("every entry of the catalogue has a line in every format's tables")
    func complete() {
        let layers = Set(Catalogue.entries(.layer).map(\.id))
        #expect(Set(TorchLayers.all.keys) == layers && Set(GraphLayers.all.keys) == layers)
        let activations = Set(Catalogue.entries(.activation).map(\.id))
        #expect(Set(TorchParts.activations.keys) == activations && Set(GraphParts.activations.keys) == activations)
        let losses = Set(Catalogue.entries(.loss).map(\.id))
        #expect(Set(KerasLayers.activations.keys) == activations && Set(KerasScript.losses.keys) == losses)
        #expect(Set(KerasScript.optimizers.keys) == Set(Catalogue.entries(.optimizer).map(\.id)))
        #expect(Set(KerasLayers.all.keys).isSubset(of: layers))
        #expect(Set(TorchParts.losses.keys) == losses && Set(ReferenceLoss.losses.keys) == losses)
        #expect(Set(TorchParts.optimizers.keys) == Set(Catalogue.entries(.optimizer).map(\.id)))
        #expect(Set(TorchParts.schedules.keys) == Set(Catalogue.entries(.schedule).map(\.id)))
        #expect(Set(TorchParts.augmentations.keys) == Set(Catalogue.entries(.augmentation).map(\.id)))
        #expect(Set(TorchParts.corruptions.keys) == Set(Catalogue.entries(.corruption).map(\.id)))
        #expect(Set(TorchParts.rules.keys) == Set(LearningRule.allCases).subtracting([.gradient]))
        #expect(Set(GraphParts.functions.keys) == Set(Formula.functionNames))
        #expect(GraphParts.functions.count == Formula.functionNames.count)
    }

    private static let table = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/exports.txt")

    /// "spiral pytorch onnx dot svg link", without the formats that refuse it.
    private static func line(_ name: String) -> String {
        var formats: [String] = []
        guard let source = try? ExperimentSource.open(name) else { return name }
        let request = ExportRequest(source: source, weights: nil, epochs: 0, path: "x.py", version: "1")
        if let training = try? ExportedTraining(request, isTraining: true), let script = try? TorchScript(training) {
            #expect(script.text(file: "x.safetensors").contains("network = nn.Sequential("))
            formats.append("pytorch")
            if (try? KerasScript(training)) != nil { formats.append("keras") }
        }
        if let training = try? ExportedTraining(request, isTraining: false) {
            if (try? Graph(training)) != nil { formats.append("onnx") }
            if DotGraph(training).text.hasPrefix("digraph") { formats.append("dot") }
            if (try? Handout(training)) != nil { formats.append("svg") }
        }
        if case .success = PlaygroundLink.link(for: source.experiment) { formats.append("link") }
        return ([name] + formats).joined(separator: " ")
    }

    @Test("no preset loses a format: the committed table says which have which")
    func presets() throws {
        // Data files that are not there, and presets that begin with another one's training, are left to the program's own tests.
        let names = Preset.builtIn.filter { preset in
            guard let experiment = try? Experiment(json: JSON(parsing: preset.text)) else { return false }
            return experiment.data.dataset.knobs["file"] == nil && experiment.initial == InitialSettings()
        }.map(\.name)
        let found = names.map(Self.line)
        if getenv("RECORD") != nil { try Data((found.joined(separator: "\n") + "\n").utf8).write(to: Self.table) }
        let known = try String(contentsOf: Self.table, encoding: .utf8).split(separator: "\n").map(String.init)
        for line in known {
            let words = line.split(separator: " ").map(String.init)
            let now =
                found.first { $0.hasPrefix(words[0] + " ") || $0 == words[0] }?.split(separator: " ").map(String.init)
                ?? []
            for format in words.dropFirst() { #expect(now.contains(format), "\(words[0]) has lost \(format)") }
        }
        #expect(known.count >= names.count, "record the table for new presets")
        #expect(known.count { $0.contains("pytorch") } > 50)
    }

    // MARK: - PyTorch

    private static func training(_ json: String, isTraining: Bool = true) throws -> ExportedTraining {
        let experiment = try Experiment(json: JSON(parsing: json))
        return try ExportedTraining(
            ExportRequest(
                source: ExperimentSource(name: "test", experiment: experiment), weights: nil, epochs: 0, path: "",
                version: "1"), isTraining: isTraining)
    }

    @Test("the script names the network's parts and finds its tensors by PyTorch's names")
    func script() throws {
        let training = try Self.training(
            #"{"data":{"dataset":"xor"},"layers":[{"dense":{"units":3,"name":"a","activation":"relu"}},{"residual":{"body":[{"dense":{"units":3}}]}},{"dense":{"units":2,"tied":"a","frozen":true}}],"training":{"batchSize":7,"lastBatch":"carry","optimizer":{"adam":{}},"schedule":{"cosine":{"steps":50,"warmupSteps":5}},"regularization":{"l1":0.1}}}"#
        )
        let script = try TorchScript(training)
        let text = script.text(file: "test.safetensors")
        for part in [
            "layers_0 = nn.Linear(2, 3)", "freeze(Tied(layers_0, 2))", "torch.optim.Adam(trained, lr=0.001", "math.cos",
            "min(1, (step + 1) / 5)", "these gradients wait", "moved_to", "class Residual(nn.Module)", "report(0)",
        ] { #expect(text.contains(part), "\(part)") }
        let names = Set(script.tensors.tensors.map(\.name))
        for name in [
            "train.x", "train.y", "test.x", "network.0.weight", "network.2.body.0.weight", "network.3.bias",
            "order.rows",
            "order.updates",
        ] { #expect(names.contains(name), "\(name) of \(names.sorted())") }
    }

    @Test("the order of the first steps is the one in which training takes the samples")
    func order() throws {
        let training = try Self.training(
            #"{"data":{"dataset":"circle"},"layers":["dense"],"training":{"batchSize":30,"shuffle":true}}"#)
        #expect(training.passes.count == 100 && training.passes.allSatisfy(\.isUpdate))
        let epoch = training.passes.prefix(9).flatMap(\.rows)
        #expect(epoch.count == 250 && Set(epoch).count == 250 && epoch != epoch.sorted())
        #expect(training.passes.prefix(9).map(\.beginsEpoch) == [true] + .init(repeating: false, count: 8))
        #expect(training.passes[9].beginsEpoch)
    }

    @Test("a procedure that a script cannot follow, and a game, are refused with their place")
    func refusals() throws {
        do {
            _ = try Self.training(
                #"{"data":{"dataset":"circle"},"layers":[],"rivals":["svm"],"training":{"procedure":"fit"}}"#,
                isTraining: false)
            Issue.record("rivals alone were written")
        } catch let error as ExperimentError {
            #expect(error.kind == .malformed && error.place == "training.procedure", "\(error)")
        }
        #expect(throws: ExperimentError.self) {
            try Self.training(
                #"{"data":{"dataset":"bars"},"layers":[{"rbm":{}}],"training":{"procedure":"contrastiveDivergence"}}"#
            )
        }
        do {
            _ = try Self.training(
                #"{"data":{"dataset":"bars"},"layers":[{"rbm":{}}],"training":{"procedure":"reconstruction"}}"#
            ).script()
            Issue.record("it was written")
        } catch let error as ExperimentError {
            #expect(error.kind == .malformed && error.place == "layers.0.rbm", "\(error)")
        }
    }

    @Test("an experiment in training is written as its path's ending says, and trains on as if nothing had been")
    func playground() throws {
        let folder = "/tmp/layercake-export-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        mkdir(folder, 0o700)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let experiment = try Experiment(
            json: JSON(parsing: #"{"data":{"dataset":"circle"},"layers":["dense"],"training":{"shuffle":true}}"#))
        let (saved, other) = (try Trainer(experiment), try Trainer(experiment))
        for trainer in [saved, other] { for _ in 0..<30 { _ = trainer.step() } }
        for name in ["a.py", "a.onnx", "a.svg", "a.dot", "a.safetensors"] { try saved.save(to: "\(folder)/\(name)") }
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(files == ["a-data.safetensors", "a.dot", "a.onnx", "a.py", "a.safetensors", "a.svg"])
        for trainer in [saved, other] { for _ in 0..<30 { _ = trainer.step() } }
        #expect(saved.procedure.parameters == other.procedure.parameters)
        #expect(ExportFormat.saved(as: "a.json") == nil && ExportFormat.saved(as: "a.safetensors") == nil)
    }

    // MARK: - ONNX

    @Test("protocol buffers are written as their description says")
    func wire() {
        var message = ProtocolBuffer()
        message.add(1, 150)
        message.add(2, "testing")
        message.add(3, -1)
        #expect(message.bytes.prefix(3) == [0x08, 0x96, 0x01])
        let text: [UInt8] = [0x12, 0x07] + Array("testing".utf8)
        #expect(Array(message.bytes[3..<12]) == text)
        let varint: [UInt8] = [0x18] + [UInt8](repeating: 0xFF, count: 9) + [0x01]
        #expect(message.bytes.suffix(11).elementsEqual(varint))
    }

    /// A layer over its example input, walked in double and by the engine.
    @Test("the graph of every layer has the engine's answers", arguments: Catalogue.layers.map { $0.entry.id })
    func layers(id: String) throws {
        let type = try #require(Catalogue.layers.first { $0.entry.id == id })
        var description = NetworkDescription(
            input: type.exampleInput, task: .regression, layers: [Choice(id)], sequence: type.exampleForm)
        description.sequence.continues = false
        let outline = try description.outline()
        var random = Random(seed: 7)
        var parameters = (0..<outline.flatCount).map { _ in Float(random.uniform(-0.8, 0.8)) }
        // Variances are above 0.
        for tensor in outline.tensors where tensor.name.hasSuffix("running_var") {
            for place in tensor.offset..<tensor.offset + tensor.count {
                parameters[place] = abs(parameters[place]) + 0.1
            }
        }
        let network = try ExportedNetwork(description, parameters: parameters)
        let (count, width) = (5, description.inputWidth)
        let vocabulary = description.sequence.vocabulary
        let inputs = (0..<count * width).map { place in
            vocabulary.map { Float(place % $0) } ?? Float(random.uniform(-1, 1))
        }
        let engine = try Network(description, capacity: count)
        engine.load(parameters: parameters)
        engine.forward(inputs, count: count)
        let values = GraphWalk(try Graph(walking: network, isTraining: false)).values(
            ["x": Numbers([count] + description.input.axes, inputs.map(Double.init))])
        let y = try #require(values["y"])
        for sample in 0..<count {
            let own = engine.value(layer: outline.output, stage: .activation, unit: 0, sample: sample)
            #expect(
                abs(Double(own) - y.values[sample]) < 1e-5 * max(1, abs(y.values[sample])), "\(id) of sample \(sample)")
        }
    }

    @Test("the graph takes raw columns: features and standardization are in it")
    func features() throws {
        let training = try Self.training(
            #"{"data":{"dataset":"circle"},"features":["x1","x2^2","sin(x1*x2) - 0.5","max(x1, abs(x2))"],"layers":["dense"]}"#,
            isTraining: false)
        let graph = try Graph(training)
        let answers = try training.answers()
        let (x, y) = (answers.tensors[0], answers.tensors[1])
        let values = GraphWalk(graph).values(["x": Numbers(x.axes, x.values.map(Double.init))])
        let found = try #require(values["y"])
        for (one, other) in zip(found.values, y.values) { #expect(abs(one - Double(other)) < 1e-5) }
        let bytes = graph.bytes(name: "test", text: "", version: "1")
        #expect(bytes.prefix(2) == [0x08, 0x08], "IR version 8")
    }

    // MARK: - Pictures and links

    @Test("a handout has points, boundary and curves of a network that was trained before")
    func handout() throws {
        let source = try ExperimentSource.open("circle")
        let training = try ExportedTraining(
            ExportRequest(source: source, weights: nil, epochs: 20, path: "", version: "1"), isTraining: false)
        let text = try Handout(training).text
        #expect(text.hasPrefix("<svg") && text.hasSuffix("</svg>\n"))
        #expect(text.split(separator: "\n").count { $0.hasPrefix("<circle") } > 200 && text.contains("<polyline"))
        #expect(text.split(separator: "\n").count { $0.hasPrefix("<rect") } > 3600)
        let parser = XMLParserCheck(text)
        #expect(parser.isWellFormed)
    }

    @Test("each curve of a handout has a colour of its own, the old task's too")
    func curveColours() throws {
        var source = try ExperimentSource.open("forgetting")
        source.experiment = try source.experiment.setting("initial.epochs", to: .number(1))
        let training = try ExportedTraining(
            ExportRequest(source: source, weights: nil, epochs: 5, path: "", version: "1"), isTraining: false)
        let lines = try Handout(training).text.split(separator: "\n")
        let curves = lines.filter { $0.hasPrefix("<polyline") }
        let colours = curves.compactMap { curve in curve.split(separator: "stroke=").last.map(String.init) }
        #expect(curves.count == 3 && Set(colours).count == 3, "\(colours)")
    }

    @Test("control characters and quotes of a title break no script and no picture, and a file keeps its name")
    func oddTitles() throws {
        var source = try ExperimentSource.open("xor")
        source.experiment.title = "a\u{0}\"\"\"\\\r\nb\u{7}<&"
        source.experiment.story = source.experiment.title
        let request = ExportRequest(source: source, weights: nil, epochs: 0, path: "x.py", version: "1")
        let training = try ExportedTraining(request, isTraining: true)
        let name = "a\"\n\u{1}\\.safetensors"
        let still = try ExportedTraining(request, isTraining: false)
        let texts = [
            try TorchScript(training).text(file: name), try KerasScript(training).text(file: name),
            DotGraph(still).text, try Handout(still).text,
        ]
        for text in texts {
            #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0.value == 0x7F })
        }
        for text in texts.prefix(2) {
            #expect(text.contains(#"with_name("a\"\x0a\x01\\.safetensors")"#))
            #expect(text.ranges(of: "\"\"\"").count.isMultiple(of: 2))
        }
    }

    @Test("a graph for Graphviz has a node for each layer and a cluster for each block")
    func dot() throws {
        let training = try Self.training(
            #"{"data":{"dataset":"xor"},"layers":[{"residual":{"body":[{"dense":{"units":2}}]}},{"dense":{"units":3}}]}"#,
            isTraining: false)
        let text = DotGraph(training).text
        #expect(
            text.contains("subgraph cluster_layers_0") && text.contains("layers_0_body_0 ->")
                && text.contains("layers_1 -> output"))
    }
}

extension ExportedTraining {
    fileprivate func script() throws(ExperimentError) -> String { try TorchScript(self).text(file: "x") }
}

/// Whether all elements of a text are closed in order.
private struct XMLParserCheck {
    let isWellFormed: Bool

    init(_ text: String) {
        var open: [String] = []
        var isRight = true
        for match in text.matches(of: /<(\/?)([a-z]+)[^>]*?(\/?)>/) {
            let name = String(match.2)
            if !match.1.isEmpty {
                isRight = isRight && open.popLast() == name
            } else if match.3.isEmpty {
                open.append(name)
            }
        }
        isWellFormed = isRight && open.isEmpty
    }
}

@Suite("Gradient checks")
struct GradientCheckTests {
    @Test(
        "the gradients of presets are right, whatever their layers",
        arguments: ["spiral", "batch-normalization", "residual", "dropout", "digits-cnn", "reber", "autoencoder-curve"])
    func presets(name: String) throws {
        let check = try GradientCheck(ExperimentSource.open(name), weights: nil, samples: 6, entries: 6)
        #expect(check.isRight, "\(check.rows.filter { !$0.isRight })")
        #expect(check.rows.allSatisfy { $0.compared + $0.kinks > 0 } && check.rows.contains { $0.compared > 0 })
    }

    @Test("a gradient that is not right is found, and a perceptron's rule refused")
    func wrong() throws {
        let experiment = try Experiment(
            json: JSON(
                parsing: #"{"data":{"dataset":"circle"},"layers":[{"dense":{"units":3}}],"training":{"batchSize":8}}"#))
        let trainer = try Trainer(experiment)
        let parameters = trainer.procedure.parameters
        let network = try ExportedNetwork(trainer.network, parameters: parameters)
        let analytic = try #require(trainer.procedure.gradients(ofFirst: 8))
        let loss = try ReferenceLoss(network, trainer.data.train, count: 8)
        let outline = trainer.procedure.outline
        func rows(_ gradients: [Float]) throws -> [GradientCheck.Row] {
            try GradientCheck.rows(network, outline, parameters, gradients, loss, entries: 100)
        }
        #expect(try rows(analytic).allSatisfy(\.isRight))
        var wrong = analytic
        let tensor = outline.tensors[0]
        for place in tensor.offset..<tensor.offset + tensor.count { wrong[place] *= 1.02 }
        #expect(try rows(wrong).filter { !$0.isRight }.map(\.tensor) == [tensor.name])
        #expect(throws: ExperimentError.self) {
            try GradientCheck(ExperimentSource.open("perceptron-and"), weights: nil)
        }
    }
}
