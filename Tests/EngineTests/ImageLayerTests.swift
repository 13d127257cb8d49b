import Testing

@testable import Engine

@Suite("Layers of images")
struct ImageLayerTests {
    private func images(_ layers: [Choice], _ shape: Shape = Shape(1, 8, 8)) -> NetworkDescription {
        var description = classifier(layers, loss: Choice("softmaxCrossEntropy"), classes: 3)
        description.input = shape
        return description
    }

    /// The message with which planning refuses layers.
    private func refusal(_ layers: String, _ shape: Shape = Shape(1, 8, 8)) throws -> String {
        let error = #expect(throws: EngineError.self) { try Plan(images(stack(layers), shape)) }
        return try #require(error).description
    }

    @Test("a layer that does not fit says what it found and which sizes would do")
    func refusals() throws {
        let noImage = try refusal("dense:4:tanh conv2d")
        #expect(noImage.contains("layers.1.conv2d: conv2d expects an image (channels×height×width), found 4 values"))
        let large = try refusal("maxPool conv2d:kernel=5")
        #expect(
            large.contains(
                "layers.1.conv2d.kernel: a window of 5×5 does not fit an image of 4×4; sizes up to 4 do, or padding 1"))
        let dilated = try refusal("conv2d:dilation=5:padding=1")
        #expect(
            dilated.contains(
                "a window of 3×3 with dilation 5 does not fit an image of 8×8 with padding 1; sizes up to 2 do"))
        let same = try refusal("conv2d:padding=same:stride=2")
        #expect(
            same.contains("layers.0.conv2d.padding: padding same keeps the image's size")
                && same.contains("stride to 1"))
        #expect(try refusal("meanPool:size=3:padding=2").contains("may be padded by 1 at most, found 2"))
        #expect(try refusal("maxPool:size=9").contains("sizes up to 8 do"))
        #expect(try refusal("conv2dTranspose:stride=2:outputPadding=2").contains("expected less than the stride"))
        #expect(try refusal("conv2dTranspose:kernel=1:padding=8").contains("expected at most 7"))
        let projection = try refusal("residual( conv2d:filters=4:stride=2:padding=1 | )")
        #expect(projection.contains(#"{"conv2d": {"filters": 4, "kernel": 1, "stride": 2, "activation": "linear"}}"#))
        // No stride makes six places of eight; a kernel of three does.
        let cut = try refusal("residual( conv2d:filters=4 | )")
        #expect(cut.contains(#"{"conv2d": {"filters": 4, "kernel": 3, "stride": 1, "activation": "linear"}}"#))
        // No convolution makes an image larger.
        let none = try refusal("residual( upsample:factor=2 | )")
        #expect(none.contains("end the body with 1×8×8 values") && !none.contains("project"))
    }

    @Test("the projection that a residual block proposes fits, and images in branches are joined channel by channel")
    func shapes() throws {
        let layers = stack(
            "residual( conv2d:filters=4:stride=2:padding=1 | conv2d:filters=4:kernel=1:stride=2:activation=linear ) "
                + "branches:concatenate( conv2d:filters=3:padding=same | maxPool:size=3:stride=1:padding=1 | ) conv2d:filters=2:kernel=4"
        )
        let outline = try Plan(images(layers)).outline
        #expect(outline.layers.map(\.output) == [Shape(4, 4, 4), Shape(11, 4, 4), Shape(2, 1, 1), Shape(3)])
        #expect(outline.tensors.first { $0.name == "layers.2.weight" }?.axes == [2, 11, 4, 4])
        let cut = stack("residual( conv2d:filters=4 | conv2d:filters=4:kernel=3:stride=1:activation=linear )")
        #expect(try Plan(images(cut)).outline.layers.first?.output == Shape(4, 6, 6))
    }

    /// The descent of the layers on images of noise.
    private func descent(_ layers: String, threads: Int) throws -> GradientDescent {
        var random = Random(seed: 6)
        let count = 150
        let samples = Samples(
            count: count, inputs: (0..<count * 128).map { _ in Float(random.uniform(-1, 1)) },
            labels: (0..<count).map { Float($0 % 3) })
        return try GradientDescent(
            network: images(stack(layers), Shape(2, 8, 8)), learning: LearningDescription(batchSize: 64),
            train: samples, test: noSamples, seed: 3, threads: threads)
    }

    @Test(
        "threads share a step of images and change no bit",
        arguments: [
            "conv2d:filters=6:padding=2:kernel=5 maxPool conv2d:filters=16:activation=tanh dense:20:tanh",
            "conv2d:filters=9:padding=same batchNorm conv2d:filters=8:kernel=4:stride=2:padding=1 localResponseNorm",
            "conv2d:filters=8:padding=same:dilation=2 maxPool conv2dTranspose:filters=5 local2d:filters=3 globalMeanPool",
        ])
    func shared(_ layers: String) throws {
        let (one, two) = (try descent(layers, threads: 1), try descent(layers, threads: 2))
        for _ in 0..<5 {
            _ = one.advance()
            _ = two.advance()
        }
        #expect(one.parameters == two.parameters)
    }

    @Test("networks with convolutions train one after the other, and end as each would alone")
    func population() throws {
        let members = (1...2).map { seed in
            PopulationMember(
                network: images([Choice("conv2d", ["filters": .integer(2)])]), learning: LearningDescription(),
                train: Samples(count: 4, inputs: (0..<256).map { Float($0 % 7) - 3 }, labels: [0, 1, 2, 0]),
                test: noSamples, seed: UInt64(seed))
        }
        let plans = try CohortPlan.plans(for: members)
        #expect(plans.map(\.members) == [[0], [1]] && plans.allSatisfy { !$0.isSideBySide })
    }

    @Test("named kernels lie in the midst of larger ones, other numbers are rows, and more filters are drawn")
    func kernels() throws {
        func weights(_ text: String, size: Int = 3, filters: Int = 2, channels: Int = 1) throws -> [Float] {
            let layer = Choice(
                "conv2d", ["kernels": .text(text), "kernel": .integer(size), "filters": .integer(filters)])
            let plan = try Plan(images([layer], Shape(channels, 8, 8)))
            var random = Random(seed: 1)
            return Array(plan.initialParameters(&random)[..<plan.outline.tensors[0].count])
        }
        #expect(try weights("edges, blur") == [0, 1, 0, 1, -4, 1, 0, 1, 0] + [Float](repeating: 1.0 / 9, count: 9))
        let sharpened = try weights("sharpen", size: 5, filters: 1)
        #expect(sharpened[12] == 5 && sharpened[7] == -1 && sharpened[0...6].allSatisfy { $0 == 0 })
        #expect(try weights("0 1/4; 1/2 1", size: 2, filters: 1) == [0, 0.25, 0.5, 1])
        #expect(try weights("vertical", filters: 1, channels: 2) == [-0.5, 1, -0.5].repeated(6))
        let partly = try weights("outline")
        #expect(partly[4] == 8 && Set(partly[9...]).count == 9)
        func refusal(_ text: String, size: Int = 3, filters: Int = 2) throws -> String {
            let error = #expect(throws: EngineError.self) { try weights(text, size: size, filters: filters) }
            return try #require(error).description
        }
        #expect(
            try refusal("blurr").contains("layers.0.conv2d.kernels: there is no kernel “blurr”; did you mean “blur”?"))
        #expect(try refusal("blur", size: 4).contains("cannot be in the midst of 4×4; set kernel to 3, 5 or 7"))
        #expect(try refusal("1 2; 3").contains("found rows of 2, 1"))
        #expect(try refusal("blur, edges, blur").contains("found 3 kernels for 2 filters"))
        #expect(try refusal("1/0").contains("there is no kernel"))
    }

    @Test("a flipped kernel is the convolution of mathematics, and one that is not is a correlation")
    func flip() throws {
        // A lecture's example: 2×2 numbers over 3×3.
        func map(flip: Bool) throws -> [Float] {
            let layer = Choice(
                "conv2d",
                [
                    "kernels": .text("0 1/4; 1/2 1"), "kernel": .integer(2), "filters": .integer(1),
                    "flip": .toggle(flip), "initializer": .choice(Choice("zeros")),
                    "activation": .choice(Choice("linear")),
                ])
            let description = images([layer], Shape(1, 3, 3))
            let network = try Network(description, capacity: 1)
            var random = Random(seed: 1)
            network.load(parameters: try Plan(description).initialParameters(&random))
            network.forward([0, 80, 40, 20, 40, 0, 0, 0, 40], count: 1)
            return (0..<4).map { network.value(layer: 0, stage: .activation, unit: $0, sample: 0) }
        }
        #expect(try map(flip: true) == [45, 110, 40, 40])
        #expect(try map(flip: false)[0] == 70)
    }

    @Test("dropout of whole channels switches all values of a channel off together")
    func wholeChannels() throws {
        let layer = Choice("dropout", ["wholeChannels": .toggle(true), "rate": .real(0.5)])
        let plan = try Plan(images([layer], Shape(6, 2, 3)))
        let (parameters, gradients) = (
            try Block(count: plan.outline.flatCount), try Block(count: plan.outline.flatCount)
        )
        let pass = try CPUPass(
            plan.program, part: .training, capacity: 20, parameters: parameters, gradients: gradients)
        pass.write([Float](repeating: 1, count: 20 * 36), to: plan.program.input, count: 20)
        pass.run(count: 20, seed: 4, counter: 1)
        let y = plan.program.layers[0].activation
        var kept = 0
        for channel in 0..<6 {
            for sample in 0..<20 {
                let values = (0..<6).map { pass.value(y, unit: 6 * channel + $0, sample: sample) }
                #expect(Set(values).count == 1 && (values[0] == 0 || values[0] == 2))
                kept += values[0] == 2 ? 1 : 0
            }
        }
        #expect(kept > 30 && kept < 90)
    }
}

extension [Float] {
    fileprivate func repeated(_ times: Int) -> [Float] { (0..<times).flatMap { _ in self } }
}
