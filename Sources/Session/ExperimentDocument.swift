import Datasets
import Engine

/// The document, described once: reading, writing, checking, key paths, the JSON Schema and the editor's knobs all
/// come from this table, from the catalogue's entries and from the datasets'.
///
/// It is long, because every key of the document stands in it with its words.
enum ExperimentDocument {
    /// 2⁵³: a seed must survive as a JSON number.
    static let seedRange = 0...(1 << 53)

    static let root: [DocumentField] = [
        DocumentField(
            "version", title: "version", summary: "The version of the document's format.",
            form: .value(.integer(1...1)), at: \.version, as: .integer),
        DocumentField(
            "title", title: "title", summary: "What the experiment is called.", form: .value(.text), at: \.title,
            as: .text),
        DocumentField(
            "story", title: "story", summary: "What to look at and what to try.", form: .value(.text), at: \.story,
            as: .text),
        DocumentField(
            "data", title: "data", summary: "What the network learns from.", form: .data, get: writeData, set: readData
        )
        .required(),
        DocumentField(
            "features", title: "features",
            summary: "The network's inputs: columns, or formulas of them; empty for every column.",
            form: .list(.value(.text)), at: \.features, as: .list(.text)),
        DocumentField(
            "layers", title: "layers", summary: "The hidden layers, from the input to the output.",
            form: .list(.value(.choice(.layer))), at: \.layers, as: .list(.choice(.layer))
        ).required(),
        DocumentField("output", title: "output", summary: "The last layer and the loss.", fields: output),
        DocumentField("training", title: "training", summary: "How the network learns.", fields: training),
        DocumentField(
            "rivals", title: "rivals",
            summary:
                "Learners beside the network that learn from the same data: support vectors, neighbours, trees and more.",
            form: .list(.value(.choice(.rival))), at: \.rivals, as: .list(.choice(.rival))),
        DocumentField(
            "seed", title: "seed", summary: "The number that the initial weights are drawn from.",
            form: .value(.integer(seedRange)), at: \.seed, as: .seed),
        DocumentField(
            "initial", title: "initial", summary: "Another network whose weights this one starts from.", fields: initial
        ),
        DocumentField("view", title: "view", summary: "What the screen shows at the start.", fields: view),
        DocumentField(
            "hide", title: "hidden controls", summary: "Controls taken away for a lesson.",
            form: .list(.value(.text)), at: \.hide, as: .list(.text)),
        DocumentField(
            "compare", title: "compare", summary: "Variants of this experiment to switch between.",
            form: .list(
                .object([
                    DocumentField(
                        "title", title: "title", summary: "What the variant is called.", form: .words,
                        get: { _ in .null }, set: { _, _ in }
                    ).required(),
                    DocumentField(
                        "set", title: "settings", summary: "The settings in which the variant differs, by key path.",
                        form: .assignments, get: { _ in .null }, set: { _, _ in }
                    ).required(),
                ])), at: \.compare, as: .list(.variant)),
    ]

    private static let output: [DocumentField] = [
        DocumentField(
            "activation", title: "activation", summary: "The function at the output; the task and the loss imply one.",
            form: .optional(.choice(.activation)), at: \.output.activation, as: .optional(.choice(.activation)),
            fallback: .choice(Experiment.chosenOutput.activation)),
        DocumentField(
            "initializer", title: "initializer", summary: "How the output's weights are drawn before training.",
            form: .value(.choice(.initializer)), at: \.output.initializer, as: .choice(.initializer)),
        DocumentField(
            "loss", title: "loss", summary: "What training makes small; the task implies one.",
            form: .optional(.choice(.loss)), at: \.output.loss, as: .optional(.choice(.loss)),
            fallback: .choice(Experiment.chosenOutput.loss)),
        DocumentField(
            "frozen", title: "frozen", summary: "Keeps the output's parameters as they are while other layers learn.",
            form: .value(.toggle), at: \.output.isFrozen, as: .toggle),
    ]

