import Testing

@testable import Engine

/// The ways in which samples are divided into tasks.
@Suite struct TaskDivisionTests {
    @Test("permuted tasks are copies whose inputs stand in other orders, alike in training and test, and in every run")
    func permuted() throws {
        var setup = LifeLongTests.setup([:])
        setup.network.input = Shape(6)
        var random = Random(seed: 5)
        func samples(_ count: Int) -> Samples {
            Samples(
                count: count, inputs: (0..<6 * count).map { _ in Float(random.uniform()) },
                labels: (0..<count).map { Float($0 % 4) })
        }
        (setup.train, setup.test) = (samples(20), samples(8))
        let plain = setup
        try TaskDivision.permutedInputs.divide(&setup, 3, "")
        #expect(setup.train.count == 60 && setup.test.count == 24)
        let tasks: [Int32] = (0..<60).map { Int32($0 / 20) }
        #expect(setup.train.tasks!.samples == tasks)
        #expect(setup.train.tasks!.classes == nil)
        var orders: Set<[Int]> = []
        for task in 0..<3 {
            let first = plain.train.inputs.values(of: 0)
            let order: [Int] = setup.train.inputs.values(of: 20 * task).map { first.firstIndex(of: $0)! }
            orders.insert(order)
            #expect(order.sorted() == Array(0..<6))
            #expect((order == Array(0..<6)) == (task == 0))
            for (copies, own) in [(setup.train, plain.train), (setup.test, plain.test)] {
                for sample in 0..<own.count {
                    let values = own.inputs.values(of: sample)
                    let moved = order.map { values[$0] }
                    #expect(copies.inputs.values(of: own.count * task + sample) == moved)
                    #expect(copies.labels[own.count * task + sample] == own.labels[sample])
                }
            }
        }
        #expect(orders.count == 3)
    }

    @Test("of images in bytes all channels move alike, and stay standardized as they are")
    func permutedImages() throws {
        let builder = try ImageBuilder(count: 3, width: 8)
        for sample in 0..<3 {
            for (place, byte) in builder.bytes(of: sample).indices.enumerated() {
                builder.bytes(of: sample)[byte] = UInt8(40 * sample + place)
            }
        }
        let store = builder.store(white: 255, means: [0.1, 0.2], scales: [0.5, 0.25])
        let copies = try store.copies([[0, 1, 2, 3], [2, 0, 3, 1]], channels: 2)
        #expect(copies.count == 6)
        for sample in 0..<3 {
            let own = store.values(of: sample)
            #expect(copies.values(of: sample) == own)
            let moved = [2, 0, 3, 1, 6, 4, 7, 5].map { own[$0] }
            #expect(copies.values(of: 3 + sample) == moved)
        }
    }

    @Test("strips of the plane have equally many samples in training, and test samples lie between the same limits")
    func strips() throws {
        var setup = LifeLongTests.setup([:])
        try TaskDivision.firstInput.divide(&setup, 4, "")
        let marks = setup.train.tasks!
        for task in 0..<4 { #expect(marks.samples.count { $0 == task } == 20) }
        var ranges: [ClosedRange<Float>] = []
        for task in 0..<4 {
            let values = (0..<80).filter { marks.samples[$0] == task }.map { setup.train.inputs[$0, 0] }
            ranges.append(values.min()!...values.max()!)
        }
        for task in 1..<4 { #expect(ranges[task - 1].upperBound < ranges[task].lowerBound) }
        for sample in 0..<40 {
            let (value, task) = (setup.test.inputs[sample, 0], Int(setup.test.tasks!.samples[sample]))
            if task > 0 { #expect(value >= ranges[task].lowerBound) }
            if task < 3 { #expect(value < ranges[task + 1].lowerBound) }
        }
    }

    @Test("classes are shared out in their order")
    func classes() throws {
        var setup = LifeLongTests.setup([:])
        setup.network.task = .classification(classes: 10)
        setup.train.labels = (0..<80).map { Float($0 % 10) }
        try TaskDivision.classes.divide(&setup, 2, "")
        #expect(setup.train.tasks!.classes == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
        try TaskDivision.classes.divide(&setup, 3, "")
        #expect(setup.train.tasks!.classes == [0, 0, 0, 0, 1, 1, 1, 2, 2, 2])
        let tasks: [Int32] = setup.train.labels.map { setup.train.tasks!.classes![Int($0)] }
        #expect(setup.train.tasks!.samples == tasks)
    }
}
