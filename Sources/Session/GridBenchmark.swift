import Engine

/// A network's answers on a grid, as the decision boundary needs them.
final class GridRun: WorkloadRun {
    private let network: Network
    private let grid: FixedInputs
    private let wanted: [Network.Wanted]

    init(_ experiment: Experiment, threads: Int) throws(ExperimentError) {
        let trainer = try Trainer(experiment, threads: threads)
        let size = ViewRequest.Size(columns: 100, rows: 100)
        let rows = ForwardPass.gridRows(trainer.data, columns: [0, 1], size: size, vertices: false)
        do throws(EngineError) {
            grid = try FixedInputs(
                trainer.data.featureValues(of: rows, count: size.count), width: trainer.data.features.count)
            network = try Network(trainer.network, capacity: 512, threads: threads)
        } catch { throw ExperimentError(error) }
        network.load(parameters: trainer.procedure.parameters)
        wanted = [
            Network.Wanted(layer: network.outline.output, stage: .activation, unit: 0)
        ]
    }

    func work() -> Int {
        // Memory that is not there is work that is not done.
        (try? network.values(of: wanted, at: grid)) == nil ? 0 : 1
    }

    var loss: Double? { nil }
}
