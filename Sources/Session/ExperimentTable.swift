import Datasets
import Engine

/// The output of `layercake describe`: the stack, then the columns of a file, then data, loss and optimizer.
public struct ExperimentTable: Sendable {
    private let title: String
    private let experiment: Experiment
    private let data: PreparedData
    private let network: NetworkDescription
    private let outline: Outline
    /// The layers that start with another network's weights and those that do not, in words.
    private let initialNotes: [String]

    /// - Throws: `ExperimentError`, `DataError` or `EngineError`: what keeps the experiment from being trained.
    public init(_ source: ExperimentSource) throws {
        experiment = source.experiment
        data = try prepare(experiment.data, features: experiment.features, directory: source.directory)
        network = experiment.network(for: data)
        outline = try network.outline()
        try experiment.learning.checkBatches(of: data.train.count, for: outline)
        let weights = try InitialWeights.made(for: experiment, directory: source.directory, trains: false)
        try RivalSet.check(
            experiment.rivals, task: data.learned.task,
            network: Catalogue.trainsNetwork(experiment.training.procedure) ? network : nil)
        let (experiment, outline) = (experiment, outline)
        initialNotes = weights.map { $0.notes($0.match(outline, of: experiment)) } ?? []
        title = experiment.title.isEmpty ? source.name : experiment.title
    }

    /// Notes on the network with its samples.
    private var networkNotes: [String] { experiment.notes(on: data, for: outline) }

