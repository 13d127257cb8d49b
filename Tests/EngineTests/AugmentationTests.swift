import Testing

@testable import Engine

struct AugmentationTests {
    /// Images of one or three channels, each with a pattern of its own.
    private func images(_ count: Int, _ shape: Shape, white: Int = 255) throws -> SampleStore {
        let builder = try ImageBuilder(count: count, width: shape.count)
        for sample in 0..<count {
            let bytes = builder.bytes(of: sample)
            for place in bytes.indices { bytes[place] = UInt8((place * 7 + sample * 31) % (white + 1)) }
        }
        let channels = shape.axes[0]
        return builder.store(
            white: white, means: (0..<channels).map { Float($0) * 0.1 }, scales: (0..<channels).map { 1 + Float($0) })
    }

    private func changed(
        _ choices: [Choice], _ store: SampleStore, _ shape: Shape, sample: Int = 0, counter: UInt64 = 0
    ) throws -> [Float] {
        let augmenter = try #require(try Augmenter(choices, shape: shape))
        return Array(augmenter.changed(store.rows, sample, seed: 1, counter: counter).values)
    }

    private func raw(_ store: SampleStore, _ sample: Int = 0) -> [Float] {
        (0..<store.width).map { store.rows.bytes!.raw($0, sample) }
    }

    @Test("each augmentation with settings that do nothing leaves every bit of the batch as it is")
    func nothing() throws {
        let shape = Shape(3, 5, 4)
        let store = try images(40, shape)
        let none: [[Choice]] = [
            [Choice("shift", ["pixels": .integer(0)])], [Choice("rotate", ["degrees": .real(0)])],
            [Choice("scale", ["percent": .real(0)])], [Choice("flip", ["horizontal": .toggle(false)])],
            [Choice("crop", ["percent": .real(100)])], [Choice("colour", ["percent": .real(0)])],
            [Choice("noise", ["deviation": .real(0)])],
        ]
        let order = RowOrder(count: 40)
        var random = Random(seed: 2)
        order.shuffle(&random)
        let kernels = try Processor.kernels()
        let bytes = try #require(store.rows.bytes)
        let plain = try Block(count: shape.count * 32)
        kernels.pointee.gatherBytes(
            plain.base, 32, bytes.memory.base, 20, 3, bytes.values.base, order.base, 3, 21)
        for choices in none {
            let augmenter = try #require(try Augmenter(choices, shape: shape))
            let out = try Block(count: shape.count * 32)
            out.fill(9)
            for unit in 0..<shape.count { for lane in 0..<32 { out[unit * 32 + lane] = 0 } }
            augmenter.gather(
                out.base, stride: 32, from: store.rows, order: order, first: 3, count: 21, seed: 7, counter: 5)
            #expect(out.array == plain.array, "\(choices)")
        }
        #expect(try Augmenter([], shape: shape) == nil)
    }

    @Test("a shift moves by whole pixels in every direction, and black comes in")
    func shift() throws {
        let shape = Shape(1, 4, 4)
        let store = try images(1, shape)
        let image = raw(store)
        var seen: Set<[Int]> = []
        for counter in 0..<200 {
            let moved = try changed([Choice("shift", ["pixels": .integer(1)])], store, shape, counter: UInt64(counter))
            let matches = [-1, 0, 1].flatMap { x in [-1, 0, 1].map { [x, $0] } }.filter { offset in
                (0..<16).allSatisfy { place in
                    let (row, column) = (place / 4 - offset[1], place % 4 - offset[0])
                    let from = (0..<4).contains(row) && (0..<4).contains(column) ? image[row * 4 + column] : 0
                    return moved[place] == from
                }
            }
            #expect(matches.count == 1)
            if let match = matches.first { seen.insert(match) }
        }
        #expect(seen.count == 9)
    }

    @Test("flips mirror about the middle, each with even chances")
    func flip() throws {
        let shape = Shape(1, 2, 3)
        let store = try images(1, shape)
        let image = raw(store)
        let both = Choice("flip", ["horizontal": .toggle(true), "vertical": .toggle(true)])
        var counts: [[Float]: Int] = [:]
        for counter in 0..<400 { counts[try changed([both], store, shape, counter: UInt64(counter)), default: 0] += 1 }
        let across = [2, 1, 0, 5, 4, 3].map { image[$0] }
        let expected = [image, across, [3, 4, 5, 0, 1, 2].map { image[$0] }, Array(image.reversed())]
        #expect(Set(counts.keys) == Set(expected) && counts.values.allSatisfy { (60...140).contains($0) })
    }

    @Test("a quarter turn against the clock brings the right column on top; a turn keeps the middle")
    func rotate() throws {
        let store = try images(1, Shape(1, 3, 3))
        let image = raw(store)
        var placement = Placement(height: 3, width: 3)
        placement.rotate(Double.pi / 2)
        let memory = (try Block(count: 9), try Block(count: 9))
        memory.0.write(image)
        let (source, result) = (
            ImageValues(channels: 1, height: 3, width: 3, base: memory.0.base),
            ImageValues(channels: 1, height: 3, width: 3, base: memory.1.base)
        )
        placement.apply(source, into: result)
        for (found, expected) in zip(result.values, [2, 5, 8, 1, 4, 7, 0, 3, 6].map { image[$0] }) {
            #expect(abs(found - expected) < 1e-6)
        }
    }

    @Test("moves that follow one another are one: their order counts, and they undo each other")
    func composition() {
        var placement = Placement(height: 8, width: 8)
        placement.shift(2, 1)
        placement.scale(2, 4)
        #expect(!placement.isIdentity)
        placement.scale(0.5, 0.25)
        placement.shift(-2, -1)
        #expect(placement.isIdentity)
    }

