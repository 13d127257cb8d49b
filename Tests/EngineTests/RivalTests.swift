@testable import Engine
#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif
import Testing

/// Rivals beside scikit-learn, in double precision, on rows without ties.
@Suite struct RivalFixtureTests {
    static let fixtures = Fixture.read("rivals.txt")
    static let cases = fixtures.filter { $0.kind != "data" }

    /// The rows of a case.
    struct Data {
        let train: Samples
        let test: Samples
        let task: Task
        let width: Int

        init(_ name: String) throws {
            let fixture = try #require(fixtures.first { $0.kind == "data" && $0.id == name })
            let width = Int(fixture.numbers["width"]![0])
            func samples(_ rows: String, _ labels: String) -> Samples {
                let labels = fixture.numbers[labels]!.map { Float($0) }
                return Samples(
                    count: labels.count, inputs: fixture.numbers[rows]!.map { Float($0) }, labels: labels)
            }
            (train, test) = (samples("train", "labels"), samples("test", "testLabels"))
            self.width = width
            task = fixture.words["classes"].map { .classification(classes: Int($0)!) } ?? .regression
        }

        /// A rival that has been fitted.
        func fit(_ choice: Choice, seed: UInt64 = 1, chunk: Int = .max) throws -> any RivalModel {
            let rival = try #require(Catalogue.rivals.first { $0.entry.id == choice.id })
            let learner = try learner(choice, seed: seed)
            let team = ThreadTeam(threads: 2)
            while !learner.isFinished { _ = learner.advance(steps: chunk, team: team) }
            // As it comes back from a file.
            let model = learner.model
            return try rival.restored(
                Settings(choice, in: .rival, place: "rivals.0"), form,
                RivalTensors(model.tensors, place: "rivals.0"))
        }

        var form: RivalForm { RivalForm(width: width, classes: task.classes) }

        func learner(_ choice: Choice, seed: UInt64 = 1) throws -> any RivalLearner {
            let rival = try #require(Catalogue.rivals.first { $0.entry.id == choice.id })
            return try rival.learner(
                Settings(choice, in: .rival, place: "rivals.0"),
                RivalData(
                    rows: train.inputs.values.map { Double($0) }, count: train.count, form: form,
                    labels: train.labels.map { Double($0) }, seed: seed))
        }

        /// Row-major.
        func answers(_ model: any RivalModel) -> [Double] {
            model.outputs(
                of: test.inputs.values.map { Double($0) }, count: test.count, team: ThreadTeam(threads: 2))
        }

        func score(_ model: any RivalModel) -> Double {
            let (answers, labels) = (answers(model), test.labels.map { Double($0) })
            if task.classes != nil {
                let right = zip(model.classes(of: answers), labels).filter { Double($0) == $1 }.count
                return Double(right) / Double(labels.count)
            }
            let mean = labels.reduce(0, +) / Double(labels.count)
            let all = labels.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            return 1 - zip(answers, labels).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / all
        }
    }

    static func choice(_ fixture: Fixture) -> Choice {
        var choice = fixture.choice(.rival, fixture.kind)
        for (name, word) in fixture.words where name != "data" && name != "classes" { choice.knobs[name] = .text(word) }
        if Catalogue.entry(.rival, fixture.kind)?.knob("tolerance") != nil { choice.knobs["tolerance"] = .real(1e-4) }
        return choice
    }

