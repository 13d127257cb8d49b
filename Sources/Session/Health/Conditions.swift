import Engine

extension Condition {
    /// The loss is no longer a number, or far above where it began.
    static let diverging = Condition(id: "diverging") { facts in
        let remedy = facts.remedy(rateTimes: 0.1, startsAgain: true)
        if case .diverged = facts.state {
            return Diagnosis(
                word: "diverging", sentence: "Diverging: the numbers have grown beyond all bounds", remedy: remedy)
        }
        let end = RunFacts.end(facts.train)
        guard facts.train.count >= 5, facts.train.suffix(3).allSatisfy({ $0 > 3 * facts.first }), end > 3 * facts.first
        else { return nil }
        return Diagnosis(
            word: "diverging",
            sentence: "Diverging: the training loss has grown from \(facts.plain(facts.first)) to \(facts.plain(end))",
            remedy: remedy)
    }

    /// A recurrent network whose loss has jumped at once, without a limit on its gradients, or gradients that grow from the
    /// output to the first layer a thousandfold.
    static let exploding = Condition(id: "exploding") { facts in
        guard facts.experiment.learning.clipNorm == nil || facts.experiment.learning.clipNorm == 0 else { return nil }
        let remedy = facts.remedy(
            "limits gradients to a length of 1", .set(path: "training.clipNorm", .number(1)), startsAgain: true)
        let gradients = facts.health.layers.compactMap { layer in layer.gradients.map { (layer.path, $0) } }
        if let first = gradients.first, let last = gradients.last, gradients.count >= 3, last.1 > 0,
            first.1 / last.1 > 1000
        {
            return Diagnosis(
                word: "exploding",
                sentence:
                    "Exploding gradients: from the output to the first layer they grow from \(facts.plain(last.1)) to \(facts.plain(first.1))",
                remedy: remedy)
        }
        guard facts.outline.layers.contains(where: { $0.leaves.contains { !$0.cells.isEmpty } }),
            let jump = facts.jump
        else { return nil }
        return Diagnosis(
            word: "exploding",
            sentence:
                "An exploding gradient: at epoch \(jump.epoch) the training loss jumped from \(facts.plain(jump.before)) to \(facts.plain(jump.after)), and it has not come back",
            remedy: remedy)
    }

    /// Each step is to foretell the next, and a layer sees it in the input: the loss falls, and nothing is foretold.
    static let seesAnswer = Condition(id: "seesAnswer") { facts in
        guard facts.foretells, let layer = facts.outline.laterSteps?.layer, !facts.train.isEmpty else { return nil }
        var changed = facts.experiment
        changed.layers = changed.layers.map(\.seeingNoLaterSteps)
        var remedy: Diagnosis.Remedy?
        if changed.layers != facts.experiment.layers, let layers = changed.json["layers"] {
            remedy = facts.remedy(
                "makes every step see those before it alone", .set(path: "layers", layers), startsAgain: true)
        }
        return Diagnosis(
            word: "sees the answer",
            sentence:
                "The answer is in the input: each step is to foretell the next, which \(layer.title) sees already, and the training loss of \(facts.plain(facts.last)) is no measure of what was learned",
            remedy: remedy)
    }

    /// The loss swings, does not fall, and each step moves the weights far.
    static let rateTooLarge = Condition(id: "rateTooLarge") { facts in
        let window = 20
        guard facts.train.count > 2 * window, let ratio = facts.updates?.largest, ratio > 0.005 else { return nil }
        let recent = Array(facts.train.suffix(window))
        let mean = RunFacts.end(recent, window)
        let steps = zip(recent, recent.dropFirst())
        let swing = steps.reduce(0) { $0 + abs($1.1 - $1.0) } / Double(window - 1) / mean
        guard mean > 0.15 * facts.first, swing > 0.05, steps.count(where: { $1 > $0 }) >= window / 4,
            recent.min()! > facts.train.dropLast(window).min()!
        else { return nil }
        return Diagnosis(
            word: "rate too large",
            sentence:
                "Learning rate too large: the training loss swings between \(facts.plain(recent.min()!)) and \(facts.plain(recent.max()!)) and no longer falls",
            remedy: facts.remedy(rateTimes: 0.1, startsAgain: true))
    }

    /// Most units of a layer are off for all samples.
    static let dead = Condition(id: "dead") { facts in
        guard facts.health.samples >= 32, RunFacts.end(facts.train) > 0.3 * facts.first else { return nil }
        guard let layer = facts.health.layers.max(by: { $0.dead < $1.dead }), layer.dead >= 0.75,
            let own = facts.outline[layer.path]
        else { return nil }
        let units = own.output.axes.first ?? 1
        let off = Int((layer.dead * Double(units)).rounded())
        return Diagnosis(
            word: "dead units",
            sentence:
                "Dead units: \(off) of \(units) in \(own.title) are off for every sample and no longer learn",
            remedy: facts.remedy(
                "makes all activations \(Catalogue.againstDeadUnits.title)",
                .setAllLayers(knob: "activation", .string(Catalogue.againstDeadUnits.id)), startsAgain: true))
    }

