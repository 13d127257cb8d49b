import Datasets
import Engine
import Foundation
import Testing

@testable import Session

/// Style and dream over a network that has learned shapes.
@Suite("Pictures take on a style, and dreams rise")
struct StyleClaimTests {
    private static let small = ["training.procedure.style.size=64"]

    private func run(_ name: String, _ variant: String? = nil, set: [String]) throws -> Trainer {
        try Trainer(TrainingRun.experiment(name, variant: variant).setting(assignments: set))
    }

    @Test(
        "of three pairs the style loss falls below 5 % of its start, and the network still tells the content",
        arguments: ["Ring and mosaic", "Triangle and waves", "Cross and weave"])
    func pairs(_ pair: String) throws {
        let trainer = try run("style", pair, set: Self.small)
        #expect(trainer.initialFailure == nil)
        let start = try #require(trainer.evaluate()["styleLoss"])
        let weights = trainer.procedure.parameters
        for _ in 0..<20 { _ = trainer.epoch() }
        let end = trainer.evaluate()
        #expect(try #require(end["styleLoss"]) < 0.05 * start)
        #expect(try #require(end["contentKept"]) > 0.5)
        #expect(trainer.procedure.parameters == weights)
    }

    @Test("another picture stands beside the same samples, in a trainer and in a sweep")
    func samplesStay() throws {
        let experiment = try TrainingRun.experiment("style").setting(assignments: ["initial.epochs=0"])
        let other = try experiment.setting(assignments: ["training.procedure.style.content=cross"])
        let trainer = try Trainer(experiment)
        #expect(trainer.presentData(for: experiment, directory: nil) == .whole)
        #expect(trainer.presentData(for: other, directory: nil) == .samples)
        let (train, pictures) = (trainer.data.train, trainer.data.pictures)
        try trainer.load(other, directory: nil, .withFittingWeights)
        #expect(trainer.data.train == train && trainer.data.pictures != pictures)
        var members = MemberPreparation(directory: nil)
        let (one, two) = try (members.data(for: experiment), members.data(for: other))
        #expect(one.train == two.train && one.pictures == pictures && two.pictures == trainer.data.pictures)
        let plain = try experiment.setting(assignments: ["training.procedure=supervised"])
        #expect(try members.data(for: plain).pictures == nil)
    }

