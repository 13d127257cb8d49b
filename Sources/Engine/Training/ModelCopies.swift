/// Copies of a model that learn together, each in a place of its own with the same samples: each does its part of every
/// batch, their gradients are added up, and all take the same step. The engine does not know the ways between them.
///
/// Every copy calls the same functions in the same order; each call waits for all.
public protocol ModelCopies: AnyObject, Sendable {
    /// Copies, at least 1.
    var count: Int { get }
    /// The place of this copy among them, from 0.
    var place: Int { get }
    /// Whether layers that compare the samples of a batch compare those of all copies; else each its own.
    var normalizeTogether: Bool { get }

    /// Leaves in every copy the sums over all copies, to the same bits.
    func sum(_ values: UnsafeMutableBufferPointer<Float>)
    func sum(_ values: UnsafeMutableBufferPointer<Double>)
    /// Leaves in every copy the values of the first.
    func spread(_ values: UnsafeMutableBufferPointer<Double>)
}

extension ModelCopies {
    /// The part of a batch that this copy does; of fewer samples than copies it may be empty.
    func share(of samples: Int) -> Range<Int> { samples * place / count..<samples * (place + 1) / count }

    /// The samples of the largest part of a batch.
    func largestShare(of samples: Int) -> Int { (samples + count - 1) / count }

    /// - Throws: that the copies cannot share the batches of such a network.
    func check(_ program: Program, _ batches: Batches) throws(EngineError) {
        guard !program.carriesState else {
            throw EngineError(
                place: "layers",
                message: "the network carries a state from batch to batch, which copies that share the batches "
                    + "do not hold")
        }
        let compared = (program.trainingForward + program.backward).filter(\.primitive.isAcrossBatch)
        if let other = compared.first(where: { $0.primitive.amongCopies == nil }) {
            throw EngineError(
                place: "layers",
                message: "\(other.primitive.id) compares all samples of a batch, which copies that share the batches "
                    + "do not see")
        }
        guard !compared.isEmpty, !normalizeTogether else { return }
        let rest = batches.samples % batches.size
        let smallest = rest >= batches.smallest && batches.last != .drop ? rest : batches.size
        guard smallest / count >= batches.smallest else {
            throw EngineError(
                place: "training.batchSize",
                message: "batch normalization compares the samples of a batch: each of \(count) copies needs at least "
                    + "\(batches.smallest), but the smallest batch has \(smallest); let the copies normalize together, or raise "
                    + "the batch size")
        }
    }
}

extension Program {
    /// The running statistics among the flat parameters, which follow the batches.
    var runningStatistics: [Range<Int>] {
        trainingForward.filter(\.primitive.isAcrossBatch).flatMap { $0.slices(.writes) }
            .filter { $0.block == .parameters }.map { $0.offset..<($0.offset + $0.count) }
    }
}

extension GradientDescent {
    /// Adds up the gradients of all copies. Running statistics of which each copy has its own become their mean, weighted by
    /// the samples of each.
    /// - Parameter samples: of the batch that the copies have shared.
    func sumAmongCopies(_ copies: any ModelCopies, samples: Int) {
        let (parameters, gradients) = (model.parameterBlock, model.gradientBlock)
        let spans = copies.normalizeTogether ? [] : model.plan.program.runningStatistics
        // They have no gradients: their places are free.
        let weight = Float(copies.share(of: samples).count) / Float(samples)
        for place in spans.joined() { gradients.base[place] = weight * parameters.base[place] }
        copies.sum(gradients.values)
        for place in spans.joined() {
            parameters.base[place] = gradients.base[place]
            gradients.base[place] = 0
        }
    }
}

extension Evaluation {
    /// Takes the first copy's quantities: processors that round differently must not end a run at different epochs.
    mutating func agree(_ copies: any ModelCopies) {
        var numbers = values.map { $0 ?? .nan }
        numbers.withUnsafeMutableBufferPointer { copies.spread($0) }
        for (index, metric) in metrics.enumerated() where values[index] != nil { self[metric.id] = numbers[index] }
    }
}
