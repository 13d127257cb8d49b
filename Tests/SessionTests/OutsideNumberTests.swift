import Engine
import Testing

@testable import Session

/// Numbers that come from files and arguments are checked where they enter.
struct OutsideNumberTests {
    /// A checkpoint of a short run with some of its metadata replaced.
    private func checkpoint(_ changes: [String: String]) throws -> (checkpoint: Checkpoint, trainer: Trainer) {
        let trainer = try Trainer(Experiment.standard.setting("training.optimizer", to: .string("adam")))
        for _ in 0..<5 { _ = trainer.step() }
        var checkpoint = trainer.checkpoint(for: "")
        for (key, value) in changes { checkpoint.file.metadata[key] = value }
        return (checkpoint, trainer)
    }

    @Test(
        "a checkpoint's counter that nothing can be added to is refused",
        arguments: [
            ("step", "9223372036854775807"), ("step", "-1"), ("step", "9007199254740993"), ("step", "1e3"),
            ("epoch", "9223372036854775807"), ("epoch", "-5"), ("position", "9223372036854775807"),
            ("position", "-9223372036854775808"), ("carriedCount", "9223372036854775807"),
            ("generator.optimizer", "9223372036854775807"), ("generator.optimizer", "18446744073709551615"),
            ("generator.dropout", "1 18446744073709551615"), ("generator.shuffle", "0 0 0 0"),
            ("generator.shuffle", "1"), ("order", "1 2 3"), ("order", "2147483648"),
        ])
    func counters(key: String, value: String) throws {
        let (checkpoint, trainer) = try checkpoint([key: value])
        let error = #expect(throws: ExperimentError.self) { try trainer.restore(checkpoint) }
        #expect(error?.kind == .malformed)
        // It goes on as it was.
        #expect(trainer.procedure.step == 5)
        _ = trainer.epoch()
    }

    @Test("a run goes on from the largest counters that are taken")
    func largestCounters() throws {
        let most = "\(TrainingState.counts.upperBound)"
        let (checkpoint, trainer) = try checkpoint([
            "step": most, "epoch": most, "generator.optimizer": most,
            "generator.dropout": "18446744073709551615 \(most)",
        ])
        try trainer.restore(checkpoint)
        for _ in 0..<100 { _ = trainer.step() }
        #expect(trainer.procedure.step == TrainingState.counts.upperBound + 100)
    }

    @Test(
        "a range of any two numbers is divided without leaving them",
        arguments: [
            "-1e308..1e308:5", "-1.7e308..1.7e308:10000", "1e-308..1e308:9:log", "5e-324..1.7e308:7:log",
            "1e-320..1e-319:6", "1e308..1.7e308:4", "-5e-324..5e-324:5", "1e-300..1e-299:4:log", "1e300..1e301:3",
        ])
    func ranges(text: String) throws {
        let axis = try SweepAxis(parsing: "data.noise=\(text)", for: .standard)
        let numbers = axis.values.map { value -> Double in
            guard case .number(let number) = value else { return .nan }
            return number
        }
        #expect(numbers.count >= 2 && numbers.allSatisfy(\.isFinite))
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("values that no setting can have are refused by the sweep, whole numbers too")
    func refusedValues() {
        for vary in [
            "data.noise=-1e308..1e308:5", "layers.0.dense.units=1..1e308:5", "seed=0..1e300:3",
            "training.batchSize=-9e18..9e18:3", "view.neuron.0=1e300",
        ] {
            let error = #expect(throws: ExperimentError.self, "\(vary)") {
                _ = try Sweep(.standard, directory: nil, vary: [vary], seeds: 1, epochs: 1)
            }
            #expect(error?.kind == .arguments)
        }
    }

    @Test("a whole number in a document is refused where it has no place, however large it is")
    func documents() {
        let numbers = ["1e308", "-1e308", "9223372036854775808", "1.5", "-1", "1e19", "9007199254740993"]
        for key in ["training.batchSize", "training.stop.steps", "training.evaluateEvery", "layers.0.dense.units"] {
            for number in numbers {
                #expect(throws: ExperimentError.self, "\(key)=\(number)") {
                    _ = try Experiment.standard.setting(assignments: ["\(key)=\(number)"])
                }
            }
        }
    }

    @Test("a hidden control's layer is one that there can be")
    func hiddenLayers() throws {
        for layer in ["9223372036854775807", "-9223372036854775808", "-1", "1000"] {
            #expect(throws: ExperimentError.self) {
                _ = try Experiment.standard.setting(assignments: [#"hide=["layers.\#(layer).dense.units"]"#])
            }
            let imported = try PlaygroundLink.experiment(from: "#numNodes\(layer)_hide=true&x=true")
            #expect(layer == "1000" || imported.hide.isEmpty)
            _ = PlaygroundLink.link(for: imported)
        }
    }

    @Test("more layers or classes than there may be are refused")
    func limits() throws {
        var experiment = Experiment.standard
        experiment.layers = Array(repeating: Choice("dense"), count: NetworkDescription.mostLayers + 1)
        #expect(throws: ExperimentError.self) { try experiment.validate() }
        experiment.layers.removeLast()
        try experiment.validate()
        let points = (0...NetworkDescription.mostClasses).map { "[\($0 % 7), 1, \"c\($0)\"]" }.joined(separator: ", ")
        let error = #expect(throws: ExperimentError.self) {
            let drawn = try Experiment.standard.setting(
                "data", to: JSON(parsing: #"{"dataset": "points", "points": [\#(points)]}"#))
            try drawn.validate()
        }
        #expect(error?.message.contains("1001") == true)
    }

    @Test("coordinates that leave the numbers of the engine are refused")
    func coordinates() throws {
        let drawn = try Experiment.standard.setting(
            "data", to: JSON(parsing: #"{"dataset": "points", "points": [[1e308, 1, 0], [1, 1, 1]]}"#))
        #expect(throws: ExperimentError.self) { _ = try Trainer(drawn) }
    }
}