    private static let training: [DocumentField] = [
        DocumentField(
            "procedure", title: "procedure", summary: "How learning proceeds.",
            form: .value(.choice(.procedure)), at: \.training.procedure, as: .choice(.procedure)),
        DocumentField(
            "rule", title: "rule",
            summary: "How weights learn: by the gradient, or by a perceptron's rule (for a single threshold unit).",
            form: .value(.word(LearningRule.allCases.map(\.rawValue))), at: \.training.rule, as: .word),
        DocumentField(
            "optimizer", title: "optimizer", summary: "How a gradient becomes a step of the weights.",
            form: .value(.choice(.optimizer)), at: \.training.optimizer, as: .choice(.optimizer)),
        DocumentField(
            "schedule", title: "schedule", summary: "How the learning rate changes from step to step.",
            form: .value(.choice(.schedule)), at: \.training.schedule, as: .choice(.schedule)),
        DocumentField(
            "batchSize", title: "batch size", summary: "How many samples are averaged for one step.",
            form: .value(.integer(1...1_000_000)), at: \.training.batchSize, as: .integer
        ).advised(
            raise: "when the loss trembles from step to step, or each step leaves the processor idle",
            lower: "when an epoch has too few steps: smaller batches make more of them"),
        DocumentField(
            "lastBatch", title: "last batch",
            summary: "What becomes of an epoch's last, smaller batch: its own step, carried over, or dropped.",
            form: .value(.word(LastBatch.allCases.map(\.rawValue))), at: \.training.lastBatch, as: .word),
        DocumentField(
            "shuffle", title: "shuffle", summary: "Brings the training samples into a new order in every epoch.",
            form: .value(.toggle), at: \.training.shuffle, as: .toggle),
        DocumentField(
            "evaluateEvery", title: "evaluate every",
            summary: "The number of epochs from one look at the losses to the next.",
            form: .value(.integer(1...1_000_000)), at: \.training.evaluateEvery, as: .integer
        ).advised(raise: "when measuring takes too much of the time", lower: "when the curve should have more points"),
        DocumentField(
            "clipNorm", title: "clip norm",
            summary:
                "Shortens a gradient that is longer than this; 0: none. With recurrent layers 1 where nothing is set.",
            form: .optional(.real(0...1e9, steps: [0, 0.1, 0.3, 1, 3, 10])), at: \.training.clipNorm,
            as: .optional(.real), fallback: .real(1)
        ).advised(
            raise: "when the loss hardly falls: most gradients are shortened",
            lower: "when the loss jumps at single steps, as with long sequences"),
        DocumentField(
            "locked", title: "locked weights",
            summary:
                "Single weights that stay as they are: a tensor's name and the index in it, such as output.weight 3.",
            form: .list(.value(.text)), at: \.training.locked, as: .list(.text)),
        DocumentField(
            "regularization", title: "regularization", summary: "What keeps the weights small.",
            fields: [
                DocumentField(
                    "l1", title: "L1 rate",
                    summary: "Pulls every weight by the same amount to zero, so that few remain.",
                    form: .value(.real(0...1000, steps: decaySteps)), at: \.training.l1, as: .real
                ).advised(raise: "when more weights should become 0", lower: "when the training loss stays high"),
                DocumentField(
                    "l2", title: "L2 rate", summary: "Shrinks every weight in proportion to its size.",
                    form: .value(.real(0...1000, steps: decaySteps)), at: \.training.l2, as: .real
                ).advised(
                    raise: "when the test loss rises while the training loss falls",
                    lower: "when the training loss stays high"),
            ]),
        DocumentField("stop", title: "stop", summary: "What ends a run; whatever comes first.", fields: stop),
    ]

    /// The Playground's regularization rates.
    private static let decaySteps: [Double] = [0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]
    private static let lossSteps: [Double] = [0.0001, 0.001, 0.003, 0.01, 0.02, 0.05, 0.1, 0.2]

    private static let stop: [DocumentField] = [
        DocumentField(
            "epochs", title: "stop at epoch", summary: "Ends the run after this many passes over the training samples.",
            form: .optional(.integer(1...1_000_000_000)), at: \.training.stop.epochs, as: .optional(.integer),
            fallback: .integer(1000)
        ).advised(raise: "when the loss still falls at the end", lower: "when it stands still long before"),
        DocumentField(
            "steps", title: "stop at step",
            summary: "Ends the run with the epoch in which this many updates of the weights have been made.",
            form: .optional(.integer(1...1_000_000_000_000)), at: \.training.stop.steps, as: .optional(.integer),
            fallback: .integer(10_000)
        ).advised(raise: "when the loss still falls at the end", lower: "when it stands still long before"),
        DocumentField(
            "trainLoss", title: "stop train loss", summary: "Ends the run when the training loss is this small.",
            form: .optional(.real(0...1e9, steps: lossSteps)), at: \.training.stop.trainLoss, as: .optional(.real),
            fallback: .real(0.01)
        ).advised(raise: "when the run should end sooner", lower: "when the answers are not good enough yet"),
        DocumentField(
            "testLoss", title: "stop test loss", summary: "Ends the run when the test loss is this small.",
            form: .optional(.real(0...1e9, steps: lossSteps)), at: \.training.stop.testLoss, as: .optional(.real),
            fallback: .real(0.01)
        ).advised(raise: "when the run should end sooner", lower: "when the answers are not good enough yet"),
        DocumentField(
            "patience", title: "patience", summary: "Ends the run after this many epochs without a better test loss.",
            form: .optional(.integer(1...1_000_000_000)), at: \.training.stop.patience, as: .optional(.integer),
            fallback: .integer(50)
        ).advised(
            raise: "when the test loss trembles and the run ends too soon",
            lower: "when it goes on long after the best test loss"),
    ]

