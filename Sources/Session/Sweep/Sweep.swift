import Engine

/// A grid of variants of one experiment: every combination of the axes' values, each with so many seeds.
public struct Sweep: Sendable {
    /// One network of the grid.
    public struct Cell: Sendable, Hashable {
        /// One for each axis.
        public let values: [JSON]
        public let seed: UInt64
        public let experiment: Experiment
    }

    /// The result of a cell.
    public struct Result: Sendable, Hashable {
        /// By the ids of the sweep's metrics; none for one that is not finite, or has no samples.
        public var values: [String: Double]
        public var diverged: Bool
        public init(_ values: [String: Double], diverged: Bool) {
            (self.values, self.diverged) = (values, diverged)
        }
    }

    /// The quantities of a cell: the losses, which networks that train side by side measure too; of games all.
    public var metrics: [Metric] { experiment.sweptMetrics }

    /// The epochs of a run that neither `epochs` nor the experiment's own stop ends.
    public static let standardEpochs = 1000
    private static let mostCells = 1_000_000
    /// A document, its place in the plans and its result.
    private static let bytesPerCell = 4096

    public let experiment: Experiment
    /// The folder of relative data files.
    public let directory: String?
    public let axes: [SweepAxis]
    public let seeds: Int
    /// Every cell trains for exactly so many epochs; nil: to its experiment's stop.
    public let epochs: Int?
    /// The last axis changes first, then the one before; the seeds of a combination stand together.
    public let cells: [Cell]

    /// - Parameters:
    ///   - vary: one text for each axis (see `SweepAxis`).
    ///   - seeds: cells of each combination, with the experiment's seed and those above it.
    ///   - epochs: takes the place of the experiment's stop. Without it, and without epochs or steps in the stop, a
    ///     cell ends after `standardEpochs`.
    public init(_ experiment: Experiment, directory: String?, vary: [String], seeds: Int, epochs: Int?)
        throws(ExperimentError)
    {
        var axes: [SweepAxis] = []
        for text in vary {
            let axis = try SweepAxis(parsing: text, for: experiment)
            guard !axes.contains(where: { $0.key == axis.key }) else {
                throw SweepAxis.mistake(axis.key, "is varied twice; name all its values at once")
            }
            guard axis.key != "rivals", !axis.key.hasPrefix("rivals.") else {
                throw SweepAxis.mistake(axis.key, "a sweep trains networks without their rivals; \(Self.rivalsAdvice)")
            }
            guard axis.key != "seed" || seeds == 1 else {
                throw SweepAxis.mistake("seed", "--seeds varies the seed already; leave one of both out")
            }
            axes.append(axis)
        }
        try self.init(experiment, directory: directory, axes: axes, seeds: seeds, epochs: epochs)
    }

    init(
        _ experiment: Experiment, directory: String?, axes: [SweepAxis], seeds: Int, epochs: Int?
    ) throws(ExperimentError) {
        guard experiment.seed <= UInt64(1 << 53) - UInt64(seeds) else {
            throw ExperimentError(
                .arguments, place: "--seeds",
                message: "the seeds above \(experiment.seed) are not whole numbers to 2^53")
        }
        var count = seeds
        for axis in axes where count <= Self.mostCells { count *= axis.values.count }
        guard count <= Self.mostCells else {
            throw ExperimentError(
                .arguments, place: "--vary", message: "expected at most \(Self.mostCells) cells; name fewer values")
        }
        do throws(EngineError) {
            try MemoryRoom.require(
                count * Self.bytesPerCell, for: plural(count, "cell"), advice: "name fewer values")
        } catch { throw ExperimentError(.arguments, place: "--vary", message: error.message) }
        self.experiment = experiment
        self.directory = directory
        self.axes = axes
        self.seeds = seeds
        self.epochs = epochs
        cells = try Self.cells(of: experiment, axes: axes, seeds: seeds, epochs: epochs)
    }

    private static func cells(
        of experiment: Experiment, axes: [SweepAxis], seeds: Int, epochs: Int?
    ) throws(ExperimentError) -> [Cell] {
        // A cell trains what its values say; variants of the experiment need not go with them.
        var alone = experiment
        alone.compare = []
        var combinations: [(values: [JSON], experiment: Experiment)] = [([], alone)]
        for axis in axes {
            var next: [(values: [JSON], experiment: Experiment)] = []
            for combination in combinations {
                for value in axis.values {
                    do throws(ExperimentError) {
                        let changed = try combination.experiment.setting(axis.key, to: value)
                        next.append((combination.values + [value], changed))
                    } catch { throw SweepAxis.mistake(error.place, error.message) }
                }
            }
            combinations = next
        }
        var cells: [Cell] = []
        for (values, experiment) in combinations {
            var experiment = experiment
            experiment.training.stop = stop(of: experiment, epochs: epochs)
            let pairs = zip(axes, values).map { "\($0.key)=\($1.text(compact: true))" }.joined(separator: " ")
            // The last axis was set last: what it took from one before it must not go by that one's name.
            for (axis, value) in zip(axes, values) where try !experiment.keeps(value, at: axis.key) {
                throw SweepAxis.mistake(
                    pairs,
                    "these overwrite each other: \(axis.key) does not keep its value; vary them in sweeps of their own")
            }
            do throws(ExperimentError) {
                try experiment.validate()
                try checkNetwork(of: experiment)
            } catch {
                guard !axes.isEmpty else { throw error }
                throw SweepAxis.mistake(pairs, "\(error.place): \(error.message)")
            }
            for offset in 0..<seeds {
                var cell = experiment
                cell.seed += UInt64(offset)
                cells.append(Cell(values: values, seed: cell.seed, experiment: cell))
            }
        }
        return cells
    }

    private static func checkNetwork(of experiment: Experiment) throws(ExperimentError) {
        let procedure = experiment.training.procedure
        guard Catalogue.trainsNetwork(procedure) else {
            throw ExperimentError(
                .arguments, place: "training.procedure",
                message: "a sweep trains networks, and \(procedure.id) trains rivals alone; \(rivalsAdvice)")
        }
    }

    private static let rivalsAdvice =
        "compare rivals as those of one experiment: “rivals” takes several of one kind with other settings"

    private static func stop(of experiment: Experiment, epochs: Int?) -> Experiment.Stop {
        if epochs != nil { return Experiment.Stop() }
        var stop = experiment.training.stop
        if stop.epochs == nil, stop.steps == nil { stop.epochs = standardEpochs }
        return stop
    }
}

extension Sweep {
    /// The axes' keys as titles: the last part of a path where that tells them apart.
    public var shortKeys: [String] {
        let last = axes.map { $0.key.split(separator: ".").last.map(String.init) ?? $0.key }
        return Set(last).count == last.count ? last : axes.map(\.key)
    }
}

extension Experiment {
    /// Whether a setting still has the value that it was given; the name of a choice holds with any knobs.
    fileprivate func keeps(_ value: JSON, at key: String) throws(ExperimentError) -> Bool {
        switch (self.value(at: key), value) {
        case (.object(let members)?, .string(let id)) where members.first?.key == id: true
        case (let present?, _) where present == value: true
        default: try setting(key, to: value) == self
        }
    }
}

extension Experiment {
    /// The quantities that a sweep measures.
    var sweptMetrics: [Metric] {
        let own = Catalogue.metrics(of: training.procedure)
        let losses = Metric.supervised.filter { $0.plot == .loss }
        return Catalogue.learnsGames(training.procedure) || !losses.allSatisfy(own.contains) ? own : losses
    }
}