    /// The loss rests above where it began, at units whose activation is flat for nearly every sample: a step was too large.
    static let saturated = Condition(id: "saturated") { facts in
        let end = RunFacts.end(facts.train)
        let recent = facts.train.suffix(5)
        guard facts.health.samples >= 32, recent.count == 5, end > 1.2 * facts.first,
            recent.max()! - recent.min()! < 1e-3 * end
        else { return nil }
        guard let layer = facts.health.layers.max(by: { $0.saturated < $1.saturated }), layer.saturated >= 0.9,
            let own = facts.outline[layer.path]
        else { return nil }
        return Diagnosis(
            word: "saturated units",
            sentence:
                "Saturated units: nearly all values of \(own.title) lie where its activation is flat, and the training loss rests at \(facts.plain(end)), above the \(facts.plain(facts.first)) of the start",
            remedy: facts.remedy(rateTimes: 0.1, startsAgain: true))
    }

    /// The gradient fades towards the first layers, and the loss stays.
    static let vanishing = Condition(id: "vanishing") { facts in
        let gradients = facts.health.layers.compactMap { layer in layer.gradients.map { (layer.path, $0) } }
        guard gradients.count >= 4, facts.train.count >= 5, facts.epoch >= 5,
            RunFacts.end(facts.train) > 0.8 * facts.first
        else { return nil }
        let (first, last) = (gradients[0].1, gradients[gradients.count - 2].1)
        guard last > 0, first / last < 1e-2 else { return nil }
        return Diagnosis(
            word: "vanishing",
            sentence:
                "Vanishing gradients: from the last hidden layer to the first they fade from \(facts.plain(last)) to \(facts.plain(first)), and the loss stays at \(facts.plain(RunFacts.end(facts.train)))",
            remedy: facts.remedy(
                "makes all activations \(Catalogue.againstVanishing.title)",
                .setAllLayers(knob: "activation", .string(Catalogue.againstVanishing.id)), startsAgain: true))
    }

    /// The gradient at the states fades on its way back to the steps that the answer depends on, and the loss stays.
    static let vanishingInTime = Condition(id: "vanishingInTime") { facts in
        guard let lags = facts.health.lags, facts.train.count >= 25, facts.epoch >= 25,
            RunFacts.end(facts.train) > 0.9 * facts.first,
            RunFacts.end(facts.train) > 0.95 * (facts.train.min() ?? .nan)
        else { return nil }
        // The line that fades least: one layer is enough to remember.
        let fades = lags.lines.filter { $0.norms.count >= 10 }.compactMap {
            line -> (near: Double, far: Double, steps: Int)? in
            let steps = line.norms.count
            let (near, far) = (line.norms.prefix(3).max()!, line.norms.suffix(max(1, steps / 10)).max()!)
            return near > 0 && far.isFinite ? (near, far, steps) : nil
        }
        // Where the answers are right already, as with weights that were kept, hardly anything is sent back.
        guard let least = fades.max(by: { $0.far / $0.near < $1.far / $1.near }), least.far / least.near < 3e-5,
            least.near > 1e-3 * (2 * RunFacts.end(facts.train)).squareRoot()
        else { return nil }
        return Diagnosis(
            word: "vanishing in time",
            sentence:
                "Vanishing gradients through time: over the \(least.steps) steps before the answer they fade from \(facts.plain(least.near)) to \(facts.plain(least.far)), and the loss stays at \(facts.plain(RunFacts.end(facts.train)))",
            remedy: facts.longMemory(least.steps))
    }

    /// The test loss has risen well above its best while the training loss went on falling.
    static let overfitting = Condition(id: "overfitting") { facts in
        guard facts.test.count >= 12 else { return nil }
        // Means of three: single measurements tremble.
        func smooth(_ values: [Double]) -> [Double] {
            values.indices.dropFirst(2).map { (values[$0] + values[$0 - 1] + values[$0 - 2]) / 3 }
        }
        let (train, test) = (smooth(facts.train), smooth(facts.test))
        guard let best = test.indices.min(by: { test[$0] < test[$1] }), test.count - best > 8,
            let lastTest = test.last, let lastTrain = train.last
        else { return nil }
        let rise = lastTest - test[best]
        guard rise > 0.2 * test[best], rise > 0.02 * facts.test[0], lastTrain < 0.8 * train[best],
            lastTrain < 0.6 * lastTest
        else { return nil }
        return Diagnosis(
            word: "overfitting",
            sentence:
                "Overfitting: since epoch \(facts.epochs[best + 2]) the test loss has risen from \(facts.plain(test[best])) to \(facts.plain(lastTest)) while the training loss fell to \(facts.plain(lastTrain))",
            remedy: facts.regularization)
    }

