import CKernels
import Testing

@testable import Engine

struct SampleStoreTests {
    /// Images of two channels with the bytes' meaning in each, and the same as floats.
    private func images(_ count: Int, size: Int = 6) throws -> (bytes: Samples, floats: Samples) {
        var random = Random(seed: 3)
        let builder = try ImageBuilder(count: count, width: 2 * size)
        for sample in 0..<count {
            let bytes = builder.bytes(of: sample)
            for place in bytes.indices { bytes[place] = UInt8(random.uniform() * 256) }
        }
        let store = builder.store(white: 255, means: [0, 0.4], scales: [1, 0.3])
        let labels = (0..<count).map { Float($0 % 3) }
        return (Samples(inputs: store, labels: labels), Samples(count: count, inputs: store.values, labels: labels))
    }

    @Test("bytes of each channel stand for its own floats")
    func values() throws {
        let builder = try ImageBuilder(count: 2, width: 4)
        for (place, byte) in [0, 1, 1, 255].enumerated() { builder.bytes(of: 1)[place] = UInt8(byte) }
        let store = builder.store(white: 16, means: [0, 0.5], scales: [1, 2])
        #expect(store.values(of: 1) == [0, 0.0625, -0.21875, 7.71875] && store.values(of: 0) == [0, 0, -0.25, -0.25])
        #expect(store[1, 3] == 7.71875 && store.bytes == 8)
    }

    @Test("a store of bytes equals one of the same floats, and no other")
    func equality() throws {
        let (bytes, floats) = try images(5)
        #expect(bytes == floats && floats == bytes && bytes.hashValue == floats.hashValue)
        #expect(try images(5).bytes == bytes)
        var values = floats.inputs.values
        values[7] += 1
        #expect(Samples(count: 5, inputs: values, labels: floats.labels) != bytes)
    }

    @Test(
        "batches of bytes are those of the floats, on every level, in order and shuffled", arguments: [1, 15, 16, 37])
    func gather(count: Int) throws {
        let (bytes, floats) = try images(50)
        let order = RowOrder(count: 50)
        var random = Random(seed: 1)
        order.shuffle(&random)
        let stride = 48
        for level in [LC_LEVEL_BASELINE, LC_LEVEL_V3, LC_LEVEL_V4] {
            guard let kernels = lc_kernels_at(level) else { continue }
            for rows in [nil, order] {
                // Behind the batch nothing is written.
                let (one, other) = (try Block(count: 12 * stride + 16), try Block(count: 12 * stride + 16))
                one.fill(7)
                other.fill(7)
                let data = floats.inputs.rows
                kernels.pointee.gather(
                    one.base, Int32(stride), data.block!.base, Int64(data.stride), 12, rows?.base, 9, Int32(count))
                let store = bytes.inputs.rows.bytes!
                kernels.pointee.gatherBytes(
                    other.base, Int32(stride), store.memory.base, 6, 2, store.values.base, rows?.base, 9, Int32(count))
                #expect(one.array == other.array, "\(level)")
            }
        }
    }

    @Test("samples are in memory once, however many networks learn from them, from all or from the first ones")
    func shared() throws {
        let samples = points(40)
        let block = try #require(samples.inputs.rows.block)
        for _ in 0..<2 {
            let descent = try GradientDescent(
                network: classifier([dense(3, Choice("tanh"))]), learning: LearningDescription(), train: samples,
                test: samples, seed: 1)
            #expect(descent.train.inputs.block === block && descent.test.inputs.block === block)
        }
        #expect(samples.inputs.first(10).rows.block === block)
    }

    @Test("training on bytes gives the bits of training on floats, alone and side by side")
    func training() throws {
        let (bytes, floats) = try images(70)
        let network = NetworkDescription(
            input: Shape(2, 2, 3), task: .classification(classes: 3), layers: [dense(5, Choice("tanh"))],
            loss: Choice("softmaxCrossEntropy"))
        let learning = LearningDescription(optimizer: Choice("adam"), batchSize: 16, shuffle: true)
        let descents = try [bytes, floats].map {
            try GradientDescent(network: network, learning: learning, train: $0, test: $0, seed: 4)
        }
        for descent in descents { for _ in 0..<3 { _ = descent.advanceEpoch() } }
        #expect(descents[0].parameters == descents[1].parameters)
        #expect(descents[0].evaluate().trainLoss == descents[1].evaluate().trainLoss)
        let populations = try [bytes, floats].map { samples in
            try Population(
                (0..<3).map {
                    PopulationMember(
                        network: network, learning: learning, train: samples, test: samples, seed: UInt64($0))
                })
        }
        for population in populations { population.advance(toEpoch: 2) }
        #expect((0..<3).allSatisfy { populations[0].parameters(of: $0) == populations[1].parameters(of: $0) })
    }

    @Test("a value that is not finite is named by sample and input")
    func nonFinite() {
        var values = [Float](repeating: 1, count: 40)
        #expect(SampleStore(values, count: 20).nonFinite == nil)
        values[2 * 17 + 1] = -.infinity
        let place = SampleStore(values, count: 20).nonFinite
        #expect(place?.sample == 17 && place?.unit == 1)
    }

