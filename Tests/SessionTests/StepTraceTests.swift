import Engine
import Foundation
import Testing

@testable import Session

/// An update with all its numbers, as slow motion shows it.
@Suite("Slow motion's numbers")
struct StepTraceTests {
    // MARK: - Against the engine

    /// A document's network, its training and its data.
    private static func experiment(
        data: String = #"{"dataset":"circle"}"#, layers: String = #"[{"dense":{"units":4}},{"dense":{"units":2}}]"#,
        training: String = "{}", output: String = "{}"
    ) throws -> Experiment {
        try Experiment(
            json: JSON(
                parsing: #"{"data":\#(data),"layers":\#(layers),"output":\#(output),"training":\#(training)}"#))
    }

    @Test(
        "the update that is told is the one that training does next, bit for bit, and telling it changes nothing",
        arguments: [
            ("plain", "{}", #"[{"dense":{"units":4}},{"dense":{"units":2}}]"#, #"{"dataset":"circle"}"#),
            ("shuffled", #"{"shuffle":true,"batchSize":7}"#, #"[{"dense":{"units":3}}]"#, #"{"dataset":"xor"}"#),
            (
                "carried", #"{"lastBatch":"carry","batchSize":7,"optimizer":"adam"}"#, #"[{"dense":{"units":3}}]"#,
                #"{"dataset":"xor"}"#
            ),
            (
                "decayed", #"{"optimizer":"momentum","regularization":{"l1":0.001,"l2":0.01}}"#,
                #"[{"dense":{"units":5,"activation":"relu"}}]"#, #"{"dataset":"spiral"}"#
            ),
            (
                "clipped", #"{"optimizer":"rmsprop","clipNorm":0.01}"#,
                #"[{"dense":{"units":5,"activation":"sigmoid"}},"batchNorm","activation"]"#, #"{"dataset":"circle"}"#
            ),
            (
                "dropped", #"{"optimizer":"adamw"}"#,
                #"[{"dense":{"units":8}},{"dropout":{"rate":0.5}},{"dense":{"units":4}}]"#, #"{"dataset":"xor"}"#
            ),
            (
                "images", #"{"optimizer":"adam","batchSize":5}"#,
                #"[{"conv2d":{"filters":2}},{"maxPool":{}},{"dense":{"units":4}}]"#,
                #"{"dataset":"lines","samples":40}"#
            ),
            (
                "layer by layer", #"{"procedure":{"layerByLayer":{"epochs":1}},"optimizer":"nesterov"}"#,
                #"[{"dense":{"units":4}},{"dense":{"units":3}}]"#, #"{"dataset":"circle"}"#
            ),
            (
                "reconstructed", #"{"procedure":"reconstruction","optimizer":"adagrad"}"#,
                #"[{"dense":{"units":3,"name":"code"}},{"dense":{"units":2}}]"#, #"{"dataset":"circle"}"#
            ),
        ])
    func next(_ name: String, _ training: String, _ layers: String, _ data: String) throws {
        let trainer = try Trainer(Self.experiment(data: data, layers: layers, training: training), threads: 2)
        for steps in [0, 3, 40] {
            for _ in 0..<steps { _ = trainer.step() }
            let before = trainer.procedure.state
            let trace = try trainer.traceStep(sample: 2)
            #expect(trainer.procedure.state == before, "\(name)")
            #expect(trace.parameters == before.parameters && trace.slots == before.slots.map(\.values))
            #expect(trace.step == before.step && trace.place == 2 && trace.rate == trainer.procedure.scheduledRate)
            #expect(try trainer.traceStep(sample: 2).newParameters == trace.newParameters)
            _ = trainer.step()
            let after = trainer.procedure.state
            #expect(trace.newParameters == after.parameters, "\(name) after \(steps)")
            #expect(trace.newSlots == after.slots.map(\.values), "\(name) after \(steps)")
            #expect(trace.newParameters != trace.parameters)
        }
    }

    @Test(
        "of a layer that serves at every step the gradient is the sum over the steps of its derivatives times its inputs",
        arguments: [
            #"[{"eachStep":{"body":[{"dense":{"units":3}}]}},{"rnn":{"units":2}}]"#,
            #"[{"eachStep":{"body":[{"dense":{"units":3}},{"dense":{"units":2,"activation":"relu"}}]}},"meanOverTime"]"#,
            #"[{"rnn":{"units":2,"returns":"all"}},{"eachStep":{"body":[{"dense":{"units":3}}]}},{"attention":{}},"lastStep"]"#,
        ])
    func eachStep(_ layers: String) throws {
        let trainer = try Trainer(
            Self.experiment(
                data: #"{"dataset":"recall","lag":4,"samples":20}"#, layers: layers,
                training: #"{"batchSize":1,"clipNorm":1000}"#))
        for _ in 0..<5 { _ = trainer.step() }
        let trace = try trainer.traceStep(sample: 0)
        let outline = trainer.procedure.outline
        #expect(!trace.sample.bySteps.isEmpty)
        for (path, steps) in trace.sample.bySteps {
            let matrix = try #require(outline.weightMatrix(layer: path))
            let layer = try #require(outline[path])
            // The layer before it in the body, or that before the block.
            var before = LayerPath(path.index - 1)
            if let own = path.inside.last, own.index > 0 {
                before = path
                before.inside[0].index -= 1
            }
            let (units, inputs) = (layer.output.count, layer.input.count)
            #expect(steps.count == 5)
            for unit in 0..<units {
                for input in 0..<inputs {
                    let sum = steps.indices.reduce(Float(0)) { sum, step in
                        let x =
                            trace.sample.bySteps[before]?[step].values
                            ?? Array(trace.sample.values(before)[step * inputs..<(step + 1) * inputs])
                        return sum + (steps[step].sumGradients?[unit] ?? .nan) * x[input]
                    }
                    let gradient = trace.gradients[matrix.place(unit: unit, input: input)]
                    #expect(abs(sum - gradient) <= 1e-5 * max(1, abs(gradient)), "\(path) \(unit) \(input)")
                }
            }
        }
    }

    @Test(
        "each update of an adversarial round is the one that training does; gradients are the sums over its samples",
        arguments: [
            #"{"adversarial":{"discriminatorSteps":2,"smoothing":0.1,"discriminatorOptimizer":{"momentum":{}}}}"#,
            #"{"adversarial":{"loss":"minimax","generatorSteps":2}}"#,
            #"{"adversarial":{"loss":"leastSquares","discriminatorOptimizer":"adam"}}"#,
            #"{"adversarial":{"loss":"wasserstein","discriminatorSteps":3}}"#,
            #"{"adversarial":{"loss":"wasserstein","penalty":10}}"#,
            #"{"adversarial":{"train":"generator"}}"#, #"{"adversarial":{"train":"discriminator"}}"#,
        ])
    func adversarial(_ procedure: String) throws {
        let trainer = try Trainer(
            Self.experiment(
                data: #"{"dataset":"density","samples":60}"#,
                layers: """
                    [{"dense":{"units":4,"activation":"tanh"}},{"dense":{"units":2,"activation":"linear"}},"generated",\
                    {"dense":{"units":5,"activation":"leakyReLU"}}]
                    """,
                training: #"{"procedure":\#(procedure),"batchSize":6,"optimizer":"adam"}"#))
        for _ in 0..<7 { _ = trainer.step() }
        let outline = trainer.procedure.outline
        let turns = Catalogue.turns(trainer.network, of: trainer.experiment.learning.procedure)
        #expect(turns.allSatisfy { ["generator", "discriminator"].contains($0.name) } && !turns.isEmpty)
        let before = trainer.procedure.state
        var parameters = before.parameters
        for (place, turn) in turns.enumerated() {
            let trace = try trainer.traceStep(sample: 0, turn: place)
            #expect(trainer.procedure.state == before)
            #expect(trace.turn == place && trace.parameters == parameters && trace.row == nil)
            parameters = trace.newParameters
            let changed = outline.layers.indices.filter { layer in
                outline.layers[layer].tensors.contains { index in
                    let span =
                        outline.tensors[index].offset..<outline.tensors[index].offset + outline.tensors[index].count
                    return trace.parameters[span] != trace.newParameters[span]
                }
            }
            #expect(changed.allSatisfy(turn.learning.contains) && !changed.isEmpty)
            #expect(Set(trace.norms.keys) == Set(changed.map { outline.layers[$0].path }))
            // The gradient at the weights of the first layer that learns, sample by sample.
            let layer = LayerPath(turn.learning.lowerBound)
            let matrix = try #require(outline.weightMatrix(layer: layer))
            var sums = [Double](repeating: 0, count: matrix.inputs)
            for sample in 0..<trace.sampleCount {
                let one = try trainer.traceStep(sample: sample, turn: place).sample
                let inputs = one.values(outline.directlyBefore(layer))
                let delta = try #require(one.layers[layer]?.sumGradients)
                for input in inputs.indices { sums[input] += Double(inputs[input]) * Double(delta[0]) }
                if sample < trace.sampleCount / 2, !turn.kinds.isEmpty, let end = trainer.network.generatorEnd {
                    let data = trainer.data.learned.train
                    let values = one.values(LayerPath(end))
                    #expect((0..<data.count).contains { data.inputs.values(of: $0) == values }, "\(procedure)")
                }
                if turn.kinds.isEmpty == false { #expect(one.inputs.isEmpty == (sample < trace.sampleCount / 2)) }
                let end = try #require(one.layers[outline.output])
                if let target = one.targets.first {
                    let difference = Float(one.weight) * (end.values[0] - target)
                    #expect(abs(difference - end.sumGradients![0]) < 1e-5)
                }
            }
            // A penalty has gradients of its own beside those of the samples.
            for input in sums.indices where turn.kinds.isEmpty || !procedure.contains("penalty") {
                let gradient = Double(trace.gradients[matrix.place(unit: 0, input: input)])
                #expect(abs(gradient - sums[input]) < 1e-4 * max(1, abs(gradient)), "\(procedure) \(place)")
            }
            let index = matrix.place(unit: 0, input: 0)
            #expect(trace.update(index).lines.last?.value == trace.newParameters[index])
        }
        _ = trainer.step()
        #expect(trainer.procedure.state.parameters == parameters)
    }

    @Test("an optimizer's lines end with what it takes from the weight, to the last place, of every optimizer")
    func lines() throws {
        for entry in Catalogue.entries(.optimizer) {
            let trainer = try Trainer(Self.experiment(training: #"{"optimizer":"\#(entry.id)"}"#))
            for _ in 0..<5 { _ = trainer.step() }
            let trace = try trainer.traceStep(sample: 0)
            var changed = 0
            for tensor in trainer.procedure.outline.tensors {
                for index in tensor.offset..<tensor.offset + tensor.count {
                    let update = trace.update(index)
                    let lines = update.lines
                    #expect(lines.last?.isResult == true && lines.last?.value == trace.newParameters[index])
                    let start = lines.first { $0.startsAnew }?.value ?? update.weight
                    let step = lines[lines.count - 2].value
                    // The kernel may multiply and subtract in one rounding.
                    let place = max(start.ulp, step.ulp)
                    #expect(abs(start - step - update.newWeight) <= place, "\(entry.id): \(lines)")
                    if update.newWeight != update.weight { changed += 1 }
                    #expect(lines.allSatisfy { $0.value.isFinite && !$0.formula.isEmpty })
                }
            }
            #expect(changed > 5, "\(entry.id)")
        }
    }

    @Test("regularization has a line of its own")
    func decay() throws {
        let trainer = try Trainer(Self.experiment(training: #"{"regularization":{"l2":0.1}}"#))
        let trace = try trainer.traceStep(sample: 0)
        let weight = try #require(trainer.procedure.outline.tensors.first { $0.decays })
        let bias = try #require(trainer.procedure.outline.tensors.first { !$0.decays })
        let update = trace.update(weight.offset)
        #expect(update.decay == Float(trace.rate) * (Float(0.1) * update.weight) && update.decay != 0)
        #expect(update.lines.count == 3 && trace.update(bias.offset).decay == 0)
        #expect(abs(update.weight - update.lines[0].value - update.decay - update.newWeight) <= update.weight.ulp)
    }

    @Test("values, loss and gradients are the passes' own, bit for bit")
    func values() throws {
        for (output, activation) in [("{}", "tanh"), (#"{"loss":"softmaxCrossEntropy"}"#, "relu")] {
            let trainer = try Trainer(
                Self.experiment(
                    layers: #"[{"dense":{"units":4,"activation":"\#(activation)"}},{"dense":{"units":3}}]"#,
                    training: #"{"batchSize":1}"#, output: output))
            for _ in 0..<30 { _ = trainer.step() }
            let trace = try trainer.traceStep(sample: 0)
            let sample = trace.sample
            let network = try Network(trainer.network, capacity: 1)
            network.load(parameters: trainer.procedure.parameters)
            #expect(sample.inputs == trainer.data.train.inputs.values(of: trace.rows[trace.place]))
            network.forward(sample.inputs, count: 1)
            let label = trainer.data.train.labels[trace.rows[trace.place]]
            let way = network.trace(label: label)
            #expect(
                sample.targets == way.targets && sample.loss == way.loss && way.loss == network.loss(ofLabel: label))
            let outline = trainer.procedure.outline
            for path in outline.paths {
                let layer = try #require(sample.layers[path])
                #expect(layer.values == network.values(layer: path))
                #expect(layer.sums == network.values(layer: path, stage: .preActivation))
                // One sample is the whole batch: its gradient at a weight is δ times what came in.
                let deltas = try #require(layer.sumGradients)
                let matrix = try #require(outline.weightMatrix(layer: path))
                let inputs = sample.values(outline.directlyBefore(path))
                for (unit, delta) in deltas.enumerated() {
                    for (input, value) in inputs.enumerated() {
                        #expect(trace.gradients[matrix.place(unit: unit, input: input)] == delta * value)
                    }
                    // The chain rule: what arrives, times the slope.
                    if let slope = layer.slopes?[unit], let arriving = layer.valueGradients?[unit] {
                        #expect(slope * arriving == delta)
                    }
                }
            }
            // Of the last hidden layer the sum over the units behind it.
            let last = try #require(sample.layers[outline.output]?.sumGradients)
            let matrix = try #require(outline.weightMatrix(layer: outline.output))
            let hidden = try #require(sample.layers[1]?.valueGradients)
            for (unit, sum) in hidden.enumerated() {
                let terms = last.indices.map { trace.parameters[matrix.place(unit: $0, input: unit)] * last[$0] }
                #expect(abs(terms.reduce(0, +) - sum) < 1e-6)
            }
        }
    }

    @Test("what has no slow motion says so, and which procedures have one")
    func refusals() throws {
        let game = try Trainer(Self.experiment(data: #"{"dataset":"catch"}"#, training: #"{"procedure":"qLearning"}"#))
        let error = #expect(throws: ExperimentError.self) { try game.traceStep(sample: 0) }
        #expect(error?.message.contains("supervised") == true && error?.message.contains("no slow motion") == true)
        let large = try Self.experiment().reasonAgainstTracing(parameters: StepTrace.mostParameters + 1)
        #expect(large?.contains("4000000") == true)
    }

    // MARK: - Against PyTorch

    private static let fixturePath = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Fixtures/slow-motion.json").path
    private static let presets = ["circle", "adam", "spirals-softmax"]
    private static let sample = 3

    /// A preset's trainer, with parameters and the optimizer's state from `start`, at its first batch.
    private static func trainer(_ preset: String, _ start: JSON?) throws -> Trainer {
        let trainer = try Trainer(Experiment(json: JSON(parsing: Preset.named(preset).text)))
        guard let start else { return trainer }
        var state = trainer.procedure.state
        func write(_ values: JSON?, to flat: inout [Float]) throws {
            for tensor in trainer.procedure.outline.tensors {
                let numbers = try #require(values?[tensor.name]?.floats)
                flat.replaceSubrange(tensor.offset..<tensor.offset + tensor.count, with: numbers)
            }
        }
        try write(start["parameters"], to: &state.parameters)
        for index in state.slots.indices {
            try write(start["slots"]?[state.slots[index].name], to: &state.slots[index].values)
        }
        let number = try #require(start["number"]?.floats?.first)
        state.generators["optimizer"] = [UInt64(number) - 1]
        try trainer.procedure.restore(state)
        return trainer
    }

    /// `LAYERCAKE_RECORD_MOTION=1` writes the beginning of each case, which make_motion.py completes with PyTorch's numbers.
    @Test(
        "the fixture's beginnings are written",
        .enabled(if: ProcessInfo.processInfo.environment["LAYERCAKE_RECORD_MOTION"] != nil))
    func record() throws {
        var cases: [JSON] = []
        for preset in Self.presets {
            let trained = try Self.trainer(preset, nil)
            for _ in 0..<300 { _ = trained.step() }
            let state = trained.procedure.state
            let outline = trained.procedure.outline
            func tensors(_ flat: [Float]) -> JSON {
                .object(
                    outline.tensors.map {
                        JSON.Member(
                            $0.name, .array(flat[$0.offset..<$0.offset + $0.count].map { .number(Double($0)) }))
                    })
            }
            var start = JSON.object([
                JSON.Member("preset", .string(preset)),
                JSON.Member("number", .array([.number(Double(state.step + 1))])),
                JSON.Member("parameters", tensors(state.parameters)),
                JSON.Member("slots", .object(state.slots.map { JSON.Member($0.name, tensors($0.values)) })),
            ])
            let fresh = try Self.trainer(preset, start)
            let trace = try fresh.traceStep(sample: Self.sample)
            let batch = try trace.rows.indices.map { try fresh.traceStep(sample: $0).sample }
            func array(_ values: [Float]) -> JSON { .array(values.map { .number(Double($0)) }) }
            guard case .object(var members) = start else { return }
            members += [
                JSON.Member("optimizer", .string(fresh.experiment.learning.optimizer.id)),
                JSON.Member("rate", array([Float(trace.rate)])), JSON.Member("sample", array([Float(Self.sample)])),
                JSON.Member("loss", .string(fresh.network.loss.id)),
                JSON.Member(
                    "layers",
                    .array(
                        outline.layers.map {
                            .object([
                                JSON.Member("path", .string($0.path)),
                                JSON.Member("activation", .string($0.activation?.id ?? "")),
                                JSON.Member("units", .number(Double($0.output.count))),
                            ])
                        })),
                JSON.Member("inputs", .array(batch.map { array($0.inputs) })),
                JSON.Member("targets", .array(batch.map { array($0.targets) })),
            ]
            start = .object(members)
            cases.append(start)
        }
        try JSON.array(cases).text().write(toFile: Self.fixturePath, atomically: true, encoding: .utf8)
    }

    @Test("every number equals PyTorch's for three presets", arguments: presets)
    func pyTorch(_ preset: String) throws {
        let text = try String(contentsOfFile: Self.fixturePath, encoding: .utf8)
        guard case .array(let cases) = try JSON(parsing: text) else {
            Issue.record("expected a list")
            return
        }
        let own = try #require(cases.first { $0["preset"] == .string(preset) })
        let torch = try #require(own["torch"])
        let trainer = try Self.trainer(preset, own)
        let trace = try trainer.traceStep(sample: Self.sample)
        var compared = 0
        func expect(_ values: [Float]?, _ expected: JSON?, _ what: String) throws {
            let (values, expected) = (try #require(values), try #require(expected?.floats))
            #expect(values.count == expected.count)
            for (value, number) in zip(values, expected) {
                #expect(
                    abs(value - number) <= 2e-6 + 2e-5 * abs(number), "\(preset) \(what): \(value), PyTorch \(number)")
                compared += 1
            }
        }
        let outline = trainer.procedure.outline
        for path in outline.paths {
            let (layer, expected) = (trace.sample.layers[path], torch[outline[path]!.path])
            try expect(layer?.sums, expected?["sums"], "sums of \(path)")
            try expect(layer?.values, expected?["values"], "values of \(path)")
            try expect(layer?.sumGradients, expected?["deltas"], "deltas of \(path)")
        }
        try expect(trace.sample.loss.map { [Float($0)] }, torch["loss"], "loss")
        for tensor in outline.tensors {
            let places = tensor.offset..<tensor.offset + tensor.count
            try expect(
                places.map { trace.gradient($0) }, torch["gradients"]?[tensor.name], "gradient of \(tensor.name)")
            try expect(Array(trace.newParameters[places]), torch["parameters"]?[tensor.name], "new \(tensor.name)")
            for (slot, values) in zip(trainer.procedure.state.slots, trace.newSlots) {
                try expect(Array(values[places]), torch["slots"]?[slot.name]?[tensor.name], "\(slot.name)")
            }
        }
        #expect(compared > 60)
    }
}

extension JSON {
    /// A list of numbers, or a list with one.
    fileprivate var floats: [Float]? {
        guard case .array(let values) = self else { return nil }
        return values.compactMap { if case .number(let number) = $0 { Float(number) } else { nil } }
    }
}
