import Datasets
import Engine

/// The entries of the lists with which an experiment begins.
extension Experiment {
    /// The experiment whose settings are all at their defaults.
    static let blank = Experiment(data: DataDescription(dataset: Choice("circle")), layers: [])

    /// The output's activation and loss where the user begins to choose them.
    static let chosenOutput = (activation: Choice("tanh"), loss: Choice("squaredError"))

    /// The experiment that a table is opened as: two hidden layers, wider for more columns; the label decides on the
    /// output, its activation and the loss.
    /// - Parameter file: relative to the experiment's folder, or "-".
    init(table file: String, columns: Int) {
        let units = columns <= 10 ? 8 : columns <= 100 ? 16 : 32
        let layer = Choice("dense", ["units": .integer(units), "activation": .choice(Choice("relu"))])
        self.init(data: DataDescription(dataset: Choice("csv", ["file": .text(file)])), layers: [layer, layer])
        training.optimizer = Choice("adam")
        training.shuffle = true
    }

    /// The experiment that images are opened as: two convolutions with pooling, then a dense layer.
    /// - Parameter dataset: that reads them.
    init(images dataset: Choice) {
        func convolution(_ filters: Int) -> [Choice] {
            [
                Choice("conv2d", ["filters": .integer(filters), "padding": .text("same")]),
                Choice("maxPool"),
            ]
        }
        self.init(
            data: DataDescription(dataset: dataset),
            layers: convolution(8) + convolution(16) + [
                Choice("dense", ["units": .integer(32), "activation": .choice(Choice("relu"))])
            ])
        training.optimizer = Choice("adam", ["learningRate": .real(0.003)])
        training.batchSize = 32
        training.shuffle = true
        output.loss = Choice("softmaxCrossEntropy")
        output.initializer = Choice("xavierUniform")
        view.epochsPerSecond = nil
    }
}
