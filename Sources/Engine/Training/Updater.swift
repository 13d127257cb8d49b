import CKernels
import Synchronization

/// Applies gradients to the parameters: the optimizer with its state, the gradient's clipping, the decoupled decay.
final class Updater: SharedTask {
    private(set) var optimizer: Optimizer
    private(set) var settings: Settings
    /// The optimizer's state, one block for each slot.
    private(set) var slots: [Block]
    /// Updates since this optimizer was chosen.
    var steps = 0

    private let parameters: Block
    private let gradients: Block
    private let decayingCount: Int
    /// The spans of the flat parameters that are trained; decay and the gradient's norm know no others.
    @exclusivity(unchecked) private var trained: [Range<Int>] = []
    /// Places of single parameters that stay as they are, and their values during an update.
    @exclusivity(unchecked) private var locked: [(place: Int, value: Float)] = []
    /// The weights before the update, from which the decay is derived.
    private let previous: Block
    private let kernels: UnsafePointer<lc_kernels>
    private var call = lc_update()
    /// Those spans, divided among the threads that share an update.
    @exclusivity(unchecked) private var parts: [Range<Int>] = []
    /// The only part, where one thread updates one span: a small step then looks at no list and counts no reference.
    @exclusivity(unchecked) private var only: Range<Int>?
    /// The threads that share the present updates; nil: there is one.
    @exclusivity(unchecked) private var team: ThreadTeam?
    private let wholeTeam: ThreadTeam?
    /// The decay rates of the present update.
    private var (l1, l2) = (0.0, 0.0)
    private let diverged = Atomic(false)

    /// Parameters from which two threads are faster than one: by then they wait for memory, or nearly.
    private static let leastShared = 1 << 15
    /// Parameters of one span: more spans than threads even out what delays one thread.
    private static let spanCount = 1 << 16

    /// - Parameters:
    ///   - spans: of the flat parameters, those that are trained, in order and of whole vectors.
    ///   - team: threads that share an update where that pays.
    init(
        _ choice: Choice, parameters: Block, gradients: Block, spans: [Range<Int>], decayingCount: Int,
        team: ThreadTeam? = nil
    ) throws(EngineError) {
        wholeTeam = team
        (settings, optimizer) = try Self.resolve(choice)
        kernels = try Processor.kernels()
        self.parameters = parameters
        self.gradients = gradients
        self.decayingCount = decayingCount
        previous = try Block(count: decayingCount)
        slots = try optimizer.slots.map { _ throws(EngineError) in try Block(count: parameters.count) }
        super.init()
        train(spans)
        prepare()
    }

    /// Trains other spans of the parameters from now on; the state of all parameters stays.
    func train(_ spans: [Range<Int>]) {
        trained = spans
        let count = spans.reduce(0) { $0 + $1.count }
        let isShared = count >= Self.leastShared && (wholeTeam?.size ?? 1) > 1
        team = isShared ? wholeTeam : nil
        parts = isShared ? Self.divided(spans, into: max(wholeTeam!.size, count / Self.spanCount)) : spans
        only = team == nil && parts.count == 1 ? parts[0] : nil
    }

    /// Divides spans of whole vectors into parts of about the same size, at least one to a span.
    private static func divided(_ spans: [Range<Int>], into count: Int) -> [Range<Int>] {
        let all = spans.reduce(0) { $0 + $1.count }
        return spans.flatMap { span in
            let parts = max(1, (count * span.count + all / 2) / all)
            let vectors = span.count / Plan.alignment
            return (0..<parts).map { part in
                span.lowerBound + Plan.alignment * (vectors * part / parts)..<span.lowerBound + Plan.alignment
                    * (vectors * (part + 1) / parts)
            }
        }
    }

    private static func resolve(_ choice: Choice) throws(EngineError) -> (Settings, Optimizer) {
        let settings = try Settings(choice, in: .optimizer, place: "training.optimizer")
        return (settings, Catalogue.optimizers.first { $0.entry.id == settings.entry.id }!)
    }

    /// Checks a choice of optimizer without taking it.
    static func check(_ choice: Choice) throws(EngineError) { _ = try resolve(choice) }

    var learningRate: Double { settings.real("learningRate") }

    /// Takes another optimizer, or new settings of the present one, which keeps its state.
    func apply(_ choice: Choice) throws(EngineError) {
        let (settings, optimizer) = try Self.resolve(choice)
        if optimizer.entry.id != self.optimizer.entry.id {
            slots = try optimizer.slots.map { _ throws(EngineError) in try Block(count: parameters.count) }
            steps = 0
        }
        self.settings = settings
        self.optimizer = optimizer
        prepare()
    }

    /// Forgets the state.
    func reset() {
        for slot in slots { slot.fill(0) }
        steps = 0
    }

    private func prepare() { call = Self.call(optimizer, settings) }

