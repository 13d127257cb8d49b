import Testing

@testable import Engine

/// Dense layers that use the transposed weight of another.
@Suite struct TiedTests {
    @Test("a tied layer answers with the transposed weight and its own bias")
    func forward() throws {
        let network = try Network(classifier(stack("dense:3:linear@code dense:2:linear~code")), capacity: 4)
        let outline = network.outline
        #expect(
            outline.tensors.map(\.name) == [
                "layers.0.weight", "layers.0.bias", "layers.1.bias", "output.weight", "output.bias",
            ])
        #expect(outline.layers[1].parameterCount == 2)
        var flat = [Float](repeating: 0, count: outline.flatCount)
        func set(_ name: String, _ values: [Float]) {
            let tensor = outline.tensors.first { $0.name == name }!
            flat.replaceSubrange(tensor.offset..<tensor.offset + values.count, with: values)
        }
        let (w, b, c): ([Float], [Float], [Float]) = ([1, 2, 3, 4, 5, 6], [0.1, 0.2, 0.3], [-1, 1])
        set("layers.0.weight", w)
        set("layers.0.bias", b)
        set("layers.1.bias", c)
        network.load(parameters: flat)
        network.forward([0.5, -2], count: 1)
        let h: [Float] = (0..<3).map { unit in
            let (first, second) = (w[2 * unit] * 0.5, w[2 * unit + 1] * 2)
            return first - second + b[unit]
        }
        for unit in 0..<2 {
            var expected = c[unit]
            for input in 0..<3 { expected += w[2 * input + unit] * h[input] }
            let found = network.value(layer: 1, stage: .activation, unit: unit, sample: 0)
            #expect(abs(found - expected) < 1e-5)
        }
    }

    @Test("both writers of the weight's gradient divide by its rows, the second adds, and each writes its own bias")
    func operations() throws {
        let backward = try Plan(classifier(stack("dense:3:tanh@code dense:2:tanh~code"))).program.backward
        let writers = backward.filter { $0.primitive == .affineParameterGradient }
        #expect(writers.map(\.adds) == [false, false, true])
        #expect(writers[1]["weightGradient"] == writers[2]["weightGradient"] && writers[1].m == 3 && writers[2].m == 3)
        #expect(writers[0].optional("biasGradient") != nil)
        #expect(writers[1].optional("biasGradient") == nil && writers[2].optional("biasGradient") == nil)
        #expect(backward.filter { $0.primitive == .rowSums }.map(\.adds) == [false, false])
    }

    @Test("frozen, the owner keeps the weight for both, and the tied layer its bias alone")
    func frozen() throws {
        func trained(_ layers: String) throws -> [String] {
            let descent = try GradientDescent(
                network: classifier(stack(layers)), learning: LearningDescription(optimizer: Choice("adam"), l2: 0.01),
                train: points(20), test: noSamples, seed: 1)
            let start = descent.parameters
            for _ in 0..<10 { _ = descent.advance() }
            return descent.model.outline.tensors.filter { tensor in
                let range = tensor.offset..<(tensor.offset + tensor.count)
                return descent.parameters[range] != start[range]
            }.map(\.name)
        }
        let output = ["output.weight", "output.bias"]
        #expect(try trained("!dense:3:tanh@a dense:2:tanh~a") == ["layers.1.bias"] + output)
        #expect(try trained("dense:3:tanh@a !dense:2:tanh~a") == ["layers.0.weight", "layers.0.bias"] + output)
        #expect(try trained("!dense:3:tanh@a !dense:2:tanh~a") == output)
    }

    @Test(
        "a mistake in what a layer is tied to is named, with what would fit",
        arguments: [
            (
                "dense:3:tanh@code dense:2:tanh~coed", "layers.1",
                "there is no layer called “coed”; did you mean “code”?"
            ),
            ("dense:3:tanh dense:2:tanh~code", "layers.1", "give an earlier dense layer this name"),
            ("dense:2:tanh~code dense:2:tanh@code", "layers.0", "“code” comes after this layer"),
            ("dense:2:tanh~code@code", "layers.0", "cannot be tied to itself"),
            (
                "dense:3:tanh@a dense:2:tanh~a@b dense:2:tanh~b", "layers.2",
                "layers.1, called “b”, has no weight of its own"
            ),
            ("batchNorm@b dense:2:tanh~b", "layers.1", "layers.0, called “b”, has no weight of its own"),
            (
                "dense:3:tanh@a dense:4:tanh~a", "layers.1",
                "layers.0, called “a”, makes 3 values of 2, so a layer tied to it makes 2 of 3; here it would make 4 of 3: "
                    + "set units to 2"
            ),
            ("dense:3:tanh@a dense:5:tanh dense:2:tanh~a", "layers.2", "put it where 3 values come in"),
            ("dense:3:tanh@a dense:5:tanh@b dense:3:tanh~a", "layers.2", "choose b"),
        ]) func mistakes(_ layers: String, _ place: String, _ message: String) throws
    {
        let error = #expect(throws: EngineError.self) { try Plan(classifier(stack(layers))) }
        #expect(error?.place == "\(place).dense.tied")
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test(
        "on a device tied layers come to the processor's weights, in one kernel and an operation to a kernel",
        .enabled(if: OpenCLSupport.isHere, OpenCLSupport.word),
        arguments: [
            "dense:3:tanh@a dense:2:tanh~a dense:3:tanh dense:2:tanh~a", "dense:3:tanh@a dense:2:tanh~a batchNorm",
            "!dense:3:tanh@a dense:2:tanh~a",
            "dense:3:tanh@a residual( branches:sum( dense:5:tanh@b residual( dense:3:tanh~b !dense:5:prelu | ) "
                + "dense:3:tanh~b | ) | ) dense:2:tanh~a",
        ])
    func device(_ layers: String) throws {
        let device = ComputeDevice.openCL(try #require(OpenCLSupport.device))
        let descents = try [ComputeDevice.processor, device].map {
            try GradientDescent(
                network: classifier(stack(layers)),
                learning: LearningDescription(optimizer: Choice("momentum"), lastBatch: .carry), train: points(43),
                test: noSamples, seed: 3, device: $0)
        }
        #expect(descents[1].deviceSteps.device == device)
        for _ in 0..<30 { for descent in descents { _ = descent.advance() } }
        let apart = zip(descents[0].parameters, descents[1].parameters).map { abs($0 - $1) }.max()!
        #expect(apart <= 1e-4, "\(apart)")
    }

    @Test("threads share a tied layer's gradients, whichever of both writers a row is from")
    func threads() throws {
        var random = Random(seed: 2)
        let (count, width) = (300, 96)
        let samples = Samples(
            count: count, inputs: (0..<count * width).map { _ in Float(random.uniform() - 0.5) },
            labels: (0..<count).map { Float($0 % 2) })
        var network = classifier(stack("dense:150:tanh@a dense:96:tanh~a dense:150:tanh dense:96:tanh~a"))
        network.input = Shape(width)
        let descents = try [1, 2, 3].map {
            try GradientDescent(
                network: network, learning: LearningDescription(optimizer: Choice("adam"), batchSize: 128),
                train: samples,
                test: noSamples, seed: 3, threads: $0)
        }
        for _ in 0..<6 { for descent in descents { _ = descent.advance() } }
        let one = descents[0].parameters
        for descent in descents.dropFirst() {
            let apart = zip(one, descent.parameters).map { abs($0 - $1) }.max()!
            #expect(apart <= 1e-5, "\(apart)")
        }
    }
}