    private static let initial: [DocumentField] = [
        DocumentField(
            "file", title: "weights from", summary: "A file of weights that the network starts from.",
            form: .value(.text), at: \.initial.file, as: .text),
        DocumentField(
            "preset", title: "preset before", summary: "A preset that is trained first, and whose weights are taken.",
            form: .value(.text), at: \.initial.preset, as: .text),
        DocumentField(
            "epochs", title: "epochs before", summary: "How many epochs the preset trains first.",
            form: .value(.integer(0...1_000_000)), at: \.initial.epochs, as: .integer
        ).advised(raise: "when the preset's loss is still high", lower: "when what comes before takes too long"),
        DocumentField(
            "layers", title: "layers taken",
            summary: "The layers that take weights, by place or name; empty for all that fit.",
            form: .list(.value(.text)), at: \.initial.layers, as: .list(.text)),
        DocumentField(
            "freeze", title: "layers frozen", summary: "The layers that stay as they are, by place or name.",
            form: .list(.value(.text)), at: \.initial.freeze, as: .list(.text)),
        DocumentField(
            "values", title: "set by hand",
            summary: "Tensors set by hand before training: a name and its numbers, such as output.bias -2.",
            form: .list(.value(.text)), at: \.initial.values, as: .list(.text)),
    ]

    private static let index = Form.value(.integer(0...1_000_000))

    private static let view: [DocumentField] = [
        DocumentField(
            "panel", title: "front panel", summary: "The plot that is in front where only one fits.",
            form: .value(.word(ViewSettings.Panel.allCases.map(\.rawValue))), at: \.view.panel, as: .word),
        DocumentField(
            "layer", title: "view layer",
            summary: "The layer that the hidden-feature view shows; none: the last hidden one.",
            form: .layer, at: \.view.layer, as: .optional(.layer), fallback: .integer(0)),
        DocumentField(
            "stage", title: "view stage", summary: "The layer's values before or after its activation.",
            form: .value(.word(ViewSettings.Stage.allCases.map(\.rawValue))), at: \.view.stage, as: .word),
        DocumentField(
            "units", title: "view units", summary: "The two units of the hidden-feature view.",
            form: .list(index), at: \.view.units, as: .list(.integer)),
        DocumentField(
            "pca", title: "view by PCA",
            summary:
                "Shows the first two principal components in place of two units; none: where there are more than two, unless units are named.",
            form: .optional(.toggle), at: \.view.pca, as: .optional(.toggle), fallback: .toggle(true)),
        DocumentField(
            "tsne", title: "view by t-SNE",
            summary: "Of images: places those side by side that a layer finds alike, in place of two axes.",
            form: .value(.toggle), at: \.view.tsne, as: .toggle),
        DocumentField(
            "neuron", title: "view neuron", summary: "The neuron shown in place of the output: layer and unit.",
            form: .neuron, at: \.view.neuron, as: .neuron),
        DocumentField(
            "columns", title: "view columns", summary: "The two columns of the data that the boundary spans.",
            form: .list(index), at: \.view.columns, as: .list(.integer)),
        DocumentField(
            "discretize", title: "discretize", summary: "Shows the output as classes, without shades.",
            form: .value(.toggle), at: \.view.discretize, as: .toggle),
        DocumentField(
            "showTestData", title: "show test data", summary: "Draws the test points too.",
            form: .value(.toggle), at: \.view.showTestData, as: .toggle),
        DocumentField(
            "logLoss", title: "log loss axis", summary: "Draws the losses on a logarithmic axis.",
            form: .value(.toggle), at: \.view.logLoss, as: .toggle),
        DocumentField(
            "epochsPerSecond", title: "epochs a second", summary: "The playback speed; none: as fast as it goes.",
            form: .optional(.real(0.01...1e6, steps: [1, 2, 5, 10, 20, 30, 60, 120, 250, 500, 1000])),
            at: \.view.epochsPerSecond, as: .optional(.real), fallback: .real(60)
        ).advised(raise: "when nothing happens for long", lower: "to see each epoch"),
    ]

