import Datasets
import Engine
import Basics

/// The script that trains an experiment in PyTorch: data, network, optimizer, schedule, loop and plot. What is no text (samples,
/// weights, the order of the first steps' samples) lies in a safetensors file beside it.
struct TorchScript {
    let training: ExportedTraining
    let modules: [TorchModule]
    var form: OutputForm { training.network.output }
    var hasLengths: Bool { training.network.description.sequence.hasLengths }
    var carries: Bool { training.carriesGradients }
    var keepsState: Bool { form.carriesState }
    var hasTest: Bool { training.data.test.count > 0 }

    init(_ training: ExportedTraining) throws(ExperimentError) {
        self.training = training
        modules =
            try TorchLayers.modules(training.network.layers, of: training.network)
            + Self.output(training.network)
    }

    // MARK: - The output

    private static func output(_ network: ExportedNetwork) throws(ExperimentError) -> [TorchModule] {
        let (form, layer) = (network.output, network.outputLayer)
        var modules: [TorchModule] = []
        if form.reconstructs {
            if let last = network.layers.last, last.outline.drawsInput {
                throw last.refused(
                    "draws the values before it back, which PyTorch has no module for; end with another layer")
            }
            if layer.input != layer.output {
                if layer.input.axes.count > 1 { modules.append(TorchModule("nn.Flatten")) }
                if layer.output.axes.count > 1 {
                    modules.append(TorchModule("nn.Unflatten", ["1", Python.list(layer.output.axes)]))
                }
            }
        } else {
            let isByStep = form.steps != nil && layer.input.axes.count == 2 && layer.input.axes[0] == form.steps
            if !isByStep, layer.input.axes.count > 1 { modules.append(TorchModule("nn.Flatten")) }
            var linear = TorchLayers.linear("\(layer.path).", network)
            linear.isFrozen = layer.isFrozen
            modules.append(linear)
            if let steps = form.steps, !isByStep {
                modules.append(TorchModule("nn.Unflatten", ["1", Python.list([steps, form.units])]))
            }
        }
        guard !form.lossTakesSums, form.rule == nil else { return modules }
        let learned = network[tensor: "\(layer.path).activation.weight"]
        return modules + [TorchParts.activation(form.activation, learned: learned)].compactMap(\.self)
    }

    // MARK: - The file beside it

    /// Samples (`train.x`, `train.y`, …), weights (`network.*`), and the order of the first steps' samples.
    var tensors: Safetensors {
        var file = Safetensors()
        func add(_ name: String, _ axes: [Int], _ values: [Float]) {
            file.tensors.append(Safetensors.Tensor(name: name, axes: axes, values: values))
        }
        for (name, samples) in [("train", training.trainSamples), ("test", training.data.test)] where samples.count > 0
        {
            let input = training.network.description.input
            let values = samples.inputs.values
            if hasLengths {
                let width = input.count + 1
                add(
                    "\(name).x", [samples.count] + input.axes,
                    (0..<samples.count).flatMap { values[$0 * width..<$0 * width + input.count] })
                add("\(name).lengths", [samples.count], (0..<samples.count).map { values[($0 + 1) * width - 1] })
            } else {
                add("\(name).x", [samples.count] + input.axes, values)
            }
            if !form.reconstructs {
                let labels = samples.labels.map { $0 == Samples.noLabel ? Float.nan : $0 }
                add("\(name).y", [samples.count] + (form.steps.map { [$0] } ?? []), labels)
            }
        }
        if !training.learning.augment.isEmpty {
            add("image.means", [training.data.featureMeans.count], training.data.featureMeans)
            add("image.scales", [training.data.featureScales.count], training.data.featureScales)
        }
        for (name, tensor) in TorchModule.state(modules, "") { add("network.\(name)", tensor.axes, tensor.values) }
        add(
            "order.rows", [training.passes.reduce(0) { $0 + $1.rows.count }],
            training.passes.flatMap { $0.rows.map(Float.init) })
        add("order.counts", [training.passes.count], training.passes.map { Float($0.rows.count) })
        if carries { add("order.updates", [training.passes.count], training.passes.map { $0.isUpdate ? 1 : 0 }) }
        if keepsState { add("order.begins", [training.passes.count], training.passes.map { $0.beginsEpoch ? 1 : 0 }) }
        return file
    }

    // MARK: - The script

