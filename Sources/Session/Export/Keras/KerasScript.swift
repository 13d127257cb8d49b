import Datasets
import Engine

/// The script that trains an experiment in Keras 3 on any of its backends; samples and weights lie in a safetensors file beside it.
struct KerasScript {
    private let training: ExportedTraining
    private let builder: KerasBuilder
    private let output: String
    private var form: OutputForm { training.network.output }
    private var hasTest: Bool { training.data.test.count > 0 }

    init(_ training: ExportedTraining) throws(ExperimentError) {
        self.training = training
        func refused(_ place: String, _ reason: String) -> ExperimentError {
            ExperimentError(.malformed, place: place, message: "\(reason); choose the format pytorch")
        }
        let (network, learning) = (training.network, training.learning)
        let form = network.output
        guard form.rule == nil else { throw refused("training.rule", "a perceptron's rule is no loss of Keras") }
        guard learning.augment.isEmpty else {
            throw refused("data.augment", "images are changed at random for PyTorch alone")
        }
        guard training.corruption == nil else {
            throw refused("training.procedure", "inputs are corrupted for PyTorch alone")
        }
        guard !training.carriesGradients else {
            throw refused("training.lastBatch", "Keras has no gradients that wait for the next step")
        }
        let optimizer = learning.optimizer.complete(in: .optimizer)
        guard let make = Self.optimizers[optimizer.id], let call = make(optimizer) else {
            throw refused("training.optimizer", "Keras has no optimizer of the same arithmetic as this \(optimizer.id)")
        }
        guard Self.factor(learning) == nil || !call.contains("momentum") else {
            throw refused("training.schedule", "Keras' momentum holds the learning rate of each step in its velocity")
        }
        let labels = training.trainSamples.labels + training.data.test.labels
        guard !labels.contains(Samples.noLabel), !network.description.sequence.hasLengths else {
            throw refused("data", "sequences of different lengths are written for PyTorch alone")
        }
        var builder = KerasBuilder(network)
        var x = try builder.emit(network.layers, "inputs")
        let layer = network.outputLayer
        if form.reconstructs {
            if let last = network.layers.last, last.outline.drawsInput {
                throw last.refused("draws the values before it back")
            }
            if layer.input != layer.output {
                x = builder.flatten(x, layer.input)
                if layer.output.axes.count == 3 {
                    x = builder.add(
                        nil, "layers.Permute((2, 3, 1))",
                        builder.add(nil, "layers.Reshape(\(Python.list(layer.output.axes)))", x))
                } else if layer.output.axes.count > 1 {
                    x = builder.add(nil, "layers.Reshape(\(Python.list(layer.output.axes)))", x)
                }
            }
        } else {
            let isByStep = form.steps != nil && layer.input.axes.count == 2 && layer.input.axes[0] == form.steps
            if !isByStep { x = builder.flatten(x, layer.input) }
            x = KerasLayers.linear(layer.path, x, nil, &builder)
            if let steps = form.steps, !isByStep {
                x = builder.add(nil, "layers.Reshape([\(steps), \(form.units)])", x)
            }
        }
        if !form.lossTakesSums {
            x = builder.activation(form.activation, network[tensor: "\(layer.path).activation.weight"], nil, x)
        }
        (self.builder, output) = (builder, x)
    }

    /// The optimizers by their ids; nil: Keras has none with this arithmetic. Its ε stands beneath the root, where layercake's
    /// stands behind it.
    static let optimizers: [String: @Sendable (Choice) -> String?] = [
        "sgd": { "SGD(\(rate($0))" }, "momentum": { "SGD(\(rate($0)), momentum=\(Python.number($0.real("momentum")))" },
        "nesterov": { "SGD(\(rate($0)), momentum=\(Python.number($0.real("momentum"))), nesterov=True" },
        "rprop": { _ in nil },
        "adagrad": { "Adagrad(\(rate($0)), initial_accumulator_value=0.0, epsilon=\($0.real("epsilon")) ** 2" },
        "rmsprop": {
            "RMSprop(\(rate($0)), rho=\(Python.number($0.real("decay"))), epsilon=\($0.real("epsilon")) ** 2"
        },
        "adam": { $0.real("weightDecay") > 0 ? nil : adam("Adam", $0) },
        "adamw": { adam("AdamW", $0) + ", weight_decay=\(Python.number($0.real("weightDecay")))" },
    ]