    /// The loss falls steadily, but each step is tiny.
    static let rateTooSmall = Condition(id: "rateTooSmall") { facts in
        let window = 40
        guard facts.train.count > window, let ratio = facts.updates?.largest, ratio < 1e-3 else { return nil }
        let recent = Array(facts.train.suffix(window))
        // Steps that are large enough to find their way through the samples' differences make it tremble.
        guard zip(recent, recent.dropFirst()).allSatisfy({ $1 < $0 }), facts.last > 0.7 * facts.first,
            facts.last > 0.9 * recent[0]
        else { return nil }
        let (start, now) = facts.apart(facts.first, facts.last)
        return Diagnosis(
            word: "rate too small",
            sentence:
                "Learning rate too small: a step changes the weights by \(facts.plain(100 * ratio)) %, and in \(facts.epoch) epochs the training loss has fallen from \(start) to \(now)",
            remedy: facts.remedy(rateTimes: 10))
    }
}

extension RunFacts {
    /// A layer that switches values off before the output; where there is one already, a higher L2 rate.
    fileprivate var regularization: Diagnosis.Remedy? {
        let layer = Catalogue.againstOverfitting
        if !experiment.layers.flatMap(\.allLayers).contains(where: { $0.id == layer.id }),
            case .array(let layers)? = experiment.json["layers"], !layers.isEmpty
        {
            let title = Catalogue.entry(.layer, layer.id)?.title ?? layer.id
            var own: [JSON] = []
            for (json, layer) in zip(layers, outline.layers) {
                own.append(json)
                if layer.parameterCount > 0 { own.append(.string(Catalogue.againstOverfitting.id)) }
            }
            return remedy("adds \(title) behind every layer with weights", .set(path: "layers", .array(own)))
        }
        let path = "training.regularization.l2"
        guard case .number(let rate)? = experiment.value(at: path) else { return nil }
        let next = rate == 0 ? 0.03 : Self.twoDigits(rate * 3)
        return remedy("sets the L2 rate to \(plain(next))", .set(path: path, .number(next)))
    }

    /// Recurrent layers whose cells remember so many steps at the start; nil: they do already.
    fileprivate func longMemory(_ steps: Int) -> Diagnosis.Remedy? {
        let (layer, knob) = Catalogue.againstForgetting
        guard case .array(let layers)? = experiment.json["layers"] else { return nil }
        var changed = false
        let own = zip(layers, experiment.layers).map { json, choice -> JSON in
            guard choice.isRecurrent, choice.innerStacks.isEmpty,
                choice.id != layer.id || choice.knobs[knob].map({ $0 == .integer(0) }) ?? true
            else { return json }
            changed = true
            var settings: [JSON.Member] = []
            if case .object(let members)? = json[choice.id] {
                settings = members.filter { $0.key != knob && layer.knob($0.key) != nil }
            }
            return .object([.init(layer.id, .object(settings + [.init(knob, .number(Double(steps)))]))])
        }
        guard changed else { return nil }
        let words = "makes the cells an \(layer.title.uppercased()) that remembers \(steps) steps at the start"
        var settings = [JSON.Member("layers", .array(own))]
        guard !Catalogue.evensSteps(optimizer: experiment.training.optimizer.id) else {
            return remedy(words, .settings(settings), startsAgain: true)
        }
        // Steps as long as the gradients are would take hundreds of epochs even so.
        let optimizer = Catalogue.againstSmallGradients
        let rate = JSON.object([.init("learningRate", .number(0.01))])
        settings.append(.init("training.optimizer", .object([.init(optimizer.id, rate)])))
        return remedy("\(words), trained by \(optimizer.title),", .settings(settings), startsAgain: true)
    }

    /// A jump of the loss from one measurement to the next that was not made good again; nil: none.
    fileprivate var jump: (epoch: Int, before: Double, after: Double)? {
        guard train.count >= 8 else { return nil }
        for index in train.indices.dropFirst(2).dropLast(4) {
            let before = (train[index - 1] + train[index - 2]) / 2
            guard train[index] > 1.5 * before, train[index] > 1.2 * first,
                train[index...].allSatisfy({ $0 > 1.3 * before })
            else { continue }
            return (epochs[index], before, train[index])
        }
        return nil
    }
}
