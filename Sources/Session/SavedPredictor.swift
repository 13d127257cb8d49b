import Datasets
import Engine

/// A trained network that is asked about the rows of a table, or about images.
public final class SavedPredictor {
    /// The answers for some rows.
    public struct Answers: Sendable {
        /// For each output unit a value for each row; a regression's in original units. Of a reconstruction its error alone: the
        /// mean of (x̂ − x)² over a row's values, as the network takes them.
        public var outputs: [[Float]]
        /// The class of each row, an index into the names; empty for regression and reconstruction.
        public var classes: [Int]
        /// The answers of each rival, in the order of `rivals`.
        public var rivals: [RivalAnswers] = []
    }

    /// The answers of a rival for some rows.
    public struct RivalAnswers: Sendable {
        /// The class of each row, an index into `rivalClasses`; empty for values.
        public var classes: [Int]
        /// Of each row the value in original units; empty for classes.
        public var values: [Float]
    }

    /// The classes' names in the order of their outputs; empty for regression and reconstruction.
    public let classes: [String]
    /// Whether it gives back its input, so that the answers are errors.
    public let reconstructs: Bool
    /// Whether an output is the probability of its class: with the losses that learn towards 0 and 1.
    public let givesProbabilities: Bool
    /// Notes on the weights for the user.
    public let notes: [String]
    public var outputCount: Int { reconstructs ? 1 : predictor.outputCount }
    /// Whether it answers images in place of rows.
    public var takesImages: Bool { image != nil }

    private let experiment: Experiment
    /// The columns of generated data, whose record names none.
    private let columns: [String]
    private let record: DataRecord
    /// The images' shape; nil: it takes rows of a table.
    private let image: Shape?
    private let predictor: any Predictor
    /// The rivals that the file holds fitted, beside what answers first.
    private let rivalPredictors: [RivalPredictor]
    /// The names of their columns: "svm", and of a second one "svm 2".
    public let rivals: [String]
    /// The names of the classes that rivals answer; empty: they answer values.
    public var rivalClasses: [String] { record.classes }

    /// Reads the weights, and the training data only where the weights do not say what they were trained with.
    /// - Throws: weights that do not fit, data that cannot be read.
    public init(_ source: ExperimentSource, weights: String, threads: Int) throws(ExperimentError) {
        let checkpoint = try Checkpoint(readingFrom: weights)
        experiment = source.experiment
        let dataset = experiment.data.dataset.id
        guard !Datasets.areGames(dataset) else {
            throw ExperimentError(
                .malformed, place: weights,
                message:
                    "expected weights that were trained on the columns of a table or on images, found some for the game "
                    + "\(quoted(dataset)), which has no rows to be answered; open it to see it played")
        }
        guard !Datasets.areSequences(dataset) else {
            throw ExperimentError(
                .malformed, place: weights,
                message:
                    "expected weights that were trained on the columns of a table or on images, found some for the "
                    + "sequences of \(quoted(dataset)): only rows of tables and images are answered")
        }
        var columns: [String] = []
        let saved = try checkpoint.record()
        let areImages = Datasets.areImages(experiment.data.dataset.id)
        if let saved, areImages ? saved.image != nil && !saved.classes.isEmpty : !saved.columns.isEmpty {
            record = saved
        } else {
            do throws(DataError) {
                let data = try prepare(
                    experiment.data, features: experiment.features, directory: source.directory, record: saved)
                record = data.record
                columns = data.columns.map(\.name)
            } catch { throw ExperimentError(error) }
        }
        if areImages, let shape = record.image {
            let channels = shape.axes[0]
            guard [1, 3].contains(channels), record.featureMeans.count == channels,
                record.featureScales.count == channels
            else {
                throw ExperimentError(
                    .malformed, place: weights,
                    message: "expected a mean and a scale for each of 1 or 3 channels, found "
                        + "\(record.featureMeans.count) and \(record.featureScales.count) for \(channels)")
            }
        }
        self.columns = columns
        image = areImages ? record.image : nil
        reconstructs = Catalogue.task(.regression, of: experiment.training.procedure) == .reconstruction
        let whole = experiment.network(
            input: image ?? Shape(record.featureMeans.count),
            task: record.classes.isEmpty ? .regression : .classification(classes: record.classes.count))
        // Of a generator and a discriminator the second answers: whether a sample is real.
        let discriminator: StandaloneDiscriminator?
        do throws(EngineError) {
            discriminator = whole.generated == nil ? nil : try StandaloneDiscriminator(whole)
        } catch { throw ExperimentError(error) }
        classes = discriminator != nil ? ["generated", "real"] : reconstructs ? [] : record.classes
        let description = discriminator?.network ?? whole
        let network: Network
        do throws(EngineError) {
            network = try Network(description, capacity: 512, threads: threads)
        } catch { throw ExperimentError(error) }
        let outline: Outline
        do throws(EngineError) { outline = try whole.outline() } catch { throw ExperimentError(error) }
        let (parameters, notes) = try checkpoint.parameters(outline)
        network.load(parameters: discriminator?.parameters(of: parameters) ?? parameters)
        self.notes = notes
        let fitted = try Self.rivals(
            experiment, checkpoint, network, width: discriminator == nil ? description.inputWidth : nil,
            classes: record.classes.isEmpty ? nil : record.classes.count, threads: threads)
        // Where no network has learned, the first rival answers.
        if !Catalogue.trainsNetwork(experiment.training.procedure) {
            guard let first = fitted.first else {
                throw ExperimentError(
                    .malformed, place: weights,
                    message: "no rival is fitted in it, and no network has learned; save it again when one is")
            }
            (predictor, givesProbabilities) = (first.predictor, first.predictor.givesProbabilities)
            (rivals, rivalPredictors) = (fitted.dropFirst().map(\.name), fitted.dropFirst().map(\.predictor))
        } else {
            predictor = network
            givesProbabilities =
                description.rule == .gradient && !reconstructs
                && Catalogue.givesProbabilities(loss: description.loss.id)
            (rivals, rivalPredictors) = (fitted.map(\.name), fitted.map(\.predictor))
        }
    }

