import Basics
import Datasets
import Engine

/// An experiment with its data, its network and the order of its first samples, for the programs that build it anew.
struct ExportedTraining {
    @Boxed private(set) var experiment: Experiment
    /// The experiment's name as a file's: "spiral".
    let name: String
    let network: ExportedNetwork
    @Boxed private(set) var data: PreparedData
    @Boxed private(set) var learning: LearningDescription
    /// The passes of the first steps; empty: the format needs none.
    let passes: [TrainingPass]

    /// Steps whose samples travel with a script.
    static let steps = 100

    /// The fewest samples of a training batch.
    let smallestBatch: Int
    /// The curves of the epochs that it was trained before.
    let history: History

    /// - Parameter isTraining: whether the format trains, so that the procedure must be one that it knows.
    init(_ request: ExportRequest, isTraining: Bool) throws(ExperimentError) {
        let trainer = try request.trainer()
        let (experiment, data) = (trainer.experiment, trainer.data.learned)
        let learning = experiment.learning
        self.experiment = experiment
        self.data = data
        self.learning = learning
        (name, history) = (request.name, trainer.history)
        guard data.schema.environment == nil else {
            throw ExperimentError(
                .malformed, place: "data", message: "a game has no samples to take along; choose other data")
        }
        guard Catalogue.trainsNetwork(learning.procedure) else {
            throw ExperimentError(
                .malformed, place: "training.procedure",
                message:
                    "\(learning.procedure.id) trains rivals alone, and there is no network to write; choose another procedure"
            )
        }
        let procedure = trainer.procedure
        guard procedure.model.network.generated == nil else {
            throw ExperimentError(
                .malformed, place: "training.procedure",
                message:
                    "a generator and its discriminator are two networks, which no format writes; choose another procedure"
            )
        }
        smallestBatch = procedure.outline.smallestBatch
        network = try ExportedNetwork(procedure.model.network, parameters: procedure.parameters)
        guard isTraining else {
            passes = []
            return
        }
        guard Self.procedures.contains(learning.procedure.id),
            let passes = procedure.firstPasses(steps: Self.steps, seed: experiment.seed)
        else {
            throw ExperimentError(
                .malformed, place: "training.procedure",
                message:
                    "a script learns by \(listed(Self.procedures)), found \(learning.procedure.id); choose one of these, "
                    + "or another format")
        }
        self.passes = passes
    }

    /// The procedures that a script can write out: gradient descent from samples and nothing else.
    static let procedures = Catalogue.descentProcedures

    /// Whether an epoch's last gradients wait for the next update.
    var carriesGradients: Bool {
        learning.lastBatch == .carry && !network.output.carriesState
            && trainSamples.count % min(learning.batchSize, trainSamples.count) != 0
    }

    /// Whether training changes inputs or values at random, so that another program's steps are others.
    var isRandom: Bool { !learning.augment.isEmpty || corruption != nil || network.output.drawsInTraining }

    /// How PyTorch corrupts the inputs of an autoencoder; nil: they are taken as they are.
    var corruption: String? {
        learning.corruption.flatMap { TorchParts.corruptions[$0.id]?($0.complete(in: .corruption)) }
    }
}
