import Engine
import Session

extension PanelID {
    static let training = PanelID("training")
}

extension Panel {
    /// How the network learns.
    static let training = Panel(
        id: .training, title: "Training", place: .input,
        words: "How the network learns: optimizer, learning rate, batches, regularization, and when to stop.",
        watch: "The learning rate first: most runs that do not learn have one that is too small or too large.",
        heights: Heights(least: 9, best: 16, ample: 26, rank: 2),
        editor: Editor(
            rows: \.training, firstRow: { $0.firstIndex { $0.path?.hasPrefix("training.optimizer.") == true } ?? 0 },
            list: { RowList(rect: $1.inset(bottom: 1)) }),
        draw: { app, frame, rect in
            app.drawRows(into: &frame, of: .training, panelContent(of: rect))
        }, findings: \.rivalFindings)
}

extension EditorRows {
    var training: [EditorRow] {
        // The knobs of a procedure that is not the common one are what its network is about.
        let procedure = choice("training.procedure", .procedure)
        let isCommon = experiment.training.procedure.id == Catalogue.standardProcedure(forGames: false).id
        var rows = isCommon ? [] : procedure
        rows += choice("training.optimizer", .optimizer)
        rows += choice("training.schedule", .schedule)
        rows += [
            setting("training.regularization.l1", title: "L1"), setting("training.regularization.l2", title: "L2"),
            setting("training.clipNorm", optional: true),
        ].compactMap(\.self)
        if !Catalogue.hasOwnLoss(experiment.training.procedure) {
            rows += choice("output.loss", .loss, optional: true)
            rows += choice("output.activation", .activation, title: "output", optional: true)
        }
        for knob in sharedLayerKnobs where !experiment.hides("layers.\(knob.name)") && !experiment.hides(knob.name) {
            rows.append(
                EditorRow(
                    kind: .allLayers(knob: knob.name), knob: knob, title: knob.title + "s",
                    value: sharedValue(of: knob)))
        }
        if !experiment.hides("view.epochsPerSecond") {
            rows.append(
                EditorRow(
                    kind: .speed, knob: nil, title: "speed limit", value: speedText(experiment.view.epochsPerSecond)))
        }
        rows += [setting("seed")].compactMap(\.self)
        rows.append(
            EditorRow(kind: .keepWeights, knob: nil, title: "keep weights", value: keepsWeights ? "on" : "off"))
        rows += [
            setting("training.shuffle", title: "shuffle batches"), setting("training.lastBatch"),
            setting("training.rule"),
        ].compactMap(\.self)
        if isCommon { rows += procedure }
        rows += rivals
        rows += [
            setting("training.evaluateEvery"), setting("training.stop.epochs", optional: true),
            setting("training.stop.steps", optional: true), setting("training.stop.trainLoss", optional: true),
            setting("training.stop.testLoss", optional: true), setting("training.stop.patience", optional: true),
        ].compactMap(\.self)
        return rows
    }

    /// Choices that at least one layer has as a knob (activation, initializer): they can be set for all at once.
    private var sharedLayerKnobs: [Knob] {
        var knobs: [Knob] = []
        for layer in experiment.layers.flatMap(\.allLayers) {
            for knob in Catalogue.entry(.layer, layer.id)?.knobs ?? [] {
                if case .choice = knob.kind, !knobs.contains(where: { $0.name == knob.name }) { knobs.append(knob) }
            }
        }
        return knobs
    }

    private func sharedValue(of knob: Knob) -> String {
        var values: Set<String> = []
        for layer in experiment.layers.flatMap(\.allLayers) {
            guard let own = Catalogue.entry(.layer, layer.id)?.knob(knob.name) else { continue }
            values.insert(KnobWalk.text(KnobWalk.json(layer.value(of: own)), of: own, none: "none"))
        }
        return values.count == 1 ? values.first! : "mixed"
    }
}

extension EditorRow.Kind {
    static let speed = Self(
        id: "speed", change: { $0.changeSpeed($1) }, enter: { $0.popup = MenuPopup.speeds(of: $0) },
        explain: { explanation, _, _ in
            explanation.words = "How many epochs train in a second; unlimited is as fast as this computer can."
        })

    static let keepWeights = Self(
        id: "keepWeights", change: { app, _ in app.toggleKeepWeights() },
        explain: { explanation, _, _ in
            explanation.words = "When layers change, the weights that still fit stay; off: the network starts anew."
        })
}