    private static func adam(_ name: String, _ choice: Choice) -> String {
        "\(name)(\(rate(choice)), beta_1=\(Python.number(choice.real("beta1"))), beta_2=\(Python.number(choice.real("beta2"))), "
            + "epsilon=\(Python.number(choice.real("epsilon")))"
    }

    private static func rate(_ choice: Choice) -> String {
        "learning_rate=\(Python.real(choice.real("learningRate")))"
    }

    /// The loss of each sample, or of each step, of its targets t and the answers y.
    static let losses: [String: @Sendable (Choice) -> String] = [
        "squaredError": { _ in "0.5 * total(ops.square(y - t))" }, "absoluteError": { _ in "total(ops.abs(y - t))" },
        "huber": {
            let delta = Python.number($0.real("delta"))
            return
                "total(ops.where(ops.abs(y - t) <= \(delta), 0.5 * ops.square(y - t), \(delta) * (ops.abs(y - t) - \(delta) / 2)))"
        },
        "binaryCrossEntropy": { _ in "total(ops.softplus(y) - y * t)" },
        "softmaxCrossEntropy": { _ in "ops.logsumexp(y, axis=-1) - ops.sum(y * t, axis=-1)" },
        "hinge": { _ in "total(ops.relu(1 - t * y))" },
    ]

    private static func factor(_ learning: LearningDescription) -> String? {
        let schedule = learning.schedule.complete(in: .schedule)
        let (factor, warmup) = (TorchParts.schedules[schedule.id]!(schedule), schedule.whole("warmupSteps"))
        if warmup > 0 { return (factor == "1" ? "" : "(\(factor)) * ") + "min(1, (step + 1) / \(warmup))" }
        return factor == "1" ? nil : factor
    }

    // MARK: - The file beside it

    var tensors: Safetensors {
        var file = Safetensors()
        func add(_ name: String, _ tensor: ExportedTensor) {
            file.tensors.append(Safetensors.Tensor(name: name, axes: tensor.axes, values: tensor.values))
        }
        let axes = training.network.description.input.axes
        for (name, samples) in [("train", training.trainSamples), ("test", training.data.test)] where samples.count > 0
        {
            let x = ExportedTensor(axes: [samples.count] + axes, values: samples.inputs.values)
            add("\(name).x", axes.count == 3 ? x.transposed([0, 2, 3, 1]) : x)
            if !form.reconstructs {
                add(
                    "\(name).y",
                    ExportedTensor(axes: [samples.count] + (form.steps.map { [$0] } ?? []), values: samples.labels))
            }
        }
        for (layer, tensors) in builder.weights {
            for (index, tensor) in tensors.enumerated() { add("\(layer).\(index)", tensor) }
        }
        let passes = training.passes
        add(
            "order.rows",
            ExportedTensor(
                axes: [passes.reduce(0) { $0 + $1.rows.count }], values: passes.flatMap { $0.rows.map(Float.init) }))
        add("order.counts", ExportedTensor(axes: [passes.count], values: passes.map { Float($0.rows.count) }))
        return file
    }

    // MARK: - The script

    /// - Parameter file: the name of the file beside it.
    func text(file: String) -> String {
        let blocks = [head(file), helpers, network, loss, optimizer, loop]
        return blocks.filter { !$0.isEmpty }.joined(separator: "\n\n\n") + "\n"
    }

    private func head(_ file: String) -> String {
        let experiment = training.experiment
        let title = experiment.title.isEmpty ? training.name : experiment.title
        var lines = ["#!/usr/bin/env python3", "\"\"\"\(Python.wrapped(title)[0])", ""]
        if !experiment.story.isEmpty { lines += Python.wrapped(experiment.story) + [""] }
        lines += [
            "Written by layercake export. Needs keras (3 or later) with one of its backends, and safetensors. The samples, the weights at",
            "the start and the order of the first \(ExportedTraining.steps) steps' samples are in \(Python.comment(file)). Images have their channels last.",
            "\"\"\"",
            "import argparse", "import math", "from pathlib import Path", "", "import keras", "import numpy",
            "from keras import layers, ops", "from safetensors.numpy import load_file", "",
            "keras.utils.set_random_seed(\(training.experiment.seed))",
            "saved = load_file(Path(__file__).with_name(\(Python.text(file))))",
        ]
        for set in ["train"] + (hasTest ? ["test"] : []) {
            lines.append("\(set)_x = saved[\"\(set).x\"]")
            lines.append("\(set)_t = \(targets(set))")
        }
        return lines.joined(separator: "\n")
    }