    /// A choice of optimizer as its kernel takes it, and its learning rate.
    static func call(_ choice: Choice) throws(EngineError) -> (call: lc_update, learningRate: Double) {
        let (settings, optimizer) = try resolve(choice)
        return (call(optimizer, settings), settings.real("learningRate"))
    }

    private static func call(_ optimizer: Optimizer, _ settings: Settings) -> lc_update {
        let p = settings.parameters.dropFirst() + Array(repeating: 0, count: 6)
        let knobs = Array(p.prefix(6))
        var call = lc_update()
        call.kind = lc_optimizer_index(optimizer.entry.id)
        call.p = (knobs[0], knobs[1], knobs[2], knobs[3], knobs[4], knobs[5])
        precondition(call.kind >= 0, "no kernel for \(optimizer.entry.id)")
        precondition(Int(lc_optimizer_slots(call.kind)) == optimizer.slots.count, "the kernel has other slots")
        return call
    }

    /// One update from gradients summed over `count` samples, of which one that counts in part is a part.
    ///
    /// g = gradient / count, times min(1, clipNorm / (‖g‖ + 1e-6)); the optimizer's step; then the decay at the
    /// weight before it: w ← w − rate · (l2 · w₀ + l1 · sign w₀), 0 where l1 would cross it.
    /// - Returns: whether a parameter is no longer finite.
    func update(count: Double, rate: Double, l1: Double, l2: Double, clipNorm: Double?) -> Bool {
        steps += 1
        var scale = 1 / count
        if let clipNorm {
            let squares = trained.reduce(0) {
                $0 + kernels.pointee.sumOfSquares(gradients.base + $1.lowerBound, Int64($1.count))
            }
            let norm = squares.squareRoot() * scale
            scale *= min(1, clipNorm / (norm + 1e-6))
        }
        call.scale = Float(scale)
        call.learningRate = rate
        call.step = Int64(steps)
        (self.l1, self.l2) = (l1, l2)
        if !locked.isEmpty { return updateAroundLocked() }
        return updateAll()
    }

    /// Keeps these parameters as they are from now on, and lets all others learn.
    func lock(_ places: [Int]) { locked = places.map { ($0, 0) } }

    /// The same as without locks for all other parameters; of the locked ones the optimizer remembers nothing.
    private func updateAroundLocked() -> Bool {
        for index in locked.indices {
            let place = locked[index].place
            locked[index].value = parameters.base[place]
            gradients.base[place] = 0
        }
        let diverged = updateAll()
        for (place, value) in locked {
            parameters.base[place] = value
            for slot in slots { slot.base[place] = 0 }
        }
        return diverged
    }

    private func updateAll() -> Bool {
        if let only { return update(only) }
        guard let team else {
            var diverged = false
            for index in parts.indices where update(parts[index]) { diverged = true }
            return diverged
        }
        diverged.store(false, ordering: .relaxed)
        team.run(self, parts: parts.count)
        return diverged.load(ordering: .relaxed)
    }

    /// The next update, for a backend to do.
    func deviceUpdate(count: Double, rate: Double, l1: Double, l2: Double, clipNorm: Double?) -> UpdateStep {
        steps += 1
        var call = call
        call.scale = Float(1 / count)
        call.learningRate = rate
        call.step = Int64(steps)
        return UpdateStep(call: call, samples: count, l1: l1, l2: l2, clipNorm: clipNorm)
    }

    /// Does an update on the processor that a backend failed to do.
    func repeatUpdate(_ step: UpdateStep) -> Bool {
        steps = Int(step.call.step) - 1
        return update(
            count: step.samples, rate: step.call.learningRate, l1: step.l1, l2: step.l2, clipNorm: step.clipNorm)
    }

    /// The factor of the sums of gradients in the last update: one by the samples, and less where the gradient was clipped.
    var scale: Float { call.scale }

    /// The index of the optimizer's kernel.
    var kind: Int32 { call.kind }

    override func work(_ part: Int, thread: Int) {
        if update(parts[part]) { diverged.store(true, ordering: .relaxed) }
    }

    /// The optimizer's step and the decay for a span of the flat parameters.
    private func update(_ span: Range<Int>) -> Bool {
        let start = span.lowerBound
        let decaying = l1 != 0 || l2 != 0 ? max(0, min(span.upperBound, decayingCount) - start) : 0
        if decaying > 0 { (previous.base + start).update(from: parameters.base + start, count: decaying) }
        var call = call
        let diverged = kernels.pointee.update(
            &call, parameters.base + start, gradients.base + start, slots.first.map { $0.base + start },
            slots.count > 1 ? slots[1].base + start : nil, Int64(span.count))
        if decaying > 0, !diverged {
            kernels.pointee.decay(
                parameters.base + start, previous.base + start, Int64(decaying), Float(call.learningRate), Float(l1),
                Float(l2))
        }
        return diverged
    }
}