    @Test("predictions, probabilities and objectives are scikit-learn's", arguments: cases)
    func peers(_ fixture: Fixture) throws {
        let data = try Data(fixture.words["data"]!)
        let choice = Self.choice(fixture)
        if let scores = fixture.numbers["scores"] { return try expect(scores, choice, data) }
        let model = try data.fit(choice)
        let answers = data.answers(model)
        // Of the sigmoid kernel, which is not definite, there are several optima.
        if choice.knobs["kernel"] == .text("sigmoid") { return #expect(answers.allSatisfy { $0.isFinite }) }
        if let expected = fixture.numbers["predictions"] {
            if data.task.classes != nil {
                let wrong = zip(model.classes(of: answers), expected).filter { Double($0) != $1 }.count
                // Of a boundary that is found to a tolerance a point in a thousand may lie on the other side.
                let tolerance = fixture.numbers["objectives"] == nil ? 0 : (expected.count + 999) / 1000
                #expect(wrong <= tolerance)
            } else {
                for (found, expected) in zip(answers, expected) {
                    #expect(abs(found - expected) <= 1e-6 * max(1, abs(expected)))
                }
            }
        }
        if let expected = fixture.numbers["probabilities"] {
            #expect(answers.count == expected.count)
            for (found, expected) in zip(answers, expected) { #expect(abs(found - expected) < 1e-6) }
        }
        if let expected = fixture.numbers["logarithms"] {
            let bayes = try #require(model as? BayesModel)
            let rows = data.test.inputs.values.map { Double($0) }
            for row in 0..<data.test.count {
                let joint = rows.withUnsafeBufferPointer { bayes.logarithms($0.baseAddress! + row * data.width) }
                let most = joint.max()!
                let sum = most + log(joint.reduce(0) { $0 + exp($1 - most) })
                for (label, value) in joint.enumerated() {
                    let expected = expected[row * joint.count + label]
                    #expect(abs(value - sum - expected) <= 1e-5 * max(1, abs(expected)))
                }
            }
        }
        if let expected = fixture.numbers["objectives"] {
            let learner = try #require(try data.learner(choice) as? SupportVectorLearner)
            _ = learner.advance(steps: .max, team: ThreadTeam(threads: 1))
            #expect(learner.machines.count == expected.count)
            for (machine, expected) in zip(learner.machines, expected) {
                #expect(abs(machine.objective - expected) <= 1e-4 * abs(expected))
            }
        }
    }

    /// Compares the mean score over 20 seeds.
    private func expect(_ scores: [Double], _ choice: Choice, _ data: Data) throws {
        func moments(_ scores: [Double]) -> (mean: Double, squaredError: Double) {
            let (mean, count) = (scores.reduce(0, +) / Double(scores.count), Double(scores.count))
            let variance = scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
            return (mean, variance / count)
        }
        let own = moments(try (0..<UInt64(scores.count)).map { data.score(try data.fit(choice, seed: $0)) })
        let theirs = moments(scores)
        let error = (own.squaredError + theirs.squaredError).squareRoot()
        #expect(abs(own.mean - theirs.mean) <= 2 * error, "\(own.mean), scikit-learn \(theirs.mean), error \(error)")
    }
}

/// Rivals on rows of any kind.
@Suite struct RivalTests {
    /// Every rival for some answers, with few trees.
    static func choices(_ answers: Rival.Answers) -> [Choice] {
        Catalogue.rivals.filter { $0.answers.contains(answers) }.map { rival in
            var choice = Choice(rival.entry.id)
            if rival.entry.knob("trees") != nil { choice.knobs["trees"] = .integer(10) }
            return choice
        }
    }

    private func samples(_ rows: [[Float]], _ labels: [Float]) -> Samples {
        Samples(count: rows.count, inputs: rows.flatMap { $0 }, labels: labels)
    }

    private func set(_ choices: [Choice], _ task: Task, _ train: Samples, seed: UInt64 = 1) throws -> RivalSet {
        try RivalSet(
            choices, network: NetworkDescription(input: Shape(train.inputs.width), task: task, layers: []), task: task,
            train: train, test: train, seed: seed, threads: 2)
    }

    /// Everything finite, and how much of the training rows each rival tells.
    private func scores(_ choices: [Choice], _ task: Task, _ train: Samples) throws -> [Double] {
        let set = try set(choices, task, train)
        set.fit()
        #expect(set.isFinished)
        try set.measure(parameters: [])
        return try zip(choices, set.reports).map { choice, report in
            let model = try #require(report.model)
            let predictor = RivalPredictor(model, network: nil, layer: nil, threads: 1)
            let answers = try predictor.outputs(at: FixedInputs(train.inputs, count: train.count))
            #expect(answers.allSatisfy { $0.allSatisfy(\.isFinite) }, "\(choice.id)")
            if model.givesProbabilities {
                for row in 0..<train.count {
                    #expect(abs(answers.reduce(0) { $0 + $1[row] } - 1) < 1e-5, "\(choice.id)")
                }
            }
            return report.trainScore ?? .nan
        }
    }

    @Test("constant columns, doubled rows and single columns are learned")
    func awkwardRows() throws {
        var random = Random(seed: 4)
        let points = (0..<90).map { index in
            [Float(index % 3) * 3 + Float(random.normal()) * 0.3, 7, Float(random.normal()), 7]
        }
        let labels = (0..<90).map { Float($0 % 3) }
        let doubled = samples(points + points, labels + labels)
        for score in try scores(Self.choices(.classes), .classification(classes: 3), doubled) { #expect(score > 0.95) }
        let column = samples(points.map { [$0[0]] }, labels.map { $0 == 2 ? 1 : 0 })
        for score in try scores(Self.choices(.classes), .classification(classes: 2), column) { #expect(score > 0.95) }
        let values = samples(points + points, (points + points).map { 2 * $0[0] - $0[2] })
        for score in try scores(Self.choices(.values), .regression, values) { #expect(score > 0.8) }
    }

    @Test("rows that are all the same, and one class alone, are learned as far as they can be")
    func oneClass() throws {
        let same = samples([[Float]](repeating: [1, 2], count: 12), (0..<12).map { $0 < 9 ? 1 : 0 })
        for score in try scores(Self.choices(.classes), .classification(classes: 2), same) { #expect(score == 0.75) }
        for label in [0, 1, 2] as [Float] {
            let alone = samples((0..<10).map { [Float($0), 1] }, [Float](repeating: label, count: 10))
            let all = try scores(Self.choices(.classes), .classification(classes: 3), alone)
            for score in all { #expect(score == 1) }
            guard label < 2 else { continue }
            for score in try scores(Self.choices(.classes), .classification(classes: 2), alone) { #expect(score == 1) }
        }
        let single = samples([[3, 4]], [0.5])
        for choice in Self.choices(.values) {
            let set = try set([choice], .regression, single)
            set.fit()
            #expect(set.isFinished)
        }
    }

    @Test("a support vector machine of more pairs of classes than there is memory for is refused")
    func manyClasses() throws {
        let count = 400_000
        let many = Samples(
            count: count, inputs: (0..<count).map { Float($0) }, labels: (0..<count).map { Float($0 % 1000) })
        let error = #expect(throws: EngineError.self) {
            _ = try set([Choice("svm")], .classification(classes: 1000), many)
        }
        #expect(error?.message.contains("fewer classes") == true, "\(error?.message ?? "")")
    }

    @Test("values that are all equal have no R², and the rivals are measured all the same")
    func equalValues() throws {
        let equal = samples((0..<10).map { [Float($0), 1] }, [Float](repeating: 0.1, count: 10))
        for score in try scores(Self.choices(.values), .regression, equal) { #expect(score.isNaN) }
        let set = try set(Self.choices(.values), .regression, equal)
        set.fit()
        #expect(set.reports.allSatisfy { !$0.isMeasured })
        try set.measure(parameters: [])
        #expect(set.reports.allSatisfy { $0.isMeasured && $0.trainScore == nil && $0.testScore == nil })
    }

    @Test(
        "steps one by one, many at once and whatever the threads end in the same rival", arguments: ["moons", "line"])
    func steps(_ name: String) throws {
        let data = try RivalFixtureTests.Data(name)
        for choice in Self.choices(data.task.classes == nil ? .values : .classes) {
            let whole = try data.fit(choice)
            let single = try data.fit(choice, chunk: 1)
            #expect(whole.tensors == single.tensors, "\(choice.id)")
            let learner = try data.learner(choice)
            while !learner.isFinished { _ = learner.advance(steps: 7, team: ThreadTeam(threads: 1)) }
            #expect(learner.model.tensors == whole.tensors, "\(choice.id)")
            #expect(learner.advance(steps: 5, team: ThreadTeam(threads: 1)) == 0)
        }
    }

    @Test("a rival answers at every step on its way")
    func onTheWay() throws {
        let data = try RivalFixtureTests.Data("blobs")
        for choice in Self.choices(.classes) {
            let learner = try data.learner(choice)
            var steps = 0
            while !learner.isFinished, steps < 30 {
                #expect(data.answers(learner.model).allSatisfy { $0.isFinite }, "\(choice.id)")
                steps += learner.advance(steps: 1, team: ThreadTeam(threads: 1))
            }
        }
    }

    @Test("support vectors of separable points lie on the margin, and the others outside it")
    func margin() throws {
        let points: [[Float]] = [[0, 0], [0, 1], [-1, 0], [2, 0], [2, 1], [4, 0]]
        let train = samples(points, [0, 0, 0, 1, 1, 1])
        let set = try set(
            [Choice("svm", ["kernel": .text("linear"), "C": .real(1000)])], .classification(classes: 2), train)
        set.fit()
        let model = try #require(set.reports[0].model)
        let answers = try RivalPredictor(model, network: nil, layer: nil, threads: 1)
            .outputs(at: FixedInputs(train.inputs, count: train.count))[0]
        // The widest street runs from x = 0 to x = 2.
        for (point, answer) in zip(points, answers) { #expect(abs(answer - (point[0] - 1)) < 1e-2) }
        #expect(model.hasMargin)
        #expect(model.supportRows.allSatisfy { abs(abs(answers[Int($0)]) - 1) < 1e-2 })
        #expect(!model.supportRows.isEmpty)
    }

    @Test(
        "twenty thousand rows are learned by every rival that does not need all products at once",
        .timeLimit(.minutes(5)))
    func manyRows() throws {
        var random = Random(seed: 8)
        let rows = (0..<20_000).map { _ in [Float(random.uniform(-1, 1)), Float(random.uniform(-1, 1))] }
        let labels = rows.map { ($0[0] * $0[0] + $0[1] * $0[1] < 0.5) ? Float(1) : 0 }
        let train = samples(rows, labels)
        let fitting = Self.choices(.classes).filter { $0.id != "svm" }
        let all = try scores(fitting, .classification(classes: 2), train)
        // A line cannot close the disc, and neither bell curves nor ten small trees follow its edge.
        let leasts = ["logisticRegression": 0.5, "naiveBayes": 0.8, "gradientBoosting": 0.9]
        for (choice, score) in zip(fitting, all) { #expect(score > leasts[choice.id] ?? 0.95, "\(choice.id)") }
        let set = try set([Choice("svm")], .classification(classes: 2), train)
        set.advance(steps: 300)
        try set.measure(parameters: [])
        #expect(set.reports[0].steps == 300)
        #expect(set.reports[0].trainScore ?? 0 > 0.5)
    }

    @Test("a rival learns from the layer that it names, fitted anew from what the layer is")
    func layers() throws {
        let data = try RivalFixtureTests.Data("moons")
        let network = NetworkDescription(
            input: Shape(2), task: data.task, layers: [Choice("dense", ["units": .integer(3), "name": .text("code")])])
        let set = try RivalSet(
            [Choice("kNN", ["on": .text("code")]), Choice("kNN")], network: network, task: data.task,
            train: data.train, test: data.test, seed: 1, threads: 1)
        let outline = try network.outline()
        try set.measure(parameters: [Float](repeating: 0, count: outline.flatCount))
        // A code that is one point tells nothing.
        let share = data.train.labels.reduce(0, +) / Float(data.train.count)
        #expect(abs(Double(max(share, 1 - share)) - (set.reports[0].trainScore ?? 0)) < 0.1)
        let first = set.reports[0].version
        var random = Random(seed: 3)
        try set.measure(parameters: (0..<outline.flatCount).map { _ in Float(random.normal()) })
        #expect(set.reports[0].trainScore ?? 0 > 0.7)
        #expect(set.reports[0].version != first)
        #expect(set.reports[0].layer == LayerPath(0))
        #expect(throws: EngineError.self) {
            try RivalSet(
                [Choice("kNN", ["on": .text("cod")])], network: network, task: data.task, train: data.train,
                test: data.test, seed: 1, threads: 1)
        }
    }

    @Test("the procedure that trains no network counts steps and epochs, keeps it at 0, and goes on from a state")
    func fit() throws {
        func procedure() throws -> any Procedure {
            let data = try RivalFixtureTests.Data("moons")
            return try TrainingSetup(
                network: NetworkDescription(input: Shape(2), task: data.task, layers: []),
                learning: LearningDescription(procedure: Choice("fit", ["epochSteps": .integer(7)])),
                train: data.train, test: data.test, seed: 1
            ).procedure()
        }
        let (one, many) = (try procedure(), try procedure())
        for epoch in 1...5 {
            var progress = TrainingProgress.stepped
            while progress == .stepped { progress = one.advance(steps: 1) }
            #expect(many.advance(steps: 1000) == .finishedEpoch)
            #expect(many.epoch == epoch && many.step == 7 * epoch && one.step == many.step)
        }
        #expect(one.parameters.allSatisfy { $0 == 0 })
        #expect(one.advance(steps: 3) == .stepped)
        let other = try procedure()
        try other.restore(one.state)
        #expect(other.step == 38 && other.epoch == 5)
        #expect(other.advance(steps: 100) == .finishedEpoch && other.step == 42)
        other.reset(seed: 2)
        #expect(other.step == 0 && other.epoch == 0 && other.parameters.allSatisfy { $0 == 0 })
    }

    @Test("begun anew with the same seed a forest is the same, with another it is another")
    func reset() throws {
        func trees(_ rivals: RivalSet) throws -> [RivalTensor] {
            rivals.fit()
            try rivals.measure(parameters: [])
            return try #require(rivals.reports.first?.model).tensors
        }
        let rows: [[Float]] = (0..<60).map { [Float($0 % 7), Float($0 * 31 % 11)] }
        let data = samples(rows, (0..<60).map { Float($0 * 17 % 2) })
        let rivals = try set([Choice("randomForest")], .classification(classes: 2), data)
        let first = try trees(rivals)
        try rivals.reset(seed: 1)
        #expect(try trees(rivals) == first)
        try rivals.reset(seed: 2)
        #expect(try trees(rivals) != first)
    }

    @Test("answers that a rival cannot learn, and broken files, are refused with their place")
    func refusals() throws {
        func message(_ body: () throws -> Void) -> String {
            do { try body() } catch {
                return "\((error as? EngineError)?.place ?? "") \((error as? EngineError)?.message ?? "")"
            }
            return ""
        }
        let values = samples([[1], [2]], [0.1, 0.2])
        let ofValues = message { _ = try set([Choice("svm")], .regression, values) }
        #expect(ofValues.contains("rivals.0.svm"))
        let classes = samples([[1], [2]], [0, 1])
        let ofClasses = message {
            _ = try set([Choice("kNN"), Choice("kernelRidge")], .classification(classes: 2), classes)
        }
        #expect(ofClasses.contains("rivals.1.kernelRidge"))
        let data = try RivalFixtureTests.Data("blobs")
        for choice in Self.choices(.classes) {
            let model = try data.fit(choice)
            for tensor in model.tensors {
                for broken in [
                    RivalTensor(tensor.name, axes: tensor.axes + [2], tensor.values),
                    RivalTensor(tensor.name, axes: tensor.axes, tensor.values.map { _ in .nan }),
                ] {
                    let tensors = model.tensors.map { $0.name == tensor.name ? broken : $0 }
                    let refusal = message {
                        _ = try Catalogue.restored(choice, form: data.form, tensors: tensors, place: "rivals.2")
                    }
                    #expect(refusal.contains("rivals.2.\(tensor.name)"), "\(choice.id) \(tensor.name)")
                }
            }
        }
    }
}
