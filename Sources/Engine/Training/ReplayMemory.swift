#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The last steps of games, from which a network learns again and again: state, action, reward, the state that followed, and
/// whether the episode was over. Full, it forgets the oldest step for each new one.
final class ReplayMemory {
    /// Steps.
    let capacity: Int
    /// Values of a state.
    let width: Int
    private(set) var count = 0
    /// The place of the next step.
    private(set) var next = 0
    /// `[capacity, width]`.
    private let states: Block
    private let followers: Block
    private(set) var actions: [Int32]
    private(set) var rewards: [Float]
    /// 1 where nothing is worth anything behind the step, else 0.
    private(set) var ends: [Float]
    /// The size of each step's last TD error; of one that was never taken the largest there was.
    private(set) var errors: [Float]
    private var largestError: Float = 1
    /// Sums of the steps' shares: the root at 1, the children of i at 2i and 2i + 1, the leaves from `leaves` on.
    private var tree: [Double]
    private let leaves: Int
    /// A step's share is (|TD error| + 0.01)^priority; 0: all are alike.
    private var priority: Double

    /// Keeps every step in reach.
    private static let leastError: Float = 0.01

    init(capacity: Int, width: Int, priority: Double) throws(EngineError) {
        (self.capacity, self.width, self.priority) = (capacity, width, priority)
        states = try Block(count: capacity * width)
        followers = try Block(count: capacity * width)
        actions = [Int32](repeating: 0, count: capacity)
        rewards = [Float](repeating: 0, count: capacity)
        ends = [Float](repeating: 0, count: capacity)
        errors = [Float](repeating: 0, count: capacity)
        var leaves = 1
        while leaves < capacity { leaves *= 2 }
        self.leaves = leaves
        tree = [Double](repeating: 0, count: 2 * leaves)
    }

    func forget() {
        (count, next, largestError) = (0, 0, 1)
        // The shares of forgotten steps would be drawn like those of others.
        fillTree()
    }

    /// Changes how much the errors count.
    func setPriority(_ priority: Double) {
        self.priority = priority
        fillTree()
    }

    /// - Parameters: state, follower: of `width` values.
    func append(state: [Float], action: Int, reward: Double, follower: [Float], isOver: Bool) {
        for (block, values) in [(states, state), (followers, follower)] {
            values.withUnsafeBufferPointer { (block.base + next * width).update(from: $0.baseAddress!, count: width) }
        }
        actions[next] = Int32(action)
        rewards[next] = Float(reward)
        ends[next] = isOver ? 1 : 0
        note(error: largestError, of: next)
        next = (next + 1) % capacity
        count = min(count + 1, capacity)
    }

    /// Remembers the TD error of a step.
    func note(error: Float, of place: Int) {
        errors[place] = error
        largestError = max(largestError, error)
        guard priority > 0 else { return }
        var node = leaves + place
        tree[node] = share(of: error)
        while node > 1 {
            node /= 2
            tree[node] = tree[2 * node] + tree[2 * node + 1]
        }
    }

    private func share(of error: Float) -> Double { pow(Double(error + Self.leastError), priority) }

    private func fillTree() {
        guard priority > 0 else { return }
        for place in 0..<leaves { tree[leaves + place] = place < count ? share(of: errors[place]) : 0 }
        for node in (1..<leaves).reversed() { tree[node] = tree[2 * node] + tree[2 * node + 1] }
    }

    /// Draws steps, each by its share, with replacement.
    /// - Parameters:
    ///   - correction: β of the weights (N · P)^−β, of which the largest becomes 1 (Schaul and others, Prioritized
    ///     experience replay, 2016).
    func draw(
        into places: inout [Int], weights: inout [Float], correction: Double, _ random: inout Random
    ) {
        guard priority > 0 else {
            for index in places.indices { places[index] = random.index(count) }
            return
        }
        let total = tree[1]
        var largest = 0.0
        var raw = [Double](repeating: 0, count: places.count)
        for index in places.indices {
            // One of each of as many equal parts, so that a batch has of all.
            var rest = (Double(index) + random.uniform()) / Double(places.count) * total
            var node = 1
            while node < leaves {
                node *= 2
                if rest >= tree[node], tree[node + 1] > 0 {
                    rest -= tree[node]
                    node += 1
                }
            }
            let place = min(node - leaves, count - 1)
            places[index] = place
            raw[index] = pow(Double(count) * max(tree[leaves + place], 1e-30) / total, -correction)
            largest = max(largest, raw[index])
        }
        for index in places.indices { weights[index] = Float(raw[index] / largest) }
    }

    /// Copies states into the rows of a pass, a sample in each lane.
    func gather(_ places: [Int], following: Bool, into rows: UnsafeMutablePointer<Float>, stride: Int) {
        let block = following ? followers : states
        for (lane, place) in places.enumerated() {
            let source = block.base + place * width
            var target = rows + lane
            for value in 0..<width {
                target.pointee = source[value]
                target += stride
            }
        }
    }

