import Engine

/// The end of a script that trains in PyTorch: the optimizer with its schedule, the batches, and the loop over them.
struct TorchLoop {
    let script: TorchScript

    private var training: ExportedTraining { script.training }
    private var modules: [TorchModule] { script.modules }
    private var form: OutputForm { script.form }
    private var hasLengths: Bool { script.hasLengths }
    private var carries: Bool { script.carries }
    private var keepsState: Bool { script.keepsState }
    private var hasTest: Bool { script.hasTest }

    var optimizer: String {
        let learning = training.learning
        let optimizer = learning.optimizer.complete(in: .optimizer)
        var lines = [
            "trained = [parameter for parameter in network.parameters() if parameter.requires_grad]",
            "optimizer = torch.optim.\(TorchParts.optimizers[optimizer.id]!(optimizer))",
        ]
        if learning.l1 != 0 || learning.l2 != 0 {
            // The scales of images that are normalized have several axes, and do not decay.
            let scales = TorchModule.names(modules, of: "nn.LayerNorm").map { Python.text($0 + ".weight") }
            let others = scales.isEmpty ? "" : " and name not in [\(scales.joined(separator: ", "))]"
            lines += [
                "# Weights decay, biases and scales do not.",
                "decaying = [",
                "    parameter for name, parameter in network.named_parameters()",
                "    if parameter.requires_grad and parameter.dim() > 1 and \"bias\" not in name\(others)]",
            ]
        }
        if let factor = scheduleFactor {
            lines += [
                "# The factor on the learning rate at each step, from 0.",
                "schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: \(factor))",
            ]
        }
        return lines.joined(separator: "\n")
    }

    private var scheduleFactor: String? {
        let schedule = training.learning.schedule.complete(in: .schedule)
        let (factor, warmup) = (TorchParts.schedules[schedule.id]!(schedule), schedule.whole("warmupSteps"))
        if warmup > 0 { return (factor == "1" ? "" : "(\(factor)) * ") + "min(1, (step + 1) / \(warmup))" }
        return factor == "1" ? nil : factor
    }