    public var text: String {
        var parts = [title]
        if Catalogue.trainsNetwork(experiment.training.procedure) { parts.append(Self.layers(outline)) }
        if let report = data.report {
            parts.append(Self.columns(report))
            parts.append("read as\n" + report.notes.map { "  " + $0 }.joined(separator: "\n"))
        }
        parts.append(Self.facts(experiment, data, network, outline, initialNotes))
        return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    /// Layer, output shape, parameters and their memory, with totals.
    static func layers(_ outline: Outline) -> String {
        var rows = [["layer", "activation", "output", "parameters", "memory"]]
        rows.append(["input", "", outline.input.description, "0", byteWords(0)])
        func add(_ layers: [Outline.Layer], indent: String) {
            for layer in layers {
                let title = ([layer.title] + layer.marks).joined(separator: ", ")
                let name = layer.index.map { "\($0) \(title)" } ?? title
                let activation = layer.activation.map { words($0, in: .activation) } ?? ""
                rows.append([
                    indent + name, activation, layer.output.description, grouped(layer.parameterCount),
                    byteWords(layer.parameterCount * MemoryLayout<Float>.size),
                ])
                for stack in layer.stacks {
                    // The shape in which the stack joins the others; an empty one is the identity.
                    let end = stack.layers.last?.output ?? layer.input
                    let words = stack.layers.isEmpty ? "\(stack.name) (identity)" : stack.name
                    rows.append([indent + "  " + words, "", end.description, "", ""])
                    add(stack.layers, indent: indent + "    ")
                }
            }
        }
        add(outline.layers, indent: "")
        rows.append([
            "total", "", "", grouped(outline.parameterCount),
            byteWords(outline.parameterCount * MemoryLayout<Float>.size),
        ])
        return table(rows, leading: 2, hasTotal: true)
    }

    /// The most columns of a file that the text shows; JSON has them all.
    private static let mostColumns = 100

    /// A file's columns: kind, the numbers' range or the texts, missing cells.
    private static func columns(_ report: TableReport) -> String {
        var rows = [["column", "kind", "values", "missing"]]
        for column in report.columns.prefix(mostColumns) {
            let kind = column.kind == .leftOut ? "left out" : column.kind.rawValue
            let range = column.range.map {
                "\(number($0.lowerBound)) to \(number($0.upperBound))"
            }
            let values = column.categories.isEmpty ? range : listed(column.categories)
            rows.append([
                shortened(column.name), kind, column.reason.isEmpty ? values ?? "" : column.reason,
                grouped(column.missing),
            ])
        }
        let rest = report.columns.count - mostColumns
        let more = rest > 0 ? "\n… and \(formatCount(rest, "more column"))" : ""
        return table(rows, leading: 3, hasTotal: false) + more
    }

    /// - Parameters:
    ///   - rows: the first has the columns' titles.
    ///   - leading: how many columns are aligned on the left.
    ///   - hasTotal: the last row stands below a rule.
    private static func table(_ rows: [[String]], leading: Int, hasTotal: Bool) -> String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let gap = String(repeating: " ", count: widths[column] - cell.count)
                return column < leading ? cell + gap : gap + cell
            }
            return cells.joined(separator: "  ")
        }
        let rule = String(repeating: "─", count: widths.reduce(0, +) + 2 * (widths.count - 1))
        var all = [lines[0], rule] + lines[1...]
        if hasTotal { all.insert(rule, at: all.count - 1) }
        return all.joined(separator: "\n")
    }

    private static func facts(
        _ experiment: Experiment, _ data: PreparedData, _ network: NetworkDescription, _ outline: Outline,
        _ initialNotes: [String]
    ) -> String {
        let training = experiment.training
        var facts: [(String, String)] = []
        facts.append(("data", dataset(experiment.data)))
        if let report = data.report {
            let all = report.rows + report.leftOut
            facts.append(
                (
                    "rows",
                    report.leftOut == 0
                        ? grouped(all)
                        : "\(grouped(report.rows)) of \(grouped(all)), \(formatCount(report.leftOut, "row")) left out"
                ))
        }
        if data.schema.environment == nil {
            let labelled = experiment.data.labelled.map { " (\(grouped(min($0, data.train.count))) with labels)" } ?? ""
            facts.append(
                ("samples", "\(grouped(data.train.count)) training\(labelled), \(grouped(data.test.count)) test"))
        }
        switch network.task {
        case .reconstruction: facts.append(("task", "reconstruction of the input"))
        case .regression: facts.append(("task", "regression"))
        case .classification(let classes):
            facts.append(("task", "classification, \(plural(classes, "class")): \(listed(data.classNames))"))
        case .values(let count): facts.append(("task", plural(count, "value")))
        }
        if case .image(let channels, let height, let width) = data.schema.kind {
            let id = experiment.data.dataset.id
            let isStandardized = experiment.data.standardize ?? Datasets.standardizes(id) ?? false
            let values = isStandardized ? ", standardized by the training images" : ""
            facts.append(("images", "\(height)×\(width) pixels, \(plural(channels, "channel"))\(values)"))
            let changes = experiment.learning.augment.map { words($0, in: .augmentation) }
            if !changes.isEmpty { facts.append(("augment", listed(changes))) }
            let testChanges = experiment.data.testAugment.map { words($0, in: .augmentation) }
            if !testChanges.isEmpty { facts.append(("test images", listed(testChanges))) }
            let drawings = experiment.data.drawings.count
            if drawings > 0 { facts.append(("drawings", "\(plural(drawings, "training image")) drawn by hand")) }
        } else if case .sequence(let sequence) = data.schema.kind {
            facts.append(("sequences", sequenceWords(sequence)))
        } else if case .environment(let game) = data.schema.kind {
            let inputs = game.inputs.isEmpty ? game.shape.description : listed(game.inputs)
            facts.append(("observation", inputs))
            facts.append(("actions", listed(game.actions)))
        } else {
            facts.append(("features", listed(data.features)))
        }
        if Catalogue.answersLabels(training.procedure), let note = data.learned.sameAnswersNote {
            facts.append(("note", note))
        }
        let trains = Catalogue.trainsNetwork(training.procedure)
        if trains { facts.append(("loss", words(network.loss, in: .loss))) }
        let levels = data.referenceLevels(for: network)
        if !levels.isEmpty {
            let words = levels.map { "\($0.title) \(JSONPrinter.number(($0.testLoss * 10_000).rounded() / 10_000))" }
            facts.append(("reference", words.joined(separator: ", ")))
        }
        if training.procedure != Catalogue.standard(.procedure) {
            facts.append(("procedure", words(training.procedure, in: .procedure)))
        }
        for (index, rival) in experiment.rivals.enumerated() {
            facts.append((index == 0 ? "rivals" : "", words(rival, in: .rival)))
        }
        if trains { facts += steps(experiment, data, outline) }
        facts.append(("stop", stop(training.stop)))
        facts.append(("seed", "\(experiment.seed) for the weights, \(experiment.data.seed) for the data"))
        for (index, note) in initialNotes.enumerated() { facts.append((index == 0 ? "initial" : "", note)) }
        if trains {
            let batch = min(training.batchSize, max(1, data.train.count))
            let memory = outline.trainingBytes(batchSize: batch, slots: experiment.learning.optimizerSlots)
            facts.append(
                ("memory", "\(byteWords(memory)) for training: parameters, gradients, optimizer and one batch"))
        }
        let width = facts.map(\.0.count).max() ?? 0
        return facts.map { name, value in
            name + String(repeating: " ", count: width - name.count + 2) + value
        }.joined(separator: "\n")
    }

    /// How the network learns from step to step.
    private static func steps(
        _ experiment: Experiment, _ data: PreparedData, _ outline: Outline
    ) -> [(String, String)] {
        let training = experiment.training
        var facts: [(String, String)] = []
        if training.rule != .gradient { facts.append(("rule", training.rule.rawValue)) }
        facts.append(("optimizer", words(training.optimizer, in: .optimizer)))
        facts.append(("schedule", words(training.schedule, in: .schedule)))
        let order = training.shuffle ? "shuffled every epoch" : "in a fixed order"
        facts.append(
            (
                "batch",
                "\(plural(training.batchSize, "sample")), \(order), last batch: \(training.lastBatch.rawValue)"
            ))
        for note in experiment.notes(on: data, for: outline) { facts.append(("note", note)) }
        facts.append(("regularization", regularization(training)))
        if let norm = experiment.learning.clipNorm { facts.append(("clip norm", JSONPrinter.number(norm))) }
        if !training.locked.isEmpty { facts.append(("locked", listed(training.locked))) }
        return facts
    }

    private static func sequenceWords(_ sequence: SequenceKind) -> String {
        let values =
            sequence.symbols.isEmpty
            ? "\(listed(sequence.features)) at each" : "one of \(plural(sequence.symbols.count, "symbol")) at each"
        let targets =
            sequence.targetSteps.map { $0 == sequence.steps ? "a target at each" : "\(plural($0, "target"))" }
            ?? "one target"
        return "\(sequence.hasLengths ? "up to " : "")\(plural(sequence.steps, "step")), \(values), \(targets)"
    }

    private static func taskName(_ task: Task) -> String {
        switch task {
        case .regression: "regression"
        case .values: "values"
        case .classification: "classification"
        case .reconstruction: "reconstruction"
        }
    }

    // MARK: - JSON

    /// All that the text shows.
    public var json: JSON {
        let training = experiment.training
        let batch = min(training.batchSize, max(1, data.train.count))
        let memory = outline.trainingBytes(batchSize: batch, slots: experiment.learning.optimizerSlots)
        return .object([
            JSON.Member("title", .string(title)),
            JSON.Member("data", dataJSON),
            JSON.Member("input", .string(outline.input.description)),
            JSON.Member("layers", .array(outline.layers.map(Self.json))),
            JSON.Member("rivals", .array(experiment.rivals.map { Self.json($0, in: .rival) })),
            JSON.Member("loss", Self.json(network.loss, in: .loss)),
            JSON.Member("rule", .string(training.rule.rawValue)),
            JSON.Member("optimizer", Self.json(training.optimizer, in: .optimizer)),
            JSON.Member("schedule", Self.json(training.schedule, in: .schedule)),
            JSON.Member("training", experiment.json["training"] ?? .object([])),
            JSON.Member("parameters", .number(Double(outline.parameterCount))),
            JSON.Member("memory", .number(Double(memory))),
            JSON.Member("seed", .number(Double(experiment.seed))),
            JSON.Member("initial", .array(initialNotes.map { .string($0) })),
        ])
    }

    private var dataJSON: JSON {
        let kind =
            switch data.schema.kind {
            case .columns: "columns"
            case .image: "image"
            case .sequence: "sequence"
            case .environment: "environment"
            }
        let columns =
            data.report?.columns ?? data.columns.map { TableColumn(name: $0.name, kind: .number, range: $0.range) }
        let rows = data.report?.rows ?? data.train.count + data.test.count
        return .object([
            JSON.Member("dataset", experiment.json["data"] ?? .null),
            JSON.Member("rows", .number(Double(rows))),
            JSON.Member("leftOut", .number(Double(data.report?.leftOut ?? 0))),
            JSON.Member("train", .number(Double(data.train.count))),
            JSON.Member("test", .number(Double(data.test.count))),
            JSON.Member("kind", .string(kind)),
            JSON.Member("shape", .array(outline.input.axes.map { .number(Double($0)) })),
            JSON.Member("task", .string(Self.taskName(network.task))),
            JSON.Member("columns", .array(columns.map(Self.json))),
            JSON.Member("classes", .array(data.classNames.map { .string($0) })),
            JSON.Member("features", .array(data.features.map { .string($0) })),
            JSON.Member("referenceLevels", ReferenceLevel.json(data.referenceLevels(for: network))),
            JSON.Member(
                "notes", .array(((data.report?.notes ?? []) + networkNotes).map { .string($0) })),
        ])
    }

    /// The number with the fewest digits that is this one: 2.1, not 2.0999999.
    private static func shortest(_ value: Float) -> Double { Double("\(value)") ?? Double(value) }

    private static func number(_ value: Float) -> String { JSONPrinter.number(shortest(value)) }

    private static func json(_ column: TableColumn) -> JSON {
        var members = [
            JSON.Member("name", .string(column.name)), JSON.Member("kind", .string(column.kind.rawValue)),
        ]
        if column.kind == .leftOut { members.append(JSON.Member("reason", .string(column.reason))) }
        members.append(JSON.Member("missing", .number(Double(column.missing))))
        if let range = column.range {
            members.append(
                JSON.Member(
                    "range", .array([.number(shortest(range.lowerBound)), .number(shortest(range.upperBound))])))
        }
        if !column.categories.isEmpty {
            members.append(JSON.Member("categories", .array(column.categories.map { .string($0) })))
        }
        return .object(members)
    }

    static func json(_ layer: Outline.Layer) -> JSON {
        var members = [
            JSON.Member("title", .string(layer.title)),
            JSON.Member("activation", layer.activation.map { json($0, in: .activation) } ?? .null),
            JSON.Member("output", .string(layer.output.description)),
            JSON.Member("parameters", .number(Double(layer.parameterCount))),
        ]
        if let name = layer.name { members.append(JSON.Member("name", .string(name))) }
        if let owner = layer.tied { members.append(JSON.Member("tied", .string(owner))) }
        if layer.isFrozen { members.append(JSON.Member("frozen", .bool(true))) }
        if layer.isBlock {
            let stacks = layer.stacks.map { stack in
                JSON.object([
                    JSON.Member("name", .string(stack.name)), JSON.Member("layers", .array(stack.layers.map(json))),
                ])
            }
            members.append(JSON.Member("stacks", .array(stacks)))
        }
        return .object(members)
    }

    /// A choice with all its knobs.
    private static func json(_ choice: Choice, in list: CatalogueList) -> JSON {
        guard let entry = Catalogue.entry(list, choice.id) else { return .string(choice.id) }
        let knobs = entry.knobs.map { JSON.Member($0.name, choice.value(of: $0).json(kind: $0.kind)) }
        return knobs.isEmpty ? .string(entry.id) : .object([JSON.Member(entry.id, .object(knobs))])
    }

    // MARK: - Words

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
        let settings = entry.knobs.compactMap { knob -> String? in
            let value = choice.value(of: knob).json(kind: knob.kind).plain
            return value.isEmpty ? nil : "\(knob.name) \(value)"
        }
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
        if let patience = stop.patience { words.append("\(formatCount(patience, "epoch")) without a better test loss") }
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
}