    @Test("the picture is there while the network that looks at it is still being trained")
    func early() throws {
        let experiment = try TrainingRun.experiment("style").setting(
            assignments: ["initial.epochs=1", "training.procedure.style.size=32"])
        let preparation = DataPreparation(experiment, directory: nil) {}
        let end = ContinuousClock.now + .seconds(120)
        var early: PreparedData?
        var all: DataPreparation.Prepared?
        while all == nil, ContinuousClock.now < end {
            early = early ?? preparation.takeData()
            all = try preparation.take()?.get()
            usleep(1000)
        }
        let (data, prepared) = (try #require(early), try #require(all))
        let trainer = try Trainer(
            experiment, directory: nil, threads: 1, device: .processor, data: data, initial: .awaited,
            onDeviceReady: nil)
        let content = try #require(data.pictures?.pictures["content"])
        // But for the edges that it keeps away from.
        let shown = try #require(trainer.procedure.pictureReport).now
        #expect(zip(shown.values, content.values).allSatisfy { abs($0 - $1) < 0.11 })
        #expect(trainer.initialNotes.isEmpty && trainer.initialFailure == nil)
        let drawn = trainer.procedure.parameters
        try trainer.load(experiment, directory: nil, .fromTheStart, data: prepared.data, initial: prepared.initial)
        #expect(!trainer.initialNotes.isEmpty && trainer.procedure.parameters != drawn)
    }

    @Test("what is raised rises: kernels, and the sum of a star", arguments: ["Last", "First", "A star"])
    func dreams(_ variant: String) throws {
        let trainer = try run("dream", variant, set: ["training.procedure.dream.size=64"])
        let start = try #require(trainer.evaluate()["activation"])
        for _ in 0..<12 { _ = trainer.epoch() }
        #expect(try #require(trainer.evaluate()["activation"]) > start + 0.5 * abs(start))
    }

    @Test("a checkpoint goes on with the same picture, and the picture leaves as a PNG")
    func checkpoint() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "layercake-style-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "a.safetensors").path
        let set = ["training.procedure.style.size=32", "initial.epochs=1"]
        let (one, other) = (try run("style", set: set), try run("style", set: set))
        for _ in 0..<3 { _ = one.epoch() }
        try one.save(to: path)
        _ = try other.restore(Checkpoint(readingFrom: path))
        for _ in 0..<2 { #expect(one.epoch() == other.epoch()) }
        #expect(one.procedure.state == other.procedure.state)

        let picture = folder.appending(path: "a.png").path
        try one.save(to: picture)
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: picture)))
        #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        // Written and read again it is the same picture, but for the bytes' steps.
        let again = try one.data.holding(
            [WantedPicture(knob: "content", words: picture, side: 32)], of: "style", drawings: [], directory: nil)
        let now = try #require(one.procedure.pictureReport).now
        let read = try #require(again.pictures?.pictures["content"])
        #expect(zip(now.values, read.values).allSatisfy { abs($0 - $1) < 0.003 })
        let plain = try Trainer(TrainingRun.experiment("xor"))
        #expect(throws: ExperimentError.self) { try plain.save(to: picture) }
    }

    @Test("another picture begins again, another weight does not")
    func changes() throws {
        let experiment = try TrainingRun.experiment("style")
        let picture = try experiment.setting(assignments: ["training.procedure.style.style=dots"])
        let weight = try experiment.setting(assignments: ["training.procedure.style.styleWeight=30"])
        #expect(Change.between(experiment, picture).needsPictures)
        #expect(!Change.between(experiment, picture).needsData)
        #expect(Change.between(experiment, picture).startsAgain)
        #expect(!Change.between(experiment, weight).startsAgain)
        #expect(!Change.between(experiment, weight).needsData)
    }

    static let wrong = [
        ("content=stair", "did you mean “star”?"), ("content=no.png", "name a picture in PNG"),
        ("content=photo.gif", "or a file (.png"), ("content=/dev/null", "/dev/null: "),
        ("content=\"data 99999\"", "1 to"), ("style=\"drawing 1\"", "no drawings"),
        ("style=\"\"", "found none; name one"),
    ]

    @Test("pictures that are not there are told", arguments: wrong)
    func mistakes(_ assignment: String, _ words: String) throws {
        let experiment = try TrainingRun.experiment("style").setting(
            assignments: ["training.procedure.style.\(assignment)", "initial.epochs=0"])
        let error = #expect(throws: ExperimentError.self) { _ = try Trainer(experiment) }
        #expect(error?.place.hasPrefix("training.procedure.style.") == true)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test("data that are no images have no style")
    func points() throws {
        let experiment = try TrainingRun.experiment("xor").setting(assignments: ["training.procedure=style"])
        #expect(throws: ExperimentError.self) { _ = try Trainer(experiment) }
    }

    @Test("every picture that the program draws has its size, in colours and in grey, and differs from the others")
    func drawn() throws {
        var seen: Set<[Float]> = []
        let wanted = DrawnPicture.all.map { WantedPicture(knob: $0.name, words: $0.name, side: 32) }
        for dataset in ["shapes", "textures"] {
            let experiment = try TrainingRun.experiment("shapes").setting(assignments: ["data.dataset=\(dataset)"])
            let data = try prepare(experiment.data, features: [], directory: nil).holding(
                wanted, of: "style", drawings: [], directory: nil)
            for picture in try #require(data.pictures).pictures.values {
                #expect(picture.side == 32 && picture.channels == (dataset == "shapes" ? 3 : 1))
                #expect(picture.values.allSatisfy { (0...1).contains($0) })
                #expect(seen.insert(picture.values).inserted)
            }
        }
        #expect(seen.count == 2 * DrawnPicture.all.count)
    }
}