    var batches: String {
        let learning = training.learning
        let size = min(learning.batchSize, training.trainSamples.count)
        let extra = (carries ? ["updates"] : []) + (keepsState ? ["begins"] : [])
        var lines = [
            "def batches():",
            "    \"\"\"The rows of each step's samples: the first as layercake takes them, then \(learning.shuffle && !keepsState ? "in orders of their own" : "in order").\"\"\"",
            "    order = saved[\"order.rows\"].long().split(saved[\"order.counts\"].int().tolist())",
        ]
        func result(_ values: [String]) -> String { (["rows"] + values).joined(separator: ", ") }
        if extra.isEmpty {
            lines.append("    yield from order")
        } else {
            lines.append(
                "    yield from zip(order, \(extra.map { "saved[\"order.\($0)\"].bool().tolist()" }.joined(separator: ", ")))"
            )
        }
        lines.append("    while True:")
        if keepsState {
            lines += [
                "        length = len(train_x) // \(size)",
                "        for place in range(length):",
                "            rows = torch.arange(\(size)) * length + place",
                "            yield \(result((carries ? ["True"] : []) + ["place == 0"]))",
            ]
        } else {
            lines.append(
                "        for rows in torch.\(learning.shuffle ? "randperm" : "arange")(len(train_x)).split(\(size)):")
            let isWhole = "len(rows) == \(size)"
            switch learning.lastBatch {
            case .drop: lines += ["            if \(isWhole):", "                yield rows"]
            case .carry where carries: lines.append("            yield rows, \(isWhole)")
            case .short, .carry:
                // A mean over the batch says nothing of a single sample.
                let least = training.smallestBatch
                if least > 1 { lines.append("            if len(rows) >= \(least):") }
                lines.append((least > 1 ? "    " : "") + "            yield rows")
            }
        }
        return lines.joined(separator: "\n")
    }

    var loop: String {
        let learning = training.learning
        let extra = (carries ? ["update"] : []) + (keepsState ? ["begins"] : [])
        let pattern = (["rows"] + extra).joined(separator: ", ")
        let input = script.changedText == nil ? "train_x[rows]" : "changed(train_x[rows])"
        var body: [String] = []
        if keepsState { body += ["if begins:", "    forget()"] }
        let change = form.rule == nil ? "losses" : "rule"
        let penalties = modules.flatMap(\.all).contains { ["SampledCode", "Sparsity"].contains($0.name) }
        body += [
            "network.train()",
            "each = \(change)(answer(\(script.arguments("train", input))), \(script.targets("train")))",
        ]
        body.append("loss = each.\(carries ? "sum" : "mean")()")
        if penalties {
            body.append(
                "loss = loss + "
                    + (carries ? "len(each) * " : "")
                    + "sum(module.penalty for module in network.modules() if hasattr(module, \"penalty\"))")
        }
        body.append("loss.backward()")
        if carries {
            body += [
                "taken += len(each)", "if not update:  # these gradients wait for the next update", "    continue",
                "for parameter in trained:", "    parameter.grad /= taken",
            ]
        }
        if let norm = learning.clipNorm { body.append("nn.utils.clip_grad_norm_(trained, \(Python.number(norm)))") }
        if learning.l1 != 0 || learning.l2 != 0 {
            body += [
                "rate, before = optimizer.param_groups[0][\"lr\"], [weight.detach().clone() for weight in decaying]",
                "optimizer.step()",
                "with torch.no_grad():",
                "    for weight, old in zip(decaying, before):",
                "        moved_to = weight - rate * (\(Python.number(learning.l2)) * old + \(Python.number(learning.l1)) * old.sign())",
                learning.l1 > 0
                    ? "        weight.copy_(torch.where(moved_to * weight < 0, 0, moved_to))"
                    : "        weight.copy_(moved_to)",
            ]
        } else {
            body.append("optimizer.step()")
        }
        body.append("optimizer.zero_grad()")
        if scheduleFactor != nil { body.append("schedule.step()") }
        body.append("step += 1")
        if carries { body.append("taken = 0") }
        body += ["if step % options.every == 0 or step == options.steps:", "    report(step)"]
        if carries {
            body += ["if step == options.steps:", "    break"]
        }
        func evaluation(_ set: String) -> String {
            "evaluate(\(set)_x, \(form.reconstructs ? "\(set)_x" : "\(set)_y")\(hasLengths ? ", \(set)_lengths" : ""))"
        }
        let isRandom =
            training.isRandom
            ? [
                "",
                "# What is random in training is drawn by PyTorch: the steps differ from layercake's, the loss before the first is the same.",
            ] : []
        var lines = [
            "parser = argparse.ArgumentParser(description=\(Python.text(training.experiment.title.isEmpty ? training.name : training.experiment.title)))",
            "parser.add_argument(\"--steps\", type=int, default=\(ExportedTraining.steps))",
            "parser.add_argument(\"--every\", type=int, default=\(ExportedTraining.steps), help=\"steps between two reports\")",
            "parser.add_argument(\"--plot\", help=\"write the curves to this picture\")",
            "options = parser.parse_args()",
            "curve = []",
            "", "",
            "def report(step):",
            "    curve.append((step, \(evaluation("train"))\(hasTest ? ", \(evaluation("test"))" : "")))",
            "    print(f\"step {step}: training loss {curve[-1][1]:.9g}\"\(hasTest ? " f\", test loss {curve[-1][2]:.9g}\"" : ""))",
            "", "",
            "report(0)",
        ]
        lines += isRandom
        lines.append(carries ? "step = taken = 0" : "step = 0")
        if carries {
            lines.append("for \(pattern) in batches():")
        } else {
            lines.append(
                "for _, \(extra.isEmpty ? pattern : "(\(pattern))") in zip(range(options.steps), batches()):")
        }
        lines += body.map { "    " + $0 }
        lines += [
            "",
            "if options.plot:", "    from matplotlib import pyplot", "",
            "    for place, name in enumerate([\"training\"\(hasTest ? ", \"test\"" : "")], 1):",
            "        pyplot.plot([point[0] for point in curve], [point[place] for point in curve], label=name)",
            "    pyplot.xlabel(\"step\")", "    pyplot.ylabel(\"loss\")", "    pyplot.legend()",
            "    pyplot.savefig(options.plot)",
        ]
        return lines.joined(separator: "\n")
    }
}