    /// - Parameter file: the name of the file beside it.
    func text(file: String) -> String {
        var blocks = [head(file), imports, data(file)]
        let all = modules.flatMap(\.all)
        var used = Set(all.map(\.name))
        if hasLengths { used.insert("Lengths") }
        blocks += TorchHelpers.all.filter { used.contains($0.key) }.map(\.value)
        if all.contains(where: \.isFrozen) { blocks.append(TorchHelpers.freeze) }
        blocks.append(networkText(all))
        blocks.append(answerText)
        blocks.append(lossText)
        if let rule = ruleText { blocks.append(rule) }
        if let changed = changedText { blocks += changed }
        blocks.append(evaluateText)
        let loop = TorchLoop(script: self)
        blocks += [loop.optimizer, loop.batches, loop.loop]
        return blocks.map { $0.joinedLines }.joined(separator: "\n\n\n").replacing("\n\n\n\n", with: "\n\n\n") + "\n"
    }

    private func head(_ file: String) -> String {
        let experiment = training.experiment
        let title = experiment.title.isEmpty ? training.name : experiment.title
        var lines = ["#!/usr/bin/env python3", "\"\"\"\(Python.wrapped(title)[0])", ""]
        if !experiment.story.isEmpty { lines += Python.wrapped(experiment.story) + [""] }
        lines += [
            "Written by layercake export. Needs torch and safetensors, and matplotlib for --plot. The samples, the weights at the",
            "start and the order of the first \(ExportedTraining.steps) steps' samples are in \(Python.comment(file)).",
            "\"\"\"",
        ]
        return lines.joined(separator: "\n")
    }

    private var imports: String {
        """
        import argparse
        import math
        from pathlib import Path

        import torch
        from safetensors.torch import load_file
        from torch import nn
        from torch.nn import functional as F

        torch.manual_seed(\(training.experiment.seed))
        """
    }

    private func data(_ file: String) -> String {
        let shape = training.network.description.input
        var lines = [
            "# \(plural(training.trainSamples.count, "sample")) for training and \(training.data.test.count) for testing, of \(shape) values each.",
            "saved = load_file(Path(__file__).with_name(\(Python.text(file))))",
        ]
        for set in ["train"] + (hasTest ? ["test"] : []) {
            lines.append("\(set)_x = saved[\"\(set).x\"]")
            if !form.reconstructs { lines.append("\(set)_y = saved[\"\(set).y\"]") }
            if hasLengths { lines.append("\(set)_lengths = saved[\"\(set).lengths\"].long()") }
        }
        return lines.joined(separator: "\n")
    }

    private func networkText(_ all: [TorchModule]) -> String {
        var lines = all.flatMap { module in
            module.variable.map { variable -> [String] in
                var own = module.lines(usingVariables: false)
                own[0] = "\(variable) = " + own[0]
                return own
            } ?? []
        }
        var network = TorchModule.sequential(modules)
        network[0] = "network = " + network[0]
        lines += network
        lines += [
            "network.load_state_dict(",
            "    {name[8:]: values for name, values in saved.items() if name.startswith(\"network.\")})",
        ]
        return lines.joined(separator: "\n")
    }

    private var answerText: String {
        let what = form.lossTakesSums || form.rule != nil ? "sums, before its activation" : "answers"
        guard hasLengths else {
            return """
                def answer(x):
                    \"""The network's \(what).\"""
                    return network(x)
                """
        }
        return """
            def answer(x, lengths):
                \"""The network's \(what).\"""
                Lengths.now = lengths
                return network(x)
            """
    }

    /// A batch's arguments for `answer`.
    func arguments(_ set: String, _ x: String = "") -> String {
        (x.isEmpty ? "\(set)_x[rows]" : x) + (hasLengths ? ", \(set)_lengths[rows]" : "")
    }

    /// A batch's targets.
    func targets(_ set: String) -> String { form.reconstructs ? "\(set)_x[rows]" : "\(set)_y[rows]" }

    /// The line that makes targets of labels.
    private var targetLine: String {
        if form.reconstructs { return "    targets = y" }
        guard form.classes != nil else { return "    targets = y[:, None]" }
        if form.units == 1 { return form.low < 0 ? "    targets = 2 * y[:, None] - 1" : "    targets = y[:, None]" }
        if takesClasses { return "    targets = y.long()" }
        let hot = "F.one_hot(y.long(), \(form.units)).float()"
        return "    targets = " + (form.low < 0 ? "2 * \(hot) - 1" : hot)
    }

