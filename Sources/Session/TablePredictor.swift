import Datasets
import Engine

/// A trained network that is asked about the rows of a table.
public final class TablePredictor {
    /// The answers for some rows.
    public struct Answers: Sendable {
        /// For each output unit a value for each row; a regression's in original units.
        public var outputs: [[Float]]
        /// The class of each row, an index into the names; empty for regression.
        public var classes: [Int]
    }

    /// The classes' names in the order of their outputs; empty for regression.
    public let classes: [String]
    /// Whether an output is the probability of its class: with the losses that learn towards 0 and 1.
    public let givesProbabilities: Bool
    /// Notes on the weights for the user.
    public let notes: [String]
    public var outputCount: Int { predictor.outputCount }

    private let experiment: Experiment
    /// The columns of generated data, whose record names none.
    private let columns: [String]
    private let record: DataRecord
    private let predictor: any Predictor

    /// Reads the weights, and the training data only where the weights do not say what they were trained with.
    /// - Throws: weights that do not fit, data that cannot be read.
    public init(_ source: ExperimentSource, weights: String, threads: Int) throws(ExperimentError) {
        let checkpoint = try Checkpoint(readingFrom: weights)
        experiment = source.experiment
        let dataset = experiment.data.dataset.id
        guard !Datasets.areImages(dataset) else {
            throw ExperimentError(
                .malformed, place: weights,
                message: "expected weights that were trained on the columns of a table, found some for the images of "
                    + "\(quoted(dataset)): only rows of tables are answered")
        }
        var columns: [String] = []
        let saved = try checkpoint.record()
        if let saved, !saved.columns.isEmpty {
            record = saved
        } else {
            do throws(DataError) {
                let data = try prepare(
                    experiment.data, features: experiment.features, directory: source.directory, record: saved)
                record = data.record
                columns = data.columns.map(\.name)
            } catch { throw ExperimentError(error) }
        }
        self.columns = columns
        classes = record.classes
        let description = experiment.network(
            input: Shape(record.featureMeans.count),
            task: classes.isEmpty ? .regression : .classification(classes: classes.count))
        givesProbabilities =
            description.rule == .gradient
            && (description.loss.id == "binaryCrossEntropy" || description.loss.id == "softmaxCrossEntropy")
        let network: Network
        do throws(EngineError) {
            network = try Network(description, capacity: 512, threads: threads)
        } catch { throw ExperimentError(error) }
        predictor = network
        let (parameters, notes) = try checkpoint.parameters(network.outline)
        network.load(parameters: parameters)
        self.notes = notes
    }

    /// Reads a table with the columns, categories and moments of the training rows.
    /// - Parameter path: "-" is standard input.
    public func rows(of path: String) throws(ExperimentError) -> TableRows {
        do throws(DataError) {
            return try TableRows(
                path: FilePath.isStandardInput(path) ? "-" : path, name: TablePath.title(path),
                description: experiment.data,
                features: experiment.features, record: record, columns: columns)
        } catch { throw ExperimentError(error) }
    }

    /// - Parameter inputs: standardized, as `TableRows` has them.
    /// - Throws: memory that is not to be had.
    public func answers(to inputs: SampleStore) throws(ExperimentError) -> Answers {
        var outputs: [[Float]]
        do throws(EngineError) {
            outputs = try predictor.outputs(at: FixedInputs(inputs, count: inputs.count))
        } catch { throw ExperimentError(error) }
        guard !classes.isEmpty else {
            for row in outputs[0].indices { outputs[0][row] = outputs[0][row] * record.targetScale + record.targetMean }
            return Answers(outputs: outputs, classes: [])
        }
        return Answers(outputs: outputs, classes: predictor.classes(of: outputs))
    }
}
