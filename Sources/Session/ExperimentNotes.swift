import Datasets
import Engine

extension Experiment {
    /// Hints to the user about the network with its samples.
    public func notes(on data: PreparedData, for outline: Outline) -> [String] {
        learning.notes(of: data.train.count, for: outline)
            + [foretells(data) ? outline.foretellingNote : nil].compactMap(\.self)
    }

    /// Whether the network is to foretell at each step the next one, which stands in its input.
    func foretells(_ data: PreparedData) -> Bool {
        data.foretellsInputs && Catalogue.task(data.task, of: training.procedure) != .reconstruction
    }
}
