/// The samples of a cohort's networks on a device: distinct sets one after the other along the rows, each one's
/// training samples before its test samples.
final class DeviceSamples {
    /// The samples that each network has, before any memory is reserved.
    struct Arrangement {
        fileprivate var sets: [(train: ResidentSamples, test: ResidentSamples)] = []
        fileprivate var setOfNetwork: [Int] = []
        fileprivate let trainCount: Int
        fileprivate let testCount: Int
        fileprivate let seeds: [UInt64]
        let isShuffled: Bool

        /// Whether all networks see the same samples in the same order.
        var isAlike: Bool { sets.count == 1 && !isShuffled }

        init(_ members: [PopulationMember], head: OutputHead) throws(EngineError) {
            let (task, width) = (members[0].network.task, members[0].network.inputWidth)
            trainCount = members[0].train.count
            testCount = members[0].test.count
            isShuffled = members[0].learning.shuffle
            seeds = members.map(\.seed)
            var known: [[Samples]: Int] = [:]
            var previous: PopulationMember?
            for member in members {
                // Most have the samples of the one before.
                if let previous, previous.train == member.train, previous.test == member.test {
                    setOfNetwork.append(setOfNetwork[setOfNetwork.count - 1])
                    continue
                }
                previous = member
                if let index = known[[member.train, member.test]] {
                    setOfNetwork.append(index)
                    continue
                }
                known[[member.train, member.test]] = sets.count
                setOfNetwork.append(sets.count)
                sets.append(
                    (
                        try ResidentSamples(
                            member.train, task: task, head: head, inputs: width, place: "training data"),
                        try ResidentSamples(member.test, task: task, head: head, inputs: width, place: "test data")
                    ))
            }
        }
    }

    let inputs: OpenCLBuffer
    let targets: OpenCLBuffer
    let shownTargets: OpenCLBuffer
    /// Floats from one value's row to the next.
    let stride: Int
    /// The first row of each network's samples.
    let sets: OpenCLBuffer
    /// Each network's order of the training rows.
    let orders: OpenCLStage<Int32>
    private let orderTurns = OpenCLTurns()
    let orderStride: Int
    let isShuffled: Bool
    private var order: [RowOrder] = []
    private var shufflers: [Random] = []

    init(_ arrangement: Arrangement, _ queue: OpenCLQueue) throws(OpenCL.Failure) {
        let size = arrangement.trainCount + arrangement.testCount
        stride = size * arrangement.sets.count
        isShuffled = arrangement.isShuffled
        var all: [OpenCLBuffer] = []
        for rows: (ResidentSamples) -> ResidentRows in [\.inputs, \.targets, \.shownTargets] {
            let units = rows(arrangement.sets[0].train).units
            try OpenCLLimits.check(
                floats: units * stride, "the values of \(stride) samples",
                advice: "let more networks share their samples, or use fewer")
            try OpenCLLimits.checkHost(4 * units * stride)
            var values = [Float](repeating: 0, count: units * stride)
            for (index, set) in arrangement.sets.enumerated() {
                for unit in 0..<units {
                    let start = unit * stride + index * size
                    for sample in 0..<arrangement.trainCount { values[start + sample] = rows(set.train)[unit, sample] }
                    for sample in 0..<arrangement.testCount {
                        values[start + arrangement.trainCount + sample] = rows(set.test)[unit, sample]
                    }
                }
            }
            let buffer = try OpenCLBuffer(queue.context, bytes: 4 * values.count)
            try queue.write(values, to: buffer)
            all.append(buffer)
        }
        (inputs, targets, shownTargets) = (all[0], all[1], all[2])
        let starts = arrangement.setOfNetwork.map { Int32($0 * size) }
        sets = try OpenCLBuffer(queue.context, bytes: 4 * starts.count)
        try queue.write(starts, to: sets)
        orderStride = isShuffled ? arrangement.trainCount : 0
        try OpenCLLimits.check(
            floats: orderStride * starts.count,
            "the orders of \(plural(arrangement.trainCount, "sample")) for each network",
            advice: "use fewer samples, or do not shuffle them")
        orders = try OpenCLStage(queue, capacity: max(1, orderStride * starts.count), turns: orderTurns)
        if isShuffled {
            order = starts.map { _ in RowOrder(count: arrangement.trainCount) }
            shufflers = arrangement.seeds.map { BatchFeed.shuffler(seed: $0) }
        }
    }

    /// Brings the training rows into the orders of the epoch that begins, in `orders`' next buffer.
    func shuffle(_ queue: OpenCLQueue) throws(OpenCL.Failure) {
        try orderTurns.change(queue)
        orders.begin()
        for index in order.indices {
            order[index].shuffle(&shufflers[index])
            orders.append(count: orderStride).update(from: order[index].base, count: orderStride)
        }
        try orders.send(queue)
    }
}