    /// The rivals that a file holds fitted.
    /// - Parameter width: values of a row; nil: the network does not take rows.
    private static func rivals(
        _ experiment: Experiment, _ checkpoint: Checkpoint, _ network: Network, width: Int?, classes: Int?, threads: Int
    ) throws(ExperimentError) -> [(name: String, predictor: RivalPredictor)] {
        guard let width else { return [] }
        var found: [(name: String, predictor: RivalPredictor)] = []
        for (index, choice) in experiment.rivals.enumerated() {
            let layer = choice.rivalLayer.flatMap { network.outline.path(named: $0) }
            let values = layer.flatMap { network.outline[$0]?.output.count } ?? width
            guard
                let model = try checkpoint.rival(index, choice, form: RivalForm(width: values, classes: classes))
            else { continue }
            let number = found.filter { $0.name.split(separator: " ")[0] == choice.id }.count + 1
            found.append(
                (
                    number > 1 ? "\(choice.id) \(number)" : choice.id,
                    RivalPredictor(model, network: network, layer: layer, threads: threads)
                ))
        }
        return found
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

    /// Reads images, brought to the training images' size and standardized as these.
    /// - Parameter paths: of pictures, folders or lists of them, and IDX files.
    public func images(at paths: [String]) throws(ExperimentError) -> PictureRows {
        guard let image else { preconditionFailure("it answers rows of a table") }
        do throws(DataError) {
            return try PictureRows(paths: paths, shape: image, record: record)
        } catch { throw ExperimentError(error) }
    }

    /// - Parameter inputs: standardized, as `TableRows` and `PictureRows` have them.
    /// - Throws: memory that is not to be had.
    public func answers(to inputs: SampleStore) throws(ExperimentError) -> Answers {
        var outputs: [[Float]]
        do throws(EngineError) {
            outputs = try predictor.outputs(at: FixedInputs(inputs, count: inputs.count))
        } catch { throw ExperimentError(error) }
        if reconstructs {
            let errors = (0..<inputs.count).map { row in
                outputs.indices.reduce(Float(0)) { sum, unit in
                    let distance = outputs[unit][row] - inputs[row, unit]
                    return sum + distance * distance
                } / Float(outputs.count)
            }
            return Answers(outputs: [errors], classes: [], rivals: try rivalAnswers(to: inputs))
        }
        guard !classes.isEmpty else {
            for row in outputs[0].indices { outputs[0][row] = outputs[0][row] * record.targetScale + record.targetMean }
            return Answers(outputs: outputs, classes: [], rivals: try rivalAnswers(to: inputs))
        }
        return Answers(
            outputs: outputs, classes: predictor.classes(of: outputs), rivals: try rivalAnswers(to: inputs))
    }

    private func rivalAnswers(to inputs: SampleStore) throws(ExperimentError) -> [RivalAnswers] {
        var answers: [RivalAnswers] = []
        for rival in rivalPredictors {
            let outputs: [[Float]]
            do throws(EngineError) {
                outputs = try rival.outputs(at: FixedInputs(inputs, count: inputs.count))
            } catch { throw ExperimentError(error) }
            answers.append(
                record.classes.isEmpty
                    ? RivalAnswers(
                        classes: [], values: outputs[0].map { $0 * record.targetScale + record.targetMean })
                    : RivalAnswers(classes: rival.classes(of: outputs), values: []))
        }
        return answers
    }
}