    // MARK: - State

    /// The names of the parts of a saved state.
    private enum Part {
        static let (states, followers) = ("replay.states", "replay.followers")
        static let (steps, place) = ("replay.steps", "replay.place")
    }

    /// Writes the steps into a state: the observations, and action, reward, end and error of each.
    func save(to state: inout TrainingState) {
        state.parts[Part.states] = Array(states.values.prefix(count * width))
        state.parts[Part.followers] = Array(followers.values.prefix(count * width))
        state.parts[Part.steps] = (0..<count).flatMap { [Float(actions[$0]), rewards[$0], ends[$0], errors[$0]] }
        state.parts[Part.place] = [Float(next), largestError]
    }

    /// - Throws: that the state's steps are none of this game, or too many; nothing has changed then.
    func check(_ state: TrainingState, actions actionCount: Int) throws(EngineError) {
        let (steps, place) = (state.parts[Part.steps] ?? [], state.parts[Part.place] ?? [])
        let count = steps.count / 4
        let isRight =
            steps.count % 4 == 0 && count <= capacity && place.count == 2 && place[0] >= 0
            && place[0] < Float(capacity) && place[1] >= 0
            && (place[0] == Float(count) || count == capacity)
            && (0..<count).allSatisfy {
                steps[4 * $0] >= 0 && steps[4 * $0] < Float(actionCount) && steps[4 * $0] == steps[4 * $0].rounded()
                    && steps[4 * $0 + 3] >= 0 && steps[4 * $0 + 3].isFinite
            }
            && [Part.states, Part.followers].allSatisfy { state.parts[$0]?.count == count * width }
        guard isRight else {
            throw EngineError(
                place: "replay",
                message: "expected at most \(capacity) steps of \(width) values, found others; the data or the replay "
                    + "memory is another")
        }
    }

    /// Takes the steps of a state that `check` has passed.
    func restore(_ state: TrainingState) {
        let (steps, place) = (state.parts[Part.steps]!, state.parts[Part.place]!)
        count = steps.count / 4
        states.write(state.parts[Part.states]!)
        followers.write(state.parts[Part.followers]!)
        for index in 0..<count {
            actions[index] = Int32(steps[4 * index])
            (rewards[index], ends[index]) = (steps[4 * index + 1], steps[4 * index + 2])
            errors[index] = steps[4 * index + 3]
        }
        (next, largestError) = (Int(place[0]), place[1])
        fillTree()
    }

    /// Takes the newest steps of another memory of the same game.
    func take(from other: ReplayMemory) {
        forget()
        let kept = min(other.count, capacity)
        for age in (0..<kept).reversed() {
            let place = (other.next - 1 - age + 2 * other.capacity) % other.capacity
            (states.base + next * width).update(from: other.states.base + place * width, count: width)
            (followers.base + next * width).update(from: other.followers.base + place * width, count: width)
            (actions[next], rewards[next]) = (other.actions[place], other.rewards[place])
            (ends[next], errors[next]) = (other.ends[place], other.errors[place])
            next = (next + 1) % capacity
            count += 1
        }
        largestError = other.largestError
        fillTree()
    }

    // MARK: - Looking

    /// Steps that a report looks at: of more, as many at even distances.
    private static let mostLooked = 10_000

    var report: MemoryReport {
        var report = MemoryReport(
            count: count, capacity: capacity, looked: 0, ends: 0, rewards: [],
            errors: [Int](repeating: 0, count: MemoryReport.errorBins), largestError: 0)
        var rewards: [Float: Int] = [:]
        let step = max(1, count / Self.mostLooked)
        let looked = stride(from: 0, to: count, by: step)
        for place in looked { report.largestError = max(report.largestError, errors[place]) }
        for place in looked {
            report.looked += 1
            report.ends += ends[place] > 0 ? 1 : 0
            rewards[self.rewards[place], default: 0] += 1
            let share = report.largestError > 0 ? errors[place] / report.largestError : 0
            // An error of a network that has diverged is none of the axis.
            let bin = share.isFinite ? Int(share * Float(MemoryReport.errorBins)) : MemoryReport.errorBins - 1
            report.errors[min(MemoryReport.errorBins - 1, bin)] += 1
        }
        let distance = max(1, (count + MemoryReport.mostStates - 1) / MemoryReport.mostStates)
        report.states.reserveCapacity(min(count, MemoryReport.mostStates) * width)
        for place in stride(from: 0, to: count, by: distance) {
            report.states.append(contentsOf: UnsafeBufferPointer(start: states.base + place * width, count: width))
        }
        report.rewards = rewards.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(MemoryReport.mostRewards)
            .sorted { $0.key < $1.key }.map { MemoryReport.RewardCount(reward: $0.key, count: $0.value) }
        return report
    }
}
