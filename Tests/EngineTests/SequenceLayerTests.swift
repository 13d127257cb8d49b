import Testing

@testable import Engine

@Suite("Layers of sequences")
struct SequenceLayerTests {
    private func sequences(
        _ layers: String, _ shape: Shape = Shape(5, 2), _ form: SequenceForm = SequenceForm()
    ) -> NetworkDescription {
        var description = classifier(stack(layers), loss: Choice("softmaxCrossEntropy"), classes: 3)
        (description.input, description.sequence) = (shape, form)
        return description
    }

    private func refusal(_ network: NetworkDescription) throws -> String {
        let error = #expect(throws: EngineError.self) { try Plan(network) }
        return try #require(error).description
    }

    @Test("a layer that does not fit says what it found and what would do")
    func refusals() throws {
        let flat = try refusal(sequences("lstm rnn"))
        #expect(flat.contains("layers.1.rnn: rnn expects a sequence (steps×features), found 8 values"))
        #expect(flat.contains("\"returns\": \"all\""))
        let numbers = try refusal(sequences("embedding"))
        #expect(numbers.contains("embedding expects symbols"))
        let small = try refusal(sequences("embedding:symbols=4", Shape(5, 1), SequenceForm(vocabulary: 6)))
        #expect(small.contains("the data have 6 symbols, found a table of 4; set symbols to 0"))
        let long = try refusal(sequences("eachStep( dense:2:tanh )", Shape(1001, 2)))
        #expect(long.contains("expected at most 1000 steps, found 1001"))
        #expect(try refusal(sequences("layerNorm")).contains("put it into eachStep"))
        #expect(try refusal(sequences("batchNorm")).contains("put it into eachStep"))
        let joined = try refusal(sequences("branches:concatenate( lstm:returns=all | lstm:returns=all )"))
        #expect(joined.contains("cannot lay sequences"))
        #expect(try refusal(sequences("eachStep( )")).contains("eachStep needs a layer in its body"))
        let nested = "eachStep( dense:2:tanh repeat:steps=40 eachStep( dense:2:tanh ) )"
        let deep = try refusal(sequences(nested, Shape(30, 2)))
        #expect(deep.contains("expected at most 1000 steps with those of the eachStep around it, found 30 × 40"))
        let body = Array(repeating: "dense:2:tanh", count: 21).joined(separator: " ")
        #expect(try refusal(sequences("eachStep( \(body) )", Shape(1000, 2))).contains("found 1000 × 21"))
        let wide = try refusal(sequences("dense:4096:tanh repeat:steps=10000 repeat:steps=10000"))
        #expect(
            wide.contains("10000 times 40960000 values would be more than 134217728; expected at most 3 steps here"))
    }

    @Test("the output has the same weights at every step of a sequence, and others for each step of anything else")
    func outputs() throws {
        let form = SequenceForm(targetSteps: 5)
        for (layers, axes) in [
            ("lstm:returns=all", [3, 8]), ("lstm dense:4:tanh", [15, 4]), ("dense:4:tanh", [15, 4]), ("", [3, 2]),
        ] {
            let outline = try Plan(sequences(layers, Shape(5, 2), form)).outline
            #expect(outline.tensors.first { $0.name == "output.weight" }?.axes == axes, "\(layers)")
            #expect(outline.layers.last?.output == Shape(5, 3))
        }
        let last = try refusal(sequences("gru:returns=all lstm", Shape(5, 2), form))
        #expect(last.contains("layers.1.lstm.returns: each of the 5 steps has a target"))
        #expect(last.contains("set returns to all"))
        // Of another number of steps the last state is a code.
        _ = try Plan(sequences("lstm", Shape(5, 2), SequenceForm(targetSteps: 3)))
    }

    @Test("parameters have PyTorch's names, layouts and order; layers and directions theirs")
    func names() throws {
        let outline = try Plan(sequences("lstm:units=3:layers=2:bidirectional=true")).outline
        let expected = ["l0", "l0_reverse", "l1", "l1_reverse"].flatMap { suffix in
            ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map { "layers.0.\($0)_\(suffix)" }
        }
        #expect(outline.tensors.map(\.name).prefix(16) == expected[...])
        #expect(outline.tensors[8].axes == [12, 6] && outline.tensors[9].axes == [12, 3])
        #expect(outline.layers[0].output == Shape(6))
        #expect(try Plan(sequences("gru:units=4:returns=all")).outline.layers[0].output == Shape(5, 4))
    }

    @Test("weights are drawn from U(−1/√units, 1/√units); long memory's biases are ln U(1, T − 1) and their opposites")
    func initial() throws {
        var random = Random(seed: 1)
        let plan = try Plan(sequences("lstm:units=400:memory=100:forgetBias=1"))
        let parameters = plan.initialParameters(&random)
        func values(_ name: String) throws -> [Float] {
            let tensor = try #require(plan.outline.tensors.first { $0.name == "layers.0.\(name)_l0" })
            return Array(parameters[tensor.offset..<tensor.offset + tensor.count])
        }
        let weights = try values("weight_hh")
        #expect(weights.allSatisfy { abs($0) <= 0.05 } && weights.contains { abs($0) > 0.049 })
        let biases = try values("bias_ih")
        for unit in 0..<400 {
            #expect(abs(biases[unit] + biases[400 + unit] - 1) < 1e-5)
            #expect((0.0...4.5951).contains(biases[400 + unit] - 1))
        }
        // The mean of ln U(1, 99): 99 ln 99 / 98 − 1.
        let mean = biases[400..<800].reduce(0) { $0 + Double($1) - 1 } / 400
        #expect(abs(mean - 3.642) < 0.2)
        let states = try values("bias_hh")
        #expect(biases[800...].allSatisfy { $0 == 0 } && states.allSatisfy { $0 == 0 })
        let forgetting = try Plan(sequences("lstm:units=400:forgetBias=2")).initialParameters(&random)
        #expect(forgetting.contains { $0 > 1.9 })
    }

    @Test("what lies behind a sequence's end changes nothing")
    func padding() throws {
        let layers = "gru:units=4:returns=all:bidirectional=true lstm:units=3:layers=2:bidirectional=true"
        let network = sequences(layers, Shape(6, 2), SequenceForm(hasLengths: true))
        func trained(_ rest: Float) throws -> [Float] {
            var random = Random(seed: 5)
            var inputs: [Float] = []
            for sample in 0..<20 {
                let length = 1 + sample % 6
                for step in 0..<6 {
                    inputs += (0..<2).map { _ in step < length ? Float(random.uniform(-1, 1)) : rest }
                }
                inputs.append(Float(length))
            }
            let descent = try GradientDescent(
                network: network, learning: LearningDescription(optimizer: Choice("adam"), batchSize: 7),
                train: Samples(count: 20, inputs: inputs, labels: (0..<20).map { Float($0 % 3) }), test: noSamples,
                seed: 2)
            for _ in 0..<10 { _ = descent.advance() }
            return descent.parameters
        }
        #expect(try trained(0) == trained(7))
    }

    @Test("the plan of a recurrent layer is as long for a thousand steps as for ten")
    func size() throws {
        func count(_ steps: Int) throws -> Int {
            let program = try Plan(sequences("lstm:units=8 dense:4:tanh", Shape(steps, 3))).program
            return program.trainingForward.count + program.backward.count
        }
        #expect(try count(1000) == count(10))
    }

    @Test("what all steps share has the sum of their gradients, a learned activation's parameter too")
    func sharedParameters() throws {
        let program = try Plan(sequences("eachStep( dense:2:prelu )", Shape(3, 2))).program
        let sums = program.backward.filter { !$0.slices(.sums).isEmpty }
        #expect(sums.filter { $0.primitive == .activateGradient }.map(\.adds) == [false, true, true])
        // Of the output's sums there is one, of each step's two.
        #expect(sums.count { !$0.adds } == 3 && sums.count == 7)
    }

    @Test("each step with a target counts alike in the loss and the answers")
    func targets() throws {
        let network = sequences("rnn:units=2:returns=all", Shape(3, 1), SequenceForm(targetSteps: 3))
        let none = Samples.noLabel
        let samples = Samples(count: 2, inputs: [0, 0, 0, 0, 0, 0], labels: [0, none, none, 1, 1, 2])
        let descent = try GradientDescent(
            network: network, learning: LearningDescription(), train: samples, test: noSamples, seed: 1)
        var parameters = descent.parameters
        // All weights 0: the answer is the output's bias, (ln 2, 0, 0) at every step.
        for index in parameters.indices { parameters[index] = 0 }
        let bias = try #require(descent.outline.tensors.first { $0.name == "output.bias" })
        parameters[bias.offset] = 0.6931472
        descent.parameters = parameters
        let evaluation = descent.evaluate()
        // −ln of ½ for the first sequence, of ¼ and ¼ and ¼ for the second: ln 2 and three times ln 4.
        #expect(abs(evaluation.trainLoss - 1.75 * 0.6931472) < 1e-6)
        #expect(evaluation.trainConfusion?.counts == [1, 0, 0, 2, 0, 0, 1, 0, 0])
        #expect(evaluation.trainAccuracy == 0.25)
        let short = #expect(throws: EngineError.self) {
            try GradientDescent(
                network: network, learning: LearningDescription(),
                train: Samples(count: 2, inputs: [0, 0, 0, 0, 0, 0], labels: [0, 1]), test: noSamples, seed: 1)
        }
        #expect(short?.message.contains("expected 3 inputs and 3 labels for each of 2 samples") == true)
    }
}