    @Test("values stay from 0 to 1, and what is cut out is a black square")
    func values() throws {
        let shape = Shape(3, 8, 8)
        let store = try images(2, shape)
        for counter: UInt64 in 0..<20 {
            let strong = [Choice("colour", ["percent": .real(100)]), Choice("noise", ["deviation": .real(0.5)])]
            #expect(try changed(strong, store, shape, counter: counter).allSatisfy { (0...1).contains($0) })
            let cut = try changed([Choice("cutout", ["pixels": .integer(3)])], store, shape, counter: counter)
            let gone = zip(cut, raw(store)).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
            #expect(gone.allSatisfy { cut[$0] == 0 } && gone.count <= 27)
        }
    }

    @Test("a variant hangs on the seed, the pass and the sample alone, not on the batch it is in")
    func keys() throws {
        let shape = Shape(1, 6, 6)
        let store = try images(20, shape)
        let all = Catalogue.augmentations.map { Choice($0.entry.id) }
        let augmenter = try #require(try Augmenter(all, shape: shape))
        func batch(_ first: Int, _ count: Int, seed: UInt64 = 1, counter: UInt64 = 3) throws -> [[Float]] {
            let out = try Block(count: shape.count * 32)
            augmenter.gather(
                out.base, stride: 32, from: store.rows, order: nil, first: first, count: count, seed: seed,
                counter: counter)
            return (0..<count).map { lane in (0..<shape.count).map { out[$0 * 32 + lane] } }
        }
        let whole = try batch(0, 20)
        #expect(try batch(7, 9) == Array(whole[7..<16]))
        #expect(try batch(0, 20, counter: 4) != whole && batch(0, 20, seed: 2) != whole)
    }

    @Test("training with augmentation repeats with the same seed, with any number of threads, and differs from none")
    func training() throws {
        let shape = Shape(1, 6, 6)
        let store = try images(70, shape)
        let samples = Samples(inputs: store, labels: (0..<70).map { Float($0 % 3) })
        let network = NetworkDescription(
            input: shape, task: .classification(classes: 3), layers: [dense(8, Choice("tanh"))],
            loss: Choice("softmaxCrossEntropy"))
        func parameters(_ augment: [Choice], threads: Int = 1) throws -> [Float] {
            let descent = try GradientDescent(
                network: network, learning: LearningDescription(batchSize: 16, shuffle: true, augment: augment),
                train: samples, test: samples, seed: 4, threads: threads)
            for _ in 0..<3 { _ = descent.advanceEpoch() }
            return descent.parameters
        }
        let once = try parameters([Choice("shift"), Choice("rotate")])
        #expect(try once == parameters([Choice("shift"), Choice("rotate")], threads: 3))
        #expect(try once != parameters([]))
        #expect(try parameters([]) == parameters([Choice("shift", ["pixels": .integer(0)])]))
    }

    @Test("augmentation comes and goes while training goes on; what is no image refuses it")
    func live() throws {
        let shape = Shape(1, 6, 6)
        let samples = Samples(inputs: try images(30, shape), labels: (0..<30).map { Float($0 % 2) })
        var network = NetworkDescription(
            input: shape, task: .classification(classes: 2), layers: [], loss: Choice("squaredError"))
        var learning = LearningDescription(batchSize: 10)
        let descent = try GradientDescent(
            network: network, learning: learning, train: samples, test: noSamples, seed: 1)
        _ = descent.advance()
        learning.augment = [Choice("flip")]
        try descent.apply(learning)
        _ = descent.advance()
        #expect(descent.step == 2)
        learning.augment = [Choice("flip", ["sideways": .toggle(true)])]
        #expect(throws: EngineError.self) { try descent.apply(learning) }
        network.input = Shape(36)
        learning.augment = [Choice("flip")]
        let error = #expect(throws: EngineError.self) {
            try GradientDescent(network: network, learning: learning, train: samples, test: noSamples, seed: 1)
        }
        #expect(error?.place == "data.augment" && error?.message.contains("found samples of shape 36") == true)
    }

    @Test("networks that change their images train one after the other, each as it would alone")
    func population() throws {
        let shape = Shape(1, 6, 6)
        let samples = Samples(inputs: try images(30, shape), labels: (0..<30).map { Float($0 % 2) })
        let network = NetworkDescription(
            input: shape, task: .classification(classes: 2), layers: [], loss: Choice("squaredError"))
        let learning = LearningDescription(batchSize: 10, augment: [Choice("shift")])
        let population = try Population(
            (0..<3).map {
                PopulationMember(network: network, learning: learning, train: samples, test: samples, seed: UInt64($0))
            })
        population.advance(toEpoch: 2)
        for seed in 0..<3 {
            let descent = try GradientDescent(
                network: network, learning: learning, train: samples, test: samples, seed: UInt64(seed))
            for _ in 0..<2 { _ = descent.advanceEpoch() }
            #expect(population.parameters(of: seed) == descent.parameters)
        }
    }

    @Test("variants for looking at are such as training takes, and repeat")
    func variants() throws {
        let shape = Shape(1, 6, 6)
        let store = try images(3, shape)
        let shift = [Choice("shift")]
        let variants = try store.variants(of: 1, shape: shape, augment: shift, count: 20, seed: 5)
        #expect(variants.count == 20 && Set(variants).count > 4 && variants.allSatisfy { $0.count == 36 })
        #expect(try store.variants(of: 1, shape: shape, augment: shift, count: 20, seed: 5) == variants)
        let same = try store.variants(
            of: 1, shape: shape, augment: [Choice("rotate", ["degrees": .real(0)])], count: 2, seed: 5)
        #expect(same == [raw(store, 1), raw(store, 1)])
        #expect(try store.variants(of: 3, shape: shape, augment: shift, count: 2, seed: 5).isEmpty)
    }
}
