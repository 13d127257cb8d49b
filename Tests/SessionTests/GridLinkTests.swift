import Engine
import Testing

@testable import Session

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Experiments that train side by side")
struct GridLinkTests {
    private func experiments() throws -> [Experiment] {
        let standard = Experiment.standard
        return [
            standard, try standard.setting("training.optimizer", to: .string("adam")),
            try standard.setting("layers.0.dense.units", to: .number(7)),
            try standard.setting("training.batchSize", to: .number(25)),
        ]
    }

    /// Waits for news that are as wanted.
    private func wait(_ link: GridLink, seconds: Double = 180, _ wanted: (GridNews) -> Bool) throws -> GridNews {
        let start = monotonicSeconds()
        while monotonicSeconds() - start < seconds {
            let news = link.latest
            if wanted(news) { return news }
            usleep(2000)
        }
        throw Late(news: "\(link.latest.members.map(\.snapshot.epoch)) \(link.latest.failure ?? "")")
    }

    struct Late: Error { var news: String }

    @Test("each is where training it alone gets, with its loss curve and its picture")
    func alone() throws {
        let experiments = try experiments()
        let link = GridLink(experiments, directory: nil, playing: false, epochsPerSecond: nil, threads: 2) {}
        defer { link.stop() }
        var request = ViewRequest()
        request.boundary = ViewRequest.Size(columns: 8, rows: 6)
        link.show(Array(repeating: request, count: experiments.count))
        for _ in 0..<5 { link.send(.stepEpoch) }
        let news = try wait(link) { $0.members.first?.snapshot.epoch == 5 && $0.members[0].picture != nil }
        for (member, experiment) in zip(news.members, experiments) {
            let trainer = try Trainer(experiment)
            for _ in 0..<5 { _ = trainer.epoch() }
            #expect(member.snapshot.step == trainer.procedure.step)
            #expect(member.snapshot.state == .paused)
            let (mine, its) = (member.snapshot.parameters, trainer.procedure.parameters)
            #expect(zip(mine, its).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) })
            #expect(abs(member.snapshot.evaluation!.trainLoss - trainer.evaluate().trainLoss) < 1e-5)
            #expect(member.snapshot.history.points.map(\.epoch) == [0, 1, 2, 3, 4, 5])
            #expect(member.picture?.boundary?.field.values.count == 48)
        }
    }

    @Test("with rivals each is where a trainer alone gets, its rivals fitted and pictured")
    func rivals() throws {
        var experiments = [Experiment.standard, try Experiment.standard.setting("data.dataset", to: .string("moons"))]
        for index in experiments.indices { experiments[index].rivals = [Choice("svm"), Choice("kNN")] }
        let link = GridLink(
            experiments, directory: nil, playing: false, epochsPerSecond: nil, threads: 1, fitsRivals: true
        ) {}
        defer { link.stop() }
        var request = ViewRequest()
        request.boundary = ViewRequest.Size(columns: 8, rows: 6)
        request.rivals = request.boundary
        link.show([request, request])
        for _ in 0..<4 { link.send(.stepEpoch) }
        let news = try wait(link) { $0.members.last?.snapshot.epoch == 4 && $0.members[1].picture != nil }
        for (member, experiment) in zip(news.members, experiments) {
            let trainer = try Trainer(experiment)
            for _ in 0..<4 { _ = trainer.epoch() }
            #expect(member.snapshot.parameters == trainer.procedure.parameters)
            #expect(member.snapshot.rivals.map(\.testScore) == trainer.rivalReports.map(\.testScore))
            #expect(member.picture?.rivals.count == 2)
        }
        link.send(.reset)
        let again = try wait(link) { $0.members.allSatisfy { $0.snapshot.epoch == 0 } && $0.number > news.number }
        #expect(again.members[0].snapshot.parameters == (try Trainer(experiments[0])).procedure.parameters)
        link.send(.play)
        let fitted = try wait(link) { $0.members.allSatisfy { $0.snapshot.rivals.allSatisfy(\.isFinished) } }
        #expect(fitted.failure == nil)
    }

    @Test("the end interrupts a preset that the networks start from")
    func cancelledPreset() throws {
        let slow = try Experiment(
            json: JSON(
                parsing:
                    #"{"data":{"dataset":"circle"},"layers":[{"dense":{"units":4}}],"initial":{"preset":"spirals-softmax","epochs":1000000}}"#
            ))
        let link = GridLink([slow], directory: nil, playing: true, epochsPerSecond: nil, threads: 1) {}
        // Waits for the thread: without the interruption, for hours.
        link.stop()
        #expect(link.latest.members.isEmpty)
    }

