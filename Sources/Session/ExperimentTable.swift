import Datasets
import Engine

/// What `layercake describe` prints: the stack as a table, then data, loss and optimizer.
public struct ExperimentTable: Sendable {
    public let text: String

    /// - Throws: `ExperimentError`, `DataError` or `EngineError`: what keeps the experiment from being trained.
    public init(_ source: ExperimentSource) throws {
        let experiment = source.experiment
        let data = try prepare(experiment.data, features: experiment.features, directory: source.directory)
        let network = experiment.network(for: data)
        let outline = try network.outline()
        let title = experiment.title.isEmpty ? source.name : experiment.title
        let parts = [
            title, Self.layers(outline, input: data.features), Self.facts(experiment, data, network, outline),
        ]
        text = parts.joined(separator: "\n\n")
    }

    /// Layer, output shape, parameters and their memory, with totals.
    private static func layers(_ outline: Outline, input features: [String]) -> String {
        var rows = [["layer", "activation", "output", "parameters", "memory"]]
        rows.append(["input", "", outline.input.description, "0", bytes(0)])
        for layer in outline.layers {
            let name = layer.index.map { "\($0) \(layer.title)" } ?? layer.title
            let activation = layer.activation.map { words($0, in: .activation) } ?? ""
            rows.append([
                name, activation, layer.output.description, grouped(layer.parameterCount),
                bytes(layer.parameterCount * MemoryLayout<Float>.size),
            ])
        }
        rows.append([
            "total", "", "", grouped(outline.parameterCount), bytes(outline.parameterCount * MemoryLayout<Float>.size),
        ])
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            row.enumerated().map { column, cell in
                let gap = String(repeating: " ", count: widths[column] - cell.count)
                return column < 2 ? cell + gap : gap + cell
            }.joined(separator: "  ")
        }
        let rule = String(repeating: "─", count: widths.reduce(0, +) + 2 * (widths.count - 1))
        return ([lines[0], rule] + lines[1..<(lines.count - 1)] + [rule, lines[lines.count - 1]]).joined(
            separator: "\n")
    }

    private static func facts(
        _ experiment: Experiment, _ data: PreparedData, _ network: NetworkDescription, _ outline: Outline
    ) -> String {
        let training = experiment.training
        var facts: [(String, String)] = []
        facts.append(("data", dataset(experiment.data)))
        facts.append(("points", "\(grouped(data.train.count)) training, \(grouped(data.test.count)) test"))
        switch data.task {
        case .regression: facts.append(("task", "regression"))
        case .classification(let classes):
            facts.append(("task", "classification, \(classes) classes: \(data.classNames.joined(separator: ", "))"))
        }
        facts.append(("features", data.features.joined(separator: ", ")))
        facts.append(("loss", words(network.loss, in: .loss)))
        if training.rule != .gradient { facts.append(("rule", training.rule.rawValue)) }
        facts.append(("optimizer", words(training.optimizer, in: .optimizer)))
        facts.append(("schedule", words(training.schedule, in: .schedule)))
        let order = training.shuffle ? "shuffled every epoch" : "in a fixed order"
        facts.append(("batch", "\(training.batchSize) points, \(order), last batch: \(training.lastBatch.rawValue)"))
        facts.append(("regularization", regularization(training)))
        if let norm = training.clipNorm { facts.append(("clip norm", JSONPrinter.number(norm))) }
        facts.append(("stop", stop(training.stop)))
        facts.append(("seed", "\(experiment.seed) for the weights, \(experiment.data.seed) for the data"))
        let batch = min(training.batchSize, max(1, data.train.count))
        let memory = outline.trainingBytes(batchSize: batch, slots: experiment.learning.optimizerSlots)
        facts.append(("memory", "\(bytes(memory)) for training: parameters, gradients, optimizer and one batch"))
        let width = facts.map(\.0.count).max() ?? 0
        return facts.map { name, value in
            name + String(repeating: " ", count: width - name.count + 2) + value
        }.joined(separator: "\n")
    }

    private static func dataset(_ data: DataDescription) -> String {
        guard let entry = Datasets.entry(data.dataset.id) else { return data.dataset.id }
        return describe(entry, data.dataset)
    }

    private static func words(_ choice: Choice, in list: CatalogueList) -> String {
        guard let entry = Catalogue.entry(list, choice.id) else { return choice.id }
        return describe(entry, choice)
    }

    /// "adam (learningRate 0.001, beta1 0.9, …)".
    private static func describe(_ entry: Entry, _ choice: Choice) -> String {
        let settings = entry.knobs.map { "\($0.name) \(choice.value(of: $0).json(kind: $0.kind).plain)" }
        return settings.isEmpty ? entry.id : "\(entry.id) (\(settings.joined(separator: ", ")))"
    }

    private static func regularization(_ training: Experiment.Training) -> String {
        let rates = [("L1", training.l1), ("L2", training.l2)].filter { $0.1 > 0 }
        return rates.isEmpty ? "none" : rates.map { "\($0.0) \(JSONPrinter.number($0.1))" }.joined(separator: ", ")
    }

    private static func stop(_ stop: Experiment.Stop) -> String {
        var words: [String] = []
        if let epochs = stop.epochs { words.append("epoch \(grouped(epochs))") }
        if let steps = stop.steps { words.append("step \(grouped(steps))") }
        if let loss = stop.trainLoss { words.append("training loss \(JSONPrinter.number(loss))") }
        if let loss = stop.testLoss { words.append("test loss \(JSONPrinter.number(loss))") }
        if let patience = stop.patience { words.append("\(grouped(patience)) epochs without a better test loss") }
        return words.isEmpty ? "never" : words.joined(separator: ", or ")
    }

    /// Digits in groups of three.
    private static func grouped(_ number: Int) -> String {
        var text = ""
        for (index, digit) in String(number).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }

    private static func bytes(_ count: Int) -> String {
        var value = Double(count)
        for unit in ["B", "kB", "MB"] {
            if value < 1000 {
                let rounded = value < 10 && unit != "B" ? (value * 10).rounded() / 10 : value.rounded()
                return "\(JSONPrinter.number(rounded)) \(unit)"
            }
            value /= 1000
        }
        return "\(JSONPrinter.number((value * 10).rounded() / 10)) GB"
    }
}

extension JSON {
    /// A value without the quotes of texts.
    fileprivate var plain: String {
        if case .string(let text) = self { return text }
        return text(compact: true)
    }
}