    /// The keys of `data` for one dataset: its own knobs stand beside `dataset`.
    static func dataFields(_ dataset: Entry) -> [DocumentField] {
        let areImages = Datasets.areImages(dataset.id)
        let readsTable = Datasets.readsTable(dataset.id)
        let isDrawn = Datasets.isDrawn(dataset.id)
        var fields: [DocumentField] = [
            DocumentField(
                "dataset", title: "dataset", summary: "Where the samples come from.",
                form: .value(.word(Datasets.all.map(\.id))),
                get: { .string($0.data.dataset.id) },
                set: {
                    guard case .string(let id) = $1 else { return }
                    $0.data.dataset = Choice(id)
                }
            ).required()
        ]
        fields += dataset.knobs.map(datasetKnob)
        if isDrawn {
            fields.append(
                DocumentField(
                    "points", title: "points",
                    summary:
                        "The drawn points: x1, x2 and a label for each; \"test\" behind one that tests in any case.",
                    form: .list(.point), at: \.data.points, as: .list(.point)))
        }
        if readsTable {
            fields += [
                DocumentField(
                    "columns", title: "columns",
                    summary: "The file's columns that are inputs; empty for all but the label.",
                    form: .list(.value(.text)), at: \.data.columns, as: .list(.text)),
                DocumentField(
                    "exclude", title: "left out",
                    summary: "Columns of the file that are no inputs, after columns has chosen.",
                    form: .list(.value(.text)), at: \.data.table.exclude, as: .list(.text)),
                DocumentField(
                    "missing", title: "missing cells",
                    summary: "Drop rows with a missing cell, fill it with the training rows' mean or commonest text, "
                        + "or make it an error.",
                    form: .value(.word(TableSettings.Missing.allCases.map(\.rawValue))), at: \.data.table.missing,
                    as: .word),
                DocumentField(
                    "header", title: "header",
                    summary: "Whether the first row holds the columns' names; none: the rows decide.",
                    form: .optional(.toggle), at: \.data.table.header, as: .optional(.toggle),
                    fallback: .toggle(true)),
                DocumentField(
                    "separator", title: "separator",
                    summary: "The character between two cells, tab, or blanks for runs of them; none: the rows decide.",
                    form: .optional(.text), at: \.data.table.separator, as: .optional(.text), fallback: .text(",")),
                DocumentField(
                    "decimal", title: "decimal sign", summary: "The decimal sign of numbers; none: the rows decide.",
                    form: .optional(.word([".", ","])), at: \.data.table.decimal, as: .optional(.text),
                    fallback: .text(".")),
            ]
        }
        if let standardizes = Datasets.standardizes(dataset.id) {
            fields.append(
                DocumentField(
                    "standardize", title: "standardize",
                    summary: areImages
                        ? "Brings every channel to mean 0 and deviation 1 over the training images."
                        : "Brings every column of numbers to mean 0 and deviation 1 over the training rows.",
                    form: .value(.toggle), at: \.data.standardize, as: .optional(.toggle),
                    fallback: .toggle(standardizes)))
        }
        if areImages {
            fields.append(
                DocumentField(
                    "classes", title: "classes",
                    summary: "The classes whose images are taken, apart by commas, in this order; empty for all.",
                    form: .value(.text), at: \.data.classes, as: .text))
            fields.append(
                DocumentField(
                    "augment", title: "augment",
                    summary: "Random changes of the training images, drawn anew whenever one is taken.",
                    form: .list(.value(.choice(.augmentation))), at: \.data.augment,
                    as: .list(.choice(.augmentation))))
            fields.append(
                DocumentField(
                    "testAugment", title: "augment tests",
                    summary: "Random changes of the test images, drawn once: what the network is to bear.",
                    form: .list(.value(.choice(.augmentation))), at: \.data.testAugment,
                    as: .list(.choice(.augmentation))))
            fields.append(
                DocumentField(
                    "drawings", title: "drawings",
                    summary: "Training images drawn by hand: the class and the bytes of the pixels as base64.",
                    form: .list(.drawing), at: \.data.drawings, as: .list(.drawing)))
        }
        fields += [
            DocumentField(
                "trainFraction", title: "train part",
                summary: isDrawn
                    ? "The part of the points that trains; the rest tests, and those that are marked as test points."
                    : "The part of the samples that trains; the rest tests.",
                form: .value(.real(0.01...1, steps: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])),
                at: \.data.trainFraction, as: .optional(.real),
                fallback: .real(Datasets.defaultTrainFraction(dataset.id))
            ).advised(
                raise: "when the test loss is much higher than the training loss",
                lower: "when the test has too few samples to be believed"),
            DocumentField(
                "labelled", title: "labelled",
                summary:
                    "Only so many of the first training samples have labels to learn from; the rest serves procedures that need none. None: all.",
                form: .optional(.integer(1...1_000_000_000)), at: \.data.labelled, as: .optional(.integer),
                fallback: .integer(100)
            ).advised(
                raise: "when the labels are too few to tell the classes",
                lower: "to see what unlabelled samples are worth"),
            DocumentField(
                "seed", title: "data seed", summary: "The number that the samples are drawn and shuffled from.",
                form: .value(.integer(seedRange)), at: \.data.seed, as: .seed),
            DocumentField(
                "shuffle", title: "shuffle rows", summary: "Shuffles the samples once before they are split.",
                form: .value(.toggle), at: \.data.shuffle, as: .toggle),
            DocumentField(
                "task", title: "task", summary: "Whether the labels are classes or values; none: the data decides.",
                form: .optional(.word(TaskKind.allCases.map(\.rawValue))), at: \.data.task, as: .optional(.word),
                fallback: .text((Datasets.task(dataset.id) ?? .classification).rawValue)),
        ]
        return fields
    }

    /// A knob of the dataset, absent from the document until it is set.
    private static func datasetKnob(_ knob: Knob) -> DocumentField {
        DocumentField(
            knob.name, title: knob.title, summary: knob.summary, form: .value(knob.kind), fallback: knob.defaultValue,
            get: { $0.data.dataset.knobs[knob.name]?.json(kind: knob.kind) ?? .null },
            set: { $0.data.dataset.knobs[knob.name] = KnobValue($1, kind: knob.kind) }
        ).advised(raise: knob.raise, lower: knob.lower)
    }

    private static func readData(_ experiment: inout Experiment, _ json: JSON) {
        guard case .string(let id)? = json["dataset"], let dataset = Datasets.entry(id) else {
            preconditionFailure("unchecked JSON: no dataset")
        }
        for field in dataFields(dataset) {
            if let value = json[field.name] { field.set(&experiment, value) }
        }
    }

    private static func writeData(_ experiment: Experiment) -> JSON {
        guard let dataset = Datasets.entry(experiment.data.dataset.id) else {
            preconditionFailure("there is no dataset \(experiment.data.dataset.id)")
        }
        return write(dataFields(dataset), of: experiment)
    }

    /// The fields that differ from their defaults, and the required ones.
    static func write(_ fields: [DocumentField], of experiment: Experiment) -> JSON {
        var members: [JSON.Member] = []
        for field in fields {
            if case .object(let inner) = field.form {
                let value = write(inner, of: experiment)
                if value != .object([]) { members.append(JSON.Member(field.name, value)) }
            } else {
                let value = field.get(experiment)
                if field.isRequired || value != field.get(.blank) { members.append(JSON.Member(field.name, value)) }
            }
        }
        return .object(members)
    }
}

extension Experiment {
    /// Reads a document, checking every key, type, range and choice.
    public init(json: JSON) throws(ExperimentError) {
        try FormCheck.check(json, against: .object(ExperimentDocument.root), at: "")
        self = .blank
        for field in ExperimentDocument.root {
            if let value = json[field.name] { field.set(&self, value) }
        }
        nameFeaturesByFormulas()
    }

    /// The screen's names of features mean their formulas.
    mutating func nameFeaturesByFormulas() {
        if let columns { features = features.map { featureFormula($0, columns: columns) } }
    }

    /// The document; what equals its default is left out, but `data` and `layers` never. Of a choice, the knobs that
    /// were set are kept, so that a document reads back as it was written.
    public var json: JSON { ExperimentDocument.write(ExperimentDocument.root, of: self) }
}
