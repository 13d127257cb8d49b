import Engine
import Testing

@testable import Session

@Suite("Numbers in what a run says")
struct NumberWordsTests {
    @Test("a remedy writes tiny rates as the screen does, and sets a number of two digits")
    func remedy() throws {
        let trainer = try Trainer(
            TrainingRun.experiment("circle").setting(assignments: ["training.optimizer.sgd.learningRate=0.0018"]))
        _ = trainer.epoch()
        let snapshot = trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
        var meter = HealthMeter()
        let measured = meter.measure(snapshot, GradientNetworks())
        let health = try #require(measured).health
        let remedy = try #require(RunFacts(snapshot, health).remedy(rateTimes: 1e-14))
        #expect(remedy.words == "lowers the learning rate from 0.0018 to 1.8e−17")
        guard case .set(_, .number(let rate)) = remedy.action else {
            Issue.record("\(remedy.action)")
            return
        }
        #expect("\(rate)" == "1.8e-17")
    }

    static let numbers: [(Double, Double)] = [
        (0.0012345, 0.0012), (0.1 + 0.2, 0.3), (987_654, 990_000), (-1.851e-17, -1.9e-17), (0.00996, 0.01), (0, 0),
        (.leastNonzeroMagnitude, .leastNonzeroMagnitude), (1e300, 1e300), (.infinity, .infinity),
    ]

    @Test("the nearest number of two digits", arguments: numbers)
    func twoDigits(value: Double, rounded: Double) { #expect(RunFacts.twoDigits(value) == rounded) }

    @Test("changes by hand")
    func changes() throws {
        let path = "training.optimizer.sgd.learningRate"
        let old = try TrainingRun.experiment("circle").setting(assignments: ["\(path)=0.03"])
        let new = try old.setting(assignments: ["\(path)=0.0000002"])
        #expect(new.changeWords(since: old) == "learning rate 0.03 → 2e−7")
        let trainer = try Trainer(old)
        let words = trainer.parameterWords(0, from: -0.123456, to: 3e-9)
        #expect(words.hasSuffix("[0] −0.1235 → 3e−9"), "\(words)")
    }

    @Test("a large seed is another one with the next number")
    func seeds() throws {
        let old = try TrainingRun.experiment("circle").setting(assignments: ["seed=4503599627370496"])
        let new = try old.setting(assignments: ["seed=4503599627370497"])
        #expect(
            new.changeWords(since: old)
                == "seed of the weights 4,503,599,627,370,496 → 4,503,599,627,370,497")
    }

    @Test("the end of a run")
    func ends() {
        var training = Experiment.standard.training
        (training.stop.trainLoss, training.stop.epochs) = (2e-9, nil)
        let evaluation = Evaluation(trainLoss: 1e-9, testLoss: 0.5)
        func reason() -> String? {
            StopConditions(training, epoch: 0, evaluation: nil).reason(epoch: 1, step: 1, evaluation: evaluation)
        }
        #expect(reason() == "train loss at most 2e−9")
        (training.stop.trainLoss, training.stop.testLoss) = (nil, 1)
        #expect(reason() == "test loss at most 1")
    }

    @Test("the return of a game that was played")
    func returns() {
        #expect(
            GreedyReturns(last: -0.25, best: 500, episodes: 100).words
                == "played without exploring: return −0.25 over 100 episodes, with the best weights 500")
    }
}