    /// The targets of a set in the form that the loss takes.
    private func targets(_ set: String) -> String {
        if form.reconstructs { return "\(set)_x" }
        let y = "saved[\"\(set).y\"]"
        guard form.classes != nil else { return "\(y)[..., None]" }
        let known =
            form.units == 1 ? "\(y)[..., None]" : "numpy.eye(\(form.units), dtype=\"float32\")[\(y).astype(int)]"
        return form.low < 0 ? "2 * \(known) - 1" : known
    }

    private static let texts: KeyValuePairs<String, String> = [
        "LearnedSlope": """
        class LearnedSlope(layers.Layer):
            \"""A ReLU whose negative slope is learned, one for the layer.\"""

            def build(self, shape):
                self.slope = self.add_weight(shape=(1,), name="slope")

            def call(self, x):
                return ops.where(x > 0, x, self.slope * x)
        """,
        "BatchNorm": """
        class BatchNorm(layers.Layer):
            \"""Batch normalization whose running variance is the unbiased one; `momentum` is the part of the new.\"""

            def __init__(self, momentum, epsilon, affine, **options):
                super().__init__(**options)
                self.momentum, self.epsilon, self.affine = momentum, epsilon, affine

            def build(self, shape):
                if self.affine:
                    self.scale = self.add_weight(shape=(shape[-1],), initializer="ones", name="scale")
                    self.shift = self.add_weight(shape=(shape[-1],), initializer="zeros", name="shift")
                self.mean = self.add_weight(shape=(shape[-1],), trainable=False, name="mean")
                self.variance = self.add_weight(shape=(shape[-1],), trainable=False, name="variance")

            def call(self, x, training=False):
                mean, variance = self.mean, self.variance
                if training and self.trainable:
                    axes = list(range(len(x.shape) - 1))
                    mean, variance = ops.mean(x, axes), ops.var(x, axes)
                    count = ops.cast(ops.size(x) / x.shape[-1], "float32")
                    self.mean.assign(self.mean + self.momentum * (mean - self.mean))
                    unbiased = variance * count / (count - 1)
                    self.variance.assign(self.variance + self.momentum * (unbiased - self.variance))
                y = (x - mean) / ops.sqrt(variance + self.epsilon)
                return y * self.scale + self.shift if self.affine else y
        """,
    ]

    private var helpers: String {
        let chosen = training.learning.optimizer.complete(in: .optimizer)
        let call = Self.optimizers[chosen.id]!(chosen)!
        let kind = String(call.prefix { $0 != "(" })
        let own = call.contains("beta_2") ? [Self.corrected(kind)] : []
        return (Self.texts.filter { builder.helpers.contains($0.key) }.map(\.value) + own).joined(separator: "\n\n\n")
    }

    /// Adam as its paper has it: Keras' own ε lies beside the average before it is corrected.
    private static func corrected(_ name: String) -> String {
        """
        class Corrected\(name)(keras.optimizers.\(name)):
            \"""\(name) with ε beside the corrected root of the average.\"""

            def update_step(self, gradient, variable, learning_rate):
                step = ops.cast(self.iterations + 1, variable.dtype)
                place = self._get_variable_index(variable)
                m, v = self._momentums[place], self._velocities[place]
                self.assign_add(m, (gradient - m) * (1 - self.beta_1))
                self.assign_add(v, (ops.square(gradient) - v) * (1 - self.beta_2))
                root = ops.sqrt(v / -ops.expm1(step * math.log(max(self.beta_2, 1e-30))))
                rate = ops.cast(learning_rate, variable.dtype) / -ops.expm1(step * math.log(max(self.beta_1, 1e-30)))
                self.assign_sub(variable, rate * m / (root + self.epsilon))
        """
    }

    private var network: String {
        let axes = training.network.description.input.axes
        let shape = axes.count == 3 ? [axes[1], axes[2], axes[0]] : axes
        var lines = ["inputs = keras.Input(\(Python.list(shape)))"] + builder.lines
        lines += [
            "model = keras.Model(inputs, \(output))", "for layer in model.layers:",
            "    own = [name for name in saved if name.startswith(layer.name + \".\")]",
            "    if own:", "        layer.set_weights([saved[f\"{layer.name}.{place}\"] for place in range(len(own))])",
        ]
        return lines.joined(separator: "\n")
    }

