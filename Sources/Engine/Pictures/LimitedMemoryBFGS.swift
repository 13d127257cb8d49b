/// L-BFGS: steps along −H g, where H is the inverse of the curvature as the last steps have shown it. The arithmetic is that
/// of torch.optim.LBFGS without a line search; where a step has raised the quantity, `retreat` halves it.
struct LimitedMemoryBFGS: Sendable, Hashable {
    /// Steps that are remembered, at most.
    var memory: Int
    private(set) var iterations = 0
    /// The last differences of the place and of the gradient, the oldest first.
    private var steps: [[Float]] = []
    private var changes: [[Float]] = []
    private var direction: [Float] = []
    private var previous: [Float] = []
    /// The length of the last step along its direction, and the curvature's inverse before the first pair.
    private var length = 0.0
    private var scale = 1.0
    /// The quantity where the last step began; nil: there was none.
    private var height: Double?
    /// How often the last step has been halved.
    private var halvings = 0

    /// The limits of torch.optim.LBFGS.
    private static let leastGradient: Float = 1e-7
    private static let leastDescent = 1e-9
    private static let leastCurvature = 1e-10
    /// After so many halves a higher place is taken as it is.
    private static let mostHalvings = 10
    /// A rise by this share of the quantity is rounding.
    private static let rounding = 1e-6

    init(memory: Int) { self.memory = memory }

    /// Takes half of the last step back where it has raised the quantity. To be asked before the next step.
    /// - Parameters:
    ///   - place: is changed.
    ///   - objective: the quantity there.
    /// - Returns: whether it moved; the quantity is to be measured there, and asked for again.
    mutating func retreat(_ place: UnsafeMutableBufferPointer<Float>, objective: Double) -> Bool {
        guard iterations > 0, length > 0, let height, halvings < Self.mostHalvings,
            objective > height + Self.rounding * abs(height)
        else {
            (self.height, halvings) = (objective, 0)
            return false
        }
        length /= 2
        halvings += 1
        for index in direction.indices { place[index] -= Float(length) * direction[index] }
        return true
    }

    /// One step.
    /// - Parameters:
    ///   - place: is changed.
    ///   - rate: the length of a step along −H g; the first is shorter where the gradient is large.
    /// - Returns: whether it moved; at a minimum it does not.
    @discardableResult
    mutating func step(_ place: UnsafeMutableBufferPointer<Float>, gradient: [Float], rate: Double = 1) -> Bool {
        let count = gradient.count
        guard gradient.contains(where: { abs($0) > Self.leastGradient }) else {
            length = 0
            return false
        }
        iterations += 1
        if iterations == 1 {
            direction = gradient.map { -$0 }
            scale = 1
        } else {
            var (change, step) = ([Float](repeating: 0, count: count), [Float](repeating: 0, count: count))
            for index in 0..<count {
                change[index] = gradient[index] - previous[index]
                step[index] = direction[index] * Float(length)
            }
            let curvature = Self.product(change, step)
            if curvature > Self.leastCurvature {
                while steps.count >= memory {
                    steps.removeFirst()
                    changes.removeFirst()
                }
                steps.append(step)
                changes.append(change)
                scale = curvature / Self.product(change, change)
            }
            direction = gradient.map { -$0 }
            var weights = [Double](repeating: 0, count: steps.count)
            for pair in steps.indices.reversed() {
                weights[pair] = Self.product(steps[pair], direction) / Self.product(changes[pair], steps[pair])
                Self.add(changes[pair], times: -weights[pair], to: &direction)
            }
            for index in 0..<count { direction[index] *= Float(scale) }
            for pair in steps.indices {
                let other = Self.product(changes[pair], direction) / Self.product(changes[pair], steps[pair])
                Self.add(steps[pair], times: weights[pair] - other, to: &direction)
            }
        }
        previous = gradient
        let norm = gradient.reduce(0.0) { $0 + Double(abs($1)) }
        length = iterations == 1 ? min(1, 1 / norm) * rate : rate
        guard Self.product(gradient, direction) <= -Self.leastDescent else {
            length = 0
            return false
        }
        for index in 0..<count { place[index] += Float(length) * direction[index] }
        return true
    }

    private static func product(_ one: [Float], _ other: [Float]) -> Double {
        var sum = 0.0
        for index in one.indices { sum += Double(one[index]) * Double(other[index]) }
        return sum
    }

    private static func add(_ other: [Float], times factor: Double, to sum: inout [Float]) {
        let factor = Float(factor)
        for index in sum.indices { sum[index] += factor * other[index] }
    }

    /// Forgets all steps.
    mutating func reset() { self = LimitedMemoryBFGS(memory: memory) }

    /// Remembers fewer steps, or more from now on.
    mutating func limit(to memory: Int) {
        self.memory = memory
        steps.removeFirst(max(0, steps.count - memory))
        changes.removeFirst(max(0, changes.count - memory))
    }
}

/// Its state in checkpoints.
extension LimitedMemoryBFGS {
    /// Numbers by their names.
    var parts: [String: [Float]] {
        guard iterations > 0 else { return [:] }
        return [
            "steps": steps.flatMap(\.self), "changes": changes.flatMap(\.self), "direction": direction,
            "previous": previous,
            "numbers": TrainingState.floats([
                UInt64(iterations), length.bitPattern, scale.bitPattern, (height ?? .infinity).bitPattern,
                UInt64(halvings),
            ]),
        ]
    }

    /// - Parameters:
    ///   - parts: as `parts` gives them.
    ///   - count: numbers of the place.
    /// - Returns: nil: they are none of so many numbers.
    init?(memory: Int, parts: [String: [Float]], count: Int) {
        self.init(memory: memory)
        guard !parts.isEmpty else { return }
        guard let words = TrainingState.words(parts["numbers"]), words.count == 5,
            words[0] <= UInt64(TrainingState.counts.upperBound), let direction = parts["direction"],
            let previous = parts["previous"], direction.count == count, previous.count == count,
            let steps = Self.rows(parts["steps"] ?? [], count), let changes = Self.rows(parts["changes"] ?? [], count),
            steps.count == changes.count
        else { return nil }
        iterations = Int(words[0])
        (length, scale) = (Double(bitPattern: words[1]), Double(bitPattern: words[2]))
        let height = Double(bitPattern: words[3])
        self.height = height.isFinite ? height : nil
        halvings = Int(min(words[4], UInt64(Self.mostHalvings)))
        (self.direction, self.previous, self.steps, self.changes) = (direction, previous, steps, changes)
        limit(to: memory)
    }

    private static func rows(_ values: [Float], _ count: Int) -> [[Float]]? {
        guard values.count % count == 0 else { return nil }
        return stride(from: 0, to: values.count, by: count).map { Array(values[$0..<$0 + count]) }
    }
}