extension PreparedData {
    /// "all training and test samples have one class", where nothing is to be told apart; nil: there is.
    public var sameAnswersNote: String? {
        guard schema.environment == nil, task == .regression || task.classes != nil else { return nil }
        let sets = [("training", train), ("test", test)].filter { _, samples in
            samples.labels.first.map { first in samples.labels.allSatisfy { $0 == first } } ?? false
        }
        guard !sets.isEmpty else { return nil }
        return "all \(sets.map(\.0).joined(separator: " and ")) samples have "
            + (task.classes != nil ? "one class" : "one value, and no R²")
    }
}

extension ReferenceLevel {
    /// `[{"title", "testLoss"}]`.
    public static func json(_ levels: [ReferenceLevel]) -> JSON {
        .array(
            levels.map {
                .object([JSON.Member("title", .string($0.title)), JSON.Member("testLoss", .number($0.testLoss))])
            })
    }
}

extension Outline.Layer {
    /// The name of the layer whose weights it uses.
    public var tied: String? {
        if case .transposedMatrix(let name)? = link { name } else { nil }
    }

    /// Its name, what it is tied to, and that it is frozen, in words.
    public var marks: [String] {
        [name.map { "“\($0)”" }, tied.map { "tied to “\($0)”" }, isFrozen ? "frozen" : nil].compactMap(\.self)
    }
}

extension JSON {
    /// A value without the quotes of texts.
    fileprivate var plain: String {
        if case .string(let text) = self { return text }
        return text(compact: true)
    }
}