    private var loss: String {
        let sum = form.steps == nil ? "ops.sum(ops.reshape(x, (ops.shape(x)[0], -1)), axis=1)" : "ops.sum(x, axis=-1)"
        let own = Self.losses[form.loss.id]!(form.loss)
        return """
            def total(x):
                \"""The sum over the outputs.\"""
                return \(sum)


            def loss(t, y):
                \"""The loss of each sample.\"""
                return \(form.steps == nil ? own : "ops.mean(\(own), axis=1)")
            """
    }

    private var optimizer: String {
        let learning = training.learning
        let chosen = learning.optimizer.complete(in: .optimizer)
        let call =
            Self.optimizers[chosen.id]!(chosen)!
            + (learning.clipNorm.map { ", global_clipnorm=\(Python.number($0))" } ?? "") + ")"
        return
            "optimizer = \(call.contains("beta_2") ? "Corrected" : "keras.optimizers.")\(call)\nmodel.compile(optimizer=optimizer, loss=loss)"
    }

    private var loop: String {
        let learning = training.learning
        let size = min(learning.batchSize, training.trainSamples.count)
        let (decays, factor) = (learning.l1 != 0 || learning.l2 != 0, Self.factor(learning))
        var body: [String] = []
        if let factor {
            body.append(
                "optimizer.learning_rate = \(Python.number(learning.optimizer.complete(in: .optimizer).real("learningRate"))) * (\(factor))"
            )
        }
        if decays {
            body.append("before = [ops.convert_to_numpy(weight) for weight in decaying]")
        }
        body.append("model.train_on_batch(train_x[rows], train_t[rows])")
        if decays {
            body += [
                "for weight, old in zip(decaying, before):  # the decay is apart from the optimizer",
                "    now = ops.convert_to_numpy(weight)",
                "    moved = now - float(optimizer.learning_rate) * (\(Python.number(learning.l2)) * old + \(Python.number(learning.l1)) * numpy.sign(old))",
                "    weight.assign(\(learning.l1 > 0 ? "numpy.where(moved * now < 0, 0, moved)" : "moved"))",
            ]
        }
        var lines = [
            "def batches():",
            "    \"\"\"The rows of each step's samples: the first as layercake takes them.\"\"\"",
            "    ends = numpy.cumsum(saved[\"order.counts\"].astype(int))[:-1]",
            "    yield from numpy.split(saved[\"order.rows\"].astype(int), ends)",
            "    while True:",
            "        rows = numpy.\(learning.shuffle ? "random.permutation" : "arange")(len(train_x))",
            "        for first in range(0, len(rows)\(learning.lastBatch == .drop ? " - \(size) + 1" : ""), \(size)):",
            "            yield rows[first:first + \(size)]", "", "",
            "def report(step):",
            "    train = model.evaluate(train_x, train_t, batch_size=250, verbose=0)",
        ]
        if hasTest { lines.append("    test = model.evaluate(test_x, test_t, batch_size=250, verbose=0)") }
        lines += [
            "    print(f\"step {step}: training loss {train:.9g}\(hasTest ? ", test loss {test:.9g}" : "")\")", "", "",
            "parser = argparse.ArgumentParser(description=\(Python.text(training.experiment.title.isEmpty ? training.name : training.experiment.title)))",
            "parser.add_argument(\"--steps\", type=int, default=\(ExportedTraining.steps))",
            "parser.add_argument(\"--every\", type=int, default=\(ExportedTraining.steps), help=\"steps between two reports\")",
            "options = parser.parse_args()",
        ]
        if decays {
            lines.append("decaying = [weight for weight in model.trainable_weights if weight.name == \"kernel\"]")
        }
        if training.isRandom {
            lines.append(
                "# What is random in training is drawn by Keras: the steps differ from layercake's, the loss before the first is the same."
            )
        }
        lines += ["report(0)", "for step, rows in zip(range(options.steps), batches()):"] + body.map { "    " + $0 }
        lines += ["    if (step + 1) % options.every == 0 or step + 1 == options.steps:", "        report(step + 1)"]
        return lines.joined(separator: "\n")
    }
}