    // MARK: - Symbols and classes

    /// Sequences of symbols of their own lengths, and the same as floats; a class for some of their steps.
    private func sequences(_ count: Int, steps: Int = 5) throws -> (tokens: Samples, floats: Samples) {
        var random = Random(seed: 8)
        var builder = TokenBuilder(count: count, steps: steps, hasLengths: true)
        var (values, labels) = ([Float](), [Float]())
        for sample in 0..<count {
            let length = 1 + Int(random.uniform() * Double(steps))
            let own = (0..<steps).map { $0 < length ? Float(Int(random.uniform() * 4)) : -1 }
            builder.write(own[...], length: length, at: sample)
            values += own + [Float(length)]
            labels += (0..<steps).map { $0 < length && $0 != 1 ? Float(Int(random.uniform() * 3)) : Samples.noLabel }
        }
        let store = builder.store()
        return (Samples(inputs: store, labels: labels), Samples(count: count, inputs: values, labels: labels))
    }

    @Test("symbols take two bytes each, those of a text once for all its windows")
    func tokens() throws {
        let (tokens, floats) = try sequences(40)
        #expect(tokens.inputs.values == floats.inputs.values && tokens == floats && floats == tokens)
        let text = (0..<100).map { UInt16($0 % 7) }
        var builder = TokenBuilder(count: 81, steps: 20, hasLengths: false, text: text)
        for start in 0...80 { builder.write(start: start, at: start) }
        let windows = builder.store()
        #expect((0...80).allSatisfy { windows.values(of: $0) == text[$0..<$0 + 20].map { Float($0) } })
        #expect(windows.bytes == 2 * 100 + 81 * 10 && windows.bytes < 81 * 20 * 2)
    }

    @Test(
        "batches of symbols, and targets made of classes, are those of the floats, on every level, in order and shuffled",
        arguments: [1, 15, 16, 37])
    func gatherTokens(count: Int) throws {
        let (tokens, floats) = try sequences(50)
        let order = RowOrder(count: 50)
        var random = Random(seed: 1)
        order.shuffle(&random)
        let head = try OutputHead(sequenceNetwork)
        let classes = ClassRows(tokens.labels, steps: 5, units: 3, as: head.targets)
        let rows = try ResidentRows(units: 5 * 4, samples: 50)
        for sample in 0..<50 {
            let own = ResidentSamples.targetRows(
                tokens.labels[sample * 5..<(sample + 1) * 5], task: .classification(classes: 3), head, as: head.targets,
                share: 0.2)
            for (row, value) in own.enumerated() {
                rows[row, sample] = value
                #expect(classes[row, sample] == value)
            }
        }
        let pairs: [(any CompactRows, ResidentRows)] = [
            (try #require(tokens.inputs.rows.compact), floats.inputs.rows), (classes, rows),
        ]
        let stride = 48
        for level in [LC_LEVEL_BASELINE, LC_LEVEL_V3, LC_LEVEL_V4] {
            guard let kernels = lc_kernels_at(level) else { continue }
            for (compact, data) in pairs {
                for rows in [nil, order] {
                    // Behind the batch nothing is written.
                    let (one, other) = (
                        try Block(count: data.units * stride + 16), try Block(count: data.units * stride + 16)
                    )
                    one.fill(7)
                    other.fill(7)
                    kernels.pointee.gather(
                        one.base, Int32(stride), data.block!.base, Int64(data.stride), Int32(data.units), rows?.base, 9,
                        Int32(count))
                    compact.gather(
                        into: other.base, stride: stride, order: rows, first: 9, count: count, kernels)
                    #expect(one.array == other.array, "\(level)")
                }
            }
        }
    }

    private var sequenceNetwork: NetworkDescription {
        NetworkDescription(
            input: Shape(5, 1), task: .classification(classes: 3),
            layers: [Choice("embedding"), Choice("gru", ["returns": .text("all"), "units": .integer(4)])],
            loss: Choice("softmaxCrossEntropy"),
            sequence: SequenceForm(vocabulary: 4, hasLengths: true, targetSteps: 5))
    }

    @Test("training on symbols gives the bits of training on floats, alone and side by side")
    func trainingOnTokens() throws {
        let (tokens, floats) = try sequences(40)
        for batch in [4, 16] {
            let learning = LearningDescription(optimizer: Choice("adam"), batchSize: batch, shuffle: true)
            let populations = try [tokens, floats].map { samples in
                try Population(
                    (0..<3).map {
                        PopulationMember(
                            network: sequenceNetwork, learning: learning, train: samples, test: samples,
                            seed: UInt64($0))
                    })
            }
            for population in populations { population.advance(toEpoch: 2) }
            for member in 0..<3 {
                #expect(populations[0].parameters(of: member) == populations[1].parameters(of: member))
                #expect(populations[0].evaluation(of: member) == populations[1].evaluation(of: member))
            }
        }
    }
}
