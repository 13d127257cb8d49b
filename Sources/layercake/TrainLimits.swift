import ArgumentParser
import Session

/// The checks of the options that every command has which trains one experiment, whatever its processes.
enum TrainLimits {
    /// - Parameters:
    ///   - counts: options of whole numbers, by their names, and the most that each may be.
    ///   - files: options that name files, by their names.
    static func check(
        counts: KeyValuePairs<String, (value: Int?, most: Int)>, seed: UInt64?, files: KeyValuePairs<String, String?>
    ) throws {
        try Failure.checkNamed(files)
        for (name, count) in counts {
            if let value = count.value, !(1...count.most).contains(value) {
                throw ValidationError("--\(name): expected 1 to \(count.most), found \(value)")
            }
        }
        if let seed, seed > 1 << 53 { throw ValidationError("--seed: expected at most 2^53, found \(seed)") }
    }

    static let (mostEpochs, mostSteps, mostThreads) = (1_000_000_000, 1_000_000_000_000, 256)
}

extension Experiment {
    /// Takes the options in place of its own seed and its own end; an experiment without an end has one of 1,000 epochs.
    /// - Parameter isLimited: the options say when it ends.
    mutating func take(seed: UInt64?, isLimited: Bool) {
        if let seed { self.seed = seed }
        if isLimited {
            training.stop = Experiment.Stop()
        } else if training.stop == Experiment.Stop() {
            training.stop.epochs = 1000
        }
    }
}
