/// Members that will train together, before any memory is reserved.
public struct CohortPlan: Sendable {
    /// The most parameters with which networks side by side, whose weights are then sixteen times as large, are faster
    /// than one after the other.
    static let largestSideBySide = 4096
    /// The most sequences of a batch with which they are faster: one network's own vectors are samples, which more of them fill
    /// as well. Up to `fewSequences` they are however long these are, beyond while a training pass of sixteen networks takes at
    /// most `largestPass` bytes, which stay in the caches.
    static let mostSequences = 8
    static let fewSequences = 4
    static let largestPass = 8 << 20

    /// Places in the list that `plans(for:)` was given.
    public let members: [Int]
    let descriptions: [PopulationMember]
    let plans: [Plan]
    let isSideBySide: Bool
    private let batches: Batches
    /// The device that they train on.
    let device: ComputeDevice
    /// Roughly the multiplications of an epoch, to tell how much of the work is done.
    public let workPerEpoch: Double

    /// Divides members into cohorts of the same shape. The division depends on the list alone.
    /// - Throws: the first member that cannot be trained, and why.
    /// - Parameters:
    ///   - device: where they are to train; there many more make a cohort.
    ///   - chosen: the members that train at all, each as it would among all; nil: all.
    public static func plans(
        for members: [PopulationMember], device: ComputeDevice = .processor, chosen: Set<Int>? = nil
    ) throws(PopulationError) -> [CohortPlan] {
        var known: [NetworkDescription: (plan: Plan, operations: Int)] = [:]
        var numbers: [[Operation]: Int] = [:]
        var plans: [Plan] = []
        var order: [CohortShape] = []
        var places: [CohortShape: [Int]] = [:]
        for (index, member) in members.enumerated() {
            do throws(EngineError) {
                try member.learning.check()
                guard member.train.count >= 1 else { throw EngineError.noTrainingSamples }
                let network: (plan: Plan, operations: Int)
                if let same = known[member.network] {
                    network = same
                } else {
                    let plan = try Plan(member.network)
                    let operations = CohortShape.shared(plan)
                    let number = numbers[operations, default: numbers.count]
                    numbers[operations] = number
                    network = (plan, number)
                    known[member.network] = network
                }
                plans.append(network.plan)
                let shape = try CohortShape(member, plan: network.plan, operations: network.operations)
                if places[shape] == nil { order.append(shape) }
                places[shape, default: []].append(index)
            } catch { throw PopulationError(member: index, reason: error) }
        }
        return order.flatMap { shape in
            let group = places[shape]!
            let count = plans[group[0]].outline.parameterCount
            let fitsFusedKernel =
                device != .processor && count <= DeviceCohort.mostParameters && plans[group[0]].isFusible
            // On a device those too large for one kernel train one after the other, each as it would alone.
            let size =
                group.count == 1 || !shape.isPlainDescent || count > largestSideBySide
                    || !members[group[0]].learning.augment.isEmpty
                    || device != .processor && !fitsFusedKernel
                    || !plans[group[0]].program.suitsLanes
                    || plans[group[0]].program.goesOverSteps && !pays(plans[group[0]], shape.batches)
                ? 1 : fitsFusedKernel ? DeviceCohort.mostNetworks : LanePass.lanes
            let own = chosen.map { chosen in group.filter(chosen.contains) } ?? group
            return stride(from: 0, to: own.count, by: size).map { start in
                let part = Array(own[start..<min(start + size, own.count)])
                return CohortPlan(
                    part, members: members, plans: plans, batches: shape.batches, isSideBySide: size > 1,
                    device: device)
            }
        }
    }

    /// Whether networks over sequences are faster side by side.
    private static func pays(_ plan: Plan, _ batches: Batches) -> Bool {
        if batches.size <= fewSequences { return true }
        let bytes = 4 * plan.passRows(.training) * batches.size * LanePass.lanes
        return batches.size <= mostSequences && bytes <= largestPass
    }

    private init(
        _ places: [Int], members: [PopulationMember], plans: [Plan], batches: Batches, isSideBySide: Bool,
        device: ComputeDevice
    ) {
        self.device = device
        self.batches = batches
        self.members = places
        descriptions = places.map { members[$0] }
        self.plans = places.map { plans[$0] }
        self.isSideBySide = isSideBySide
        let parameters = Double(self.plans[0].outline.parameterCount + 16)
        workPerEpoch =
            parameters * Double(descriptions[0].train.count)
            * Double(isSideBySide ? max(places.count, LanePass.lanes) : 1)
    }

    public var stepsPerEpoch: Int { batches.perEpoch }

    /// Reserves the memory and draws the initial weights.
    public func make() throws(PopulationError) -> Cohort { try Cohort(self) }
}

extension EngineError {
    static let noTrainingSamples = EngineError(
        place: "data", message: "there are no training samples; raise samples or trainFraction")
}