    @Test("an epoch that was asked for is completed though pictures are asked for meanwhile")
    func stepWhileShowing() throws {
        let experiments = try (0..<12).map { try Experiment.standard.setting("seed", to: .number(Double($0))) }
        let link = GridLink(experiments, directory: nil, playing: false, epochsPerSecond: nil, threads: 1) {}
        defer { link.stop() }
        for epoch in 1...60 {
            link.send(.stepEpoch)
            for columns in 0..<20 {
                var request = ViewRequest()
                request.boundary = ViewRequest.Size(columns: 2 + columns, rows: 2)
                link.show(Array(repeating: request, count: experiments.count))
            }
            let news = try wait(link) { $0.members.allSatisfy { $0.snapshot.epoch >= epoch } && $0.number > 0 }
            #expect(news.members.allSatisfy { $0.snapshot.epoch == epoch })
        }
    }

    @Test("all start from the same weights where only the optimizer differs, and a reset brings them back")
    func reset() throws {
        let experiments = Array(try experiments().prefix(2))
        let link = GridLink(experiments, directory: nil, playing: true, epochsPerSecond: nil, threads: 1) {}
        defer { link.stop() }
        let trained = try wait(link) { $0.members.first.map { $0.snapshot.epoch > 3 } ?? false }
        #expect(trained.members[0].snapshot.parameters != trained.members[1].snapshot.parameters)
        link.send(.pause)
        link.send(.reset)
        let news = try wait(link) { $0.members.first?.snapshot.epoch == 0 }
        #expect(news.members[0].snapshot.parameters == news.members[1].snapshot.parameters)
        #expect(news.members[0].snapshot.parameters == (try Trainer(experiments[0])).procedure.parameters)
    }

    @Test("a stop condition and a divergence end one run, and the others go on")
    func ends() throws {
        let standard = Experiment.standard
        let experiments = [
            try standard.setting("training.stop.epochs", to: .number(4)), standard,
            try standard.setting("output.activation", to: .string("linear")).setting("layers", to: .array([]))
                .setting("training.optimizer.sgd.learningRate", to: .number(1000)),
        ]
        let link = GridLink(experiments, directory: nil, playing: true, epochsPerSecond: nil, threads: 2) {}
        defer { link.stop() }
        let news = try wait(link) { $0.members.count == 3 && $0.members[1].snapshot.epoch > 10 }
        #expect(news.members[0].snapshot.state == .finished("4 epochs"))
        #expect(news.members[0].snapshot.epoch == 4)
        guard case .diverged = news.members[2].snapshot.state else {
            Issue.record("\(news.members[2].snapshot.state)")
            return
        }
    }

    @Test(
        "on a device they come out as on the processor, but for rounding",
        .enabled(if: ComputeDevice.all.count > 1, "no OpenCL device is here"))
    func device() throws {
        let rates = [0.01, 0.03, 0.1]
        let experiments = try rates.map {
            try Experiment.standard.setting("training.optimizer.sgd.learningRate", to: .number($0))
        }
        let device = try #require(ComputeDevice.all.last)
        let link = GridLink(
            experiments, directory: nil, playing: false, epochsPerSecond: nil, threads: 1, device: device
        ) {}
        defer { link.stop() }
        for _ in 0..<3 { link.send(.stepEpoch) }
        let news = try wait(link, seconds: 120) { $0.members.first?.snapshot.epoch == 3 }
        #expect(news.deviceFailure == nil && news.members.allSatisfy { $0.snapshot.device == device })
        for (member, experiment) in zip(news.members, experiments) {
            let trainer = try Trainer(experiment)
            for _ in 0..<3 { _ = trainer.epoch() }
            #expect(abs(member.snapshot.evaluation!.trainLoss - trainer.evaluate().trainLoss) < 1e-4)
        }
    }

    @Test("what cannot be trained is said")
    func failure() throws {
        let missing = try Experiment.standard.setting(
            "data", to: .object([.init("dataset", .string("csv")), .init("file", .string("nowhere.csv"))]))
        let link = GridLink([missing], directory: nil, playing: true, epochsPerSecond: nil, threads: 1) {}
        defer { link.stop() }
        let news = try wait(link) { $0.failure != nil }
        #expect(news.failure?.contains("nowhere.csv") == true)
    }
}