    /// Whether the loss takes the numbers of the classes.
    private var takesClasses: Bool { Catalogue.comparesOutputs(loss: form.loss.id) }

    private var stepLines: [String] {
        guard form.steps != nil else { return [] }
        return [
            "    answers, y = answers.flatten(0, 1), y.flatten()  # each step by itself, those with a target",
            "    answers, y = answers[~y.isnan()], y[~y.isnan()]",
        ]
    }

    private var lossText: String {
        var lines = [
            "def losses(answers, y):", "    \"\"\"The loss of each \(form.steps == nil ? "sample" : "step").\"\"\"",
        ]
        lines += stepLines
        if form.rule != nil { lines.append("    answers = (answers >= 0).float()") }
        lines += [targetLine, "    return \(TorchParts.losses[form.loss.id]!(form.loss))"]
        return lines.joined(separator: "\n")
    }

    private var ruleText: String? {
        guard let rule = form.rule, let expression = TorchParts.rules[rule] else { return nil }
        return """
            def rule(sums, y):
                \"""Sums whose derivative by the sums is the change that the rule \(rule.rawValue) makes.\"""
                targets = y[:, None]
                return \(expression)
            """
    }

    /// The functions that change training inputs at random.
    var changedText: [String]? {
        if let corruption = training.corruption {
            var lines = ["def changed(x):", "    \"\"\"The samples as the network takes them in while training.\"\"\""]
            if corruption.contains("lowest") {
                let axes = training.network.description.input.axes.count
                let over = axes == 3 ? "(0, 2, 3), keepdim=True" : axes == 2 ? "(0, 1), keepdim=True" : "0"
                lines += ["    lowest, highest = train_x.amin(\(over)), train_x.amax(\(over))"]
            }
            return [(lines + ["    return \(corruption)"]).joined(separator: "\n")]
        }
        guard !training.learning.augment.isEmpty else { return nil }
        var lines = [
            "def changed(x):", "    \"\"\"The images as the network takes them in while training.\"\"\"",
            "    means, scales = (saved[f\"image.{name}\"][:, None, None] for name in (\"means\", \"scales\"))",
            "    n, x = len(x), x * scales + means  # from 0 (black) to 1",
        ]
        for choice in training.learning.augment {
            lines += (TorchParts.augmentations[choice.id]?(choice.complete(in: .augmentation)) ?? []).map {
                "    " + $0
            }
        }
        lines.append("    return (x - means) / scales")
        return (lines.contains { $0.contains("moved(") } ? [TorchHelpers.moved] : []) + [lines.joined(separator: "\n")]
    }

    private var evaluateText: String {
        let parameters = "x, y" + (hasLengths ? ", lengths" : "")
        let call = "answer(x[rows]" + (hasLengths ? ", lengths[rows]" : "") + ")"
        guard keepsState else {
            return """
                @torch.no_grad()
                def evaluate(\(parameters)):
                    \"""The mean loss of samples, without what is random in training.\"""
                    network.eval()
                    parts = [
                        losses(\(call), y[rows]).double()
                        for rows in torch.arange(len(x)).split(250)]
                    return torch.cat(parts).mean().item()
                """
        }
        return """
            carried = [module for module in network.modules() if isinstance(module, CarriedRecurrent)]


            def forget():
                \"""Lets all states begin at 0.\"""
                for module in carried:
                    module.state = None


            @torch.no_grad()
            def evaluate(x, y):
                \"""The mean loss of samples that follow each other, in streams side by side.\"""
                network.eval()
                kept = [module.state for module in carried]
                forget()
                streams = max(1, min(16, len(x) // 16))
                length = -(-len(x) // streams)
                parts = []
                for place in range(length):
                    rows = torch.arange(place, len(x), length)
                    parts.append(losses(answer(x[rows]), y[rows]).double())
                for module, state in zip(carried, kept):
                    module.state = state
                return torch.cat(parts).mean().item()
            """
    }
}

extension ExportedTraining {
    /// The training samples that the procedure is given.
    var trainSamples: Samples { learning.samples(of: data.train) }
}

extension String {
    /// Without empty lines at its end.
    fileprivate var joinedLines: String {
        var text = self[...]
        while text.hasSuffix("\n") { text = text.dropLast() }
        return String(text)
    }
}
