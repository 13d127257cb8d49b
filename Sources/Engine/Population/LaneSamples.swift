import CKernels

/// The data of networks side by side. Networks with the same samples share their memory, and those with the same seed
/// the order of their rows.
final class LaneSamples {
    /// The training or the test samples of all lanes, with the same counts.
    struct Part {
        let count: Int
        private let sets: [ResidentSamples]
        private let setOfLane: [ResidentSamples]
        private let inputs: LaneAddresses<Float>
        private let targets: LaneAddresses<Float>
        private let shownTargets: LaneAddresses<Float>

        init(_ lanes: [Samples], task: Task, head: OutputHead, inputs width: Int, place: String) throws(EngineError) {
            var distinct: [Samples] = []
            var sets: [ResidentSamples] = []
            var setOfLane: [ResidentSamples] = []
            for samples in lanes {
                if let index = distinct.firstIndex(of: samples) {
                    setOfLane.append(sets[index])
                } else {
                    let set = try ResidentSamples(
                        samples, task: task, head: head, inputs: width, place: place, asFloats: true)
                    distinct.append(samples)
                    sets.append(set)
                    setOfLane.append(set)
                }
            }
            self.sets = sets
            self.setOfLane = setOfLane
            count = lanes[0].count
            func addresses(_ rows: (ResidentSamples) -> ResidentRows) -> LaneAddresses<Float> {
                LaneAddresses(setOfLane.map { UnsafePointer(rows($0).block!.base) })
            }
            inputs = addresses(\.inputs)
            targets = addresses(\.targets)
            shownTargets = addresses(\.shownTargets)
        }

        /// How much each network's samples count in means; nil: all count as one.
        func weights(orders: LaneAddresses<Int32>?, first: Int, count: Int) -> [Double]? {
            guard sets.contains(where: { $0.weights != nil }) else { return nil }
            return setOfLane.indices.map { lane in
                setOfLane[lane].weight(order: orders?.base[lane], first: first, count: count)
            }
        }

        /// Copies inputs and targets of a batch.
        /// - Parameter shown: the targets of the shown loss instead of the gradient's.
        func gather(into pass: LanePass, orders: LaneAddresses<Int32>?, first: Int, count: Int, shown: Bool) {
            let stride = sets[0].inputs.stride
            pass.gather(
                pass.program.input, from: inputs, dataStride: stride, orders: orders, first: first, count: count)
            pass.gather(
                pass.program.target, from: shown ? shownTargets : targets, dataStride: sets[0].targets.stride,
                orders: orders, first: first, count: count)
        }
    }

    let train: Part
    let test: Part
    /// nil: as the rows are.
    let orders: LaneAddresses<Int32>?
    private let rowOrders: [RowOrder]
    private var shufflers: [Random]

    /// - Parameter streams: the samples of a batch, where a state goes on from each to the next of its stream; nil: it does not.
    init(_ members: [PopulationMember], head: OutputHead, streams: Int? = nil) throws(EngineError) {
        let (task, width) = (members[0].network.task, members[0].network.inputWidth)
        train = try Part(members.map(\.train), task: task, head: head, inputs: width, place: "training data")
        test = try Part(members.map(\.test), task: task, head: head, inputs: width, place: "test data")
        let count = members[0].train.count
        var seeds: [UInt64] = []
        var rowOrders: [RowOrder] = []
        if let streams {
            rowOrders = [RowOrder(count: count)]
            rowOrders[0].write(Streams.equal(samples: count, streams: streams))
            orders = LaneAddresses(members.map { _ in UnsafePointer(rowOrders[0].base) })
        } else if members[0].learning.shuffle {
            var addresses: [UnsafePointer<Int32>] = []
            for member in members {
                let index = seeds.firstIndex(of: member.seed) ?? seeds.count
                if index == seeds.count {
                    seeds.append(member.seed)
                    rowOrders.append(RowOrder(count: count))
                }
                addresses.append(UnsafePointer(rowOrders[index].base))
            }
            orders = LaneAddresses(addresses)
        } else {
            orders = nil
        }
        self.rowOrders = rowOrders
        shufflers = seeds.map { BatchFeed.shuffler(seed: $0) }
    }

    /// How much each network's training samples count in means; nil: all count as one.
    func weights(first: Int, count: Int) -> [Double]? { train.weights(orders: orders, first: first, count: count) }

    /// Brings the training rows into the orders of the epoch that begins; streams stay in theirs.
    func shuffle() {
        for index in shufflers.indices { rowOrders[index].shuffle(&shufflers[index]) }
    }
}
