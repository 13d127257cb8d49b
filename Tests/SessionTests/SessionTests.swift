import Engine
import Testing

@testable import Session

@Suite("The document being edited")
struct SessionTests {
    private func preset(_ name: String) throws -> Experiment {
        try Experiment(json: JSON(parsing: #require(Preset.all.first { $0.name == name }).text))
    }

    /// Does what the screen does with an action's effects.
    private func carry(_ action: Action, _ session: inout Session, _ trainer: Trainer, at time: Double = 0) throws {
        for effect in try session.reduce(action, at: time) {
            switch effect {
            case .load(let experiment, let directory, let continuation, _):
                try trainer.load(experiment, directory: directory, continuation)
            case .setParameter(let index, let value): trainer.setParameter(index, to: value)
            case .setParameters(let indices, let values): trainer.setParameters(indices, to: values)
            case .reinitialize(let indices, let draw): trainer.reinitialize(indices, draw: draw)
            }
        }
    }

    @Test(
        "a variant starts from its own weights, whatever the network had learned before",
        arguments: ["zero-weights", "learning-rate", "adam", "momentum-valley", "vanishing-gradients", "l1-features"])
    func variants(_ name: String) throws {
        let experiment = try preset(name)
        var session = Session(experiment, name: name)
        let trainer = try Trainer(experiment)
        for index in experiment.compare.indices {
            for _ in 0..<20 { _ = trainer.epoch() }
            try carry(.variant(index), &session, trainer)
            let own = try Trainer(session.experiment(ofVariant: index))
            #expect(trainer.procedure.step == 0)
            let isSame = trainer.procedure.parameters == own.procedure.parameters
            #expect(isSame, "\(experiment.compare[index].title)")
        }
        for _ in 0..<20 { _ = trainer.epoch() }
        try carry(.undo, &session, trainer)
        #expect(trainer.procedure.step == 0, "the way back starts anew too")
    }

    @Test(
        "what is opened starts from its own weights, also on the same data and the same seed, and so does the way back")
    func opening() throws {
        var session = Session(.standard)
        let trainer = try Trainer(.standard)
        for _ in 0..<30 { _ = trainer.epoch() }
        let circle = try preset("circle")
        try carry(.open(ExperimentSource(name: "circle", experiment: circle)), &session, trainer)
        #expect(trainer.procedure.parameters == (try Trainer(circle)).procedure.parameters)
        for _ in 0..<5 { _ = trainer.epoch() }
        try carry(.undo, &session, trainer)
        #expect(trainer.procedure.parameters == (try Trainer(.standard)).procedure.parameters)
        try carry(.open(ExperimentSource(name: "again", experiment: .standard)), &session, trainer)
        #expect(trainer.procedure.step == 0)
    }

    @Test("undoing an opening brings back whether it was saved, and its view")
    func openingUndone() throws {
        var experiment = Experiment.standard
        experiment.view.epochsPerSecond = 5
        var session = Session(experiment)
        _ = try session.reduce(.set(path: "seed", .number(9)))
        #expect(session.edited)
        session.markSaved(name: "mine.json")
        _ = try session.reduce(.open(ExperimentSource(name: "xor", experiment: try preset("xor"))))
        #expect(!session.edited)
        session.look { $0.epochsPerSecond = nil }
        _ = try session.reduce(.undo)
        #expect(!session.edited && session.name == "mine.json" && session.experiment.view.epochsPerSecond == 5)
        _ = try session.reduce(.redo)
        #expect(!session.edited && session.name == "xor" && session.experiment.view.epochsPerSecond == nil)
        _ = try session.reduce(.undo)
        _ = try session.reduce(.undo)
        #expect(session.edited, "the file has another seed")
    }

    @Test("showing a variant is no edit, changing it is")
    func variantEdited() throws {
        var session = Session(try preset("adam"))
        _ = try session.reduce(.variant(1))
        #expect(!session.edited && session.variant == 1)
        _ = try session.reduce(.set(path: "seed", .number(77)))
        #expect(session.edited)
    }

    @Test("an edit of the experiment takes the variants along that it leaves nothing to set, and undo brings them back")
    func variantsOfEdited() throws {
        let experiment = try Experiment(json: JSON(parsing: ExperimentSettingTests.varied))
        var session = Session(experiment)
        _ = try session.reduce(.deleteLayer(LayerPath(1)))
        #expect(session.experiment.layers.count == 1 && session.experiment.compare.map(\.title) == ["Fast"])
        _ = try session.reduce(.variant(0))
        #expect(session.experiment.seed == 5 && session.experiment.layers.count == 1)
        _ = try session.reduce(.undo)
        _ = try session.reduce(.undo)
        #expect(session.experiment == experiment)
        // With a variant on the screen, the experiment of which it is one stays as it is.
        _ = try session.reduce(.variant(1))
        let error = #expect(throws: ExperimentError.self) { try session.reduce(.deleteLayer(LayerPath(1))) }
        #expect(error?.message.hasPrefix("in the variant “Wide”: ") == true)
    }

    @Test("a layer with another initializer gets new weights, the others keep theirs")
    func initializer() throws {
        var session = Session(.standard)
        let trainer = try Trainer(.standard)
        for _ in 0..<10 { _ = trainer.epoch() }
        let before = trainer.procedure.parameters
        try carry(.set(path: "layers.0.dense.initializer", .string("zeros")), &session, trainer)
        let outline = trainer.procedure.outline
        for tensor in outline.tensors {
            let range = tensor.offset..<tensor.offset + tensor.count
            let after = Array(trainer.procedure.parameters[range])
            if tensor.name.hasPrefix("layers.0") {
                #expect(after.allSatisfy { $0 == 0 }, "\(tensor.name)")
            } else {
                #expect(after == Array(before[range]), "\(tensor.name)")
            }
        }
        try carry(.set(path: "output.initializer", .string("zeros")), &session, trainer)
        let output = outline.tensors.filter { $0.name.hasPrefix("output") }
        #expect(
            output.allSatisfy { trainer.procedure.parameters[$0.offset..<$0.offset + $0.count].allSatisfy { $0 == 0 } })
    }

    @Test(
        "key after key on one weight is one step for undo, and weights drawn again are one, with their numbers before")
    func weightSteps() throws {
        var session = Session(.standard)
        let trainer = try Trainer(.standard)
        let old = trainer.procedure.parameters
        for (step, time) in [(1, 0.0), (2, 0.5), (3, 1.0)] {
            try carry(
                .setParameter(3, from: old[3], to: old[3] + 0.1 * Float(step)), &session, trainer, at: time)
        }
        try carry(.setParameter(4, from: old[4], to: 7), &session, trainer, at: 1.1)
        try carry(.setParameter(4, from: 7, to: 8), &session, trainer, at: 9)
        try carry(.reinitialize([0, 1, 2], from: Array(old[0..<3])), &session, trainer, at: 9.1)
        let drawn = trainer.procedure.parameters
        #expect(drawn[0..<3] != old[0..<3] && drawn[4] == 8)
        try carry(.undo, &session, trainer)
        #expect(trainer.procedure.parameters[0..<3] == old[0..<3])
        try carry(.redo, &session, trainer)
        #expect(trainer.procedure.parameters == drawn, "done again it draws the same numbers")
        try carry(.undo, &session, trainer)
        for expected in [7, old[4]] {
            try carry(.undo, &session, trainer)
            #expect(trainer.procedure.parameters[4] == expected)
        }
        #expect(trainer.procedure.parameters[3] == old[3] + 0.1 * 3)
        try carry(.undo, &session, trainer)
        #expect(trainer.procedure.parameters == old && !session.canUndo)
    }

    @Test("a typed weight is a step for undo and redo, between edits of the document")
    func typedWeight() throws {
        var session = Session(.standard)
        let trainer = try Trainer(.standard)
        let old = trainer.procedure.parameters[3]
        try carry(.set(path: "training.optimizer.sgd.learningRate", .number(0.1)), &session, trainer)
        try carry(.setParameter(3, from: old, to: 2.5), &session, trainer, at: 0.1)
        try carry(.set(path: "training.optimizer.sgd.learningRate", .number(0.3)), &session, trainer, at: 0.2)
        #expect(trainer.procedure.parameters[3] == 2.5)
        try carry(.undo, &session, trainer)
        #expect(trainer.procedure.parameters[3] == 2.5, "the rate comes first")
        try carry(.undo, &session, trainer)
        #expect(trainer.procedure.parameters[3] == old)
        try carry(.redo, &session, trainer)
        #expect(trainer.procedure.parameters[3] == 2.5)
        try carry(.undo, &session, trainer)
        try carry(.undo, &session, trainer)
        #expect(session.experiment == .standard && !session.canUndo)
    }
}
