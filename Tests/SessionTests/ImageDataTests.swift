import Datasets
import Engine
import Foundation
import Testing

@testable import Session

struct ImageDataTests {
    private func digits(_ settings: [String] = []) throws -> Experiment {
        try Experiment(
            json: JSON(
                parsing: """
                    {"data": {"dataset": "digits"},
                     "layers": [{"dense": {"units": 32, "activation": "relu", "initializer": "heUniform"}}],
                     "output": {"initializer": "xavierUniform"},
                     "training": {"optimizer": {"adam": {"learningRate": 0.005}}, "batchSize": 32, "shuffle": true}}
                    """)
        ).setting(assignments: settings)
    }

    @Test("a dense network takes images as they are, and learns the digits")
    func learns() throws {
        let trainer = try Trainer(digits())
        #expect(trainer.network.input == Shape(1, 8, 8) && trainer.procedure.outline.layers[0].output == Shape(32))
        for _ in 0..<15 { _ = trainer.epoch() }
        let accuracy = try #require(trainer.evaluate().testConfusion?.accuracy)
        #expect(accuracy > 0.92, "\(accuracy)")
    }

    @Test("another dataset takes features that it has no columns for away, and images come back without any")
    func switching() throws {
        let plane = try Experiment.standard.setting("features", to: .array([.string("x1"), .string("x2^2")]))
        let images = try plane.setting("data.dataset", to: .string("digits"))
        #expect(images.features.isEmpty)
        try images.validate()
        let error = #expect(throws: ExperimentError.self) {
            try images.setting(assignments: ["features=[\"x1\"]"])
        }
        #expect(error?.place == "--set: features" && error?.message.contains("takes in every pixel") == true)
        #expect(throws: ExperimentError.self) { try plane.setting(assignments: ["data.augment=[\"flip\"]"]) }
    }

    @Test("augmentation changes live, by key path, and is written as it was read")
    func augment() throws {
        let plain = try digits()
        let changed = try plain.setting(
            assignments: [#"data.augment=[{"shift": {"pixels": 2}}, "flip"]"#, "data.augment.0.shift.pixels=3"])
        #expect(changed.data.augment == [Choice("shift", ["pixels": .integer(3)]), Choice("flip")])
        #expect(try Experiment(json: changed.json) == changed)
        let change = Change.between(plain, changed)
        #expect(change.parts == [.learning] && !change.needsData)
        let trainer = try Trainer(plain)
        _ = trainer.epoch()
        let step = trainer.procedure.step
        try trainer.load(changed, directory: nil, .withFittingWeights)
        _ = trainer.epoch()
        #expect(trainer.procedure.step == 2 * step && trainer.experiment.data.augment.count == 2)
        // Without images nothing is left to change.
        #expect(try changed.setting("data.dataset", to: .string("circle")).data.augment.isEmpty)
        #expect(changed.settingPaths.contains("data.augment.0.shift.pixels"))
        let message = #expect(throws: ExperimentError.self) {
            try plain.setting(assignments: [#"data.augment=[{"shift": {"pixel": 2}}]"#])
        }
        #expect(message?.message.contains("pixels") == true)
    }

    @Test("classes and changes of the test images are settings of the data, and go with another dataset")
    func classes() throws {
        let plain = try digits()
        let changed = try plain.setting(
            assignments: ["data.classes=0,1,2,3,4", #"data.testAugment=[{"rotate": {"degrees": 20}}]"#])
        #expect(try Experiment(json: changed.json) == changed)
        #expect(Change.between(plain, changed).needsData)
        let trainer = try Trainer(changed)
        #expect(trainer.data.classNames.count == 5 && trainer.data.train.count == 451)
        #expect(trainer.procedure.outline.layers.last?.output == Shape(5))
        let second = try Trainer(changed)
        try second.restore(trainer.checkpoint(for: "weights.safetensors"))
        #expect(second.data.test == trainer.data.test && second.data.train == trainer.data.train)
        let other = try changed.setting("data.dataset", to: .string("lines"))
        #expect(other.data.classes.isEmpty && other.data.testAugment == changed.data.testAugment)
        #expect(try changed.setting("data.dataset", to: .string("circle")).data.testAugment.isEmpty)
        let words = try ExperimentTable(ExperimentSource(name: "digits", experiment: changed)).text
        #expect(words.contains("5 classes: 0, 1, 2, 3, 4") && words.contains("rotate (degrees 20)"))
        let error = #expect(throws: ExperimentError.self) { try plain.setting(assignments: ["data.classes=3,11"]) }
        #expect(error?.message.contains("“11”") == true, "\(error?.message ?? "")")
    }

    @Test("no knob of a dataset is called like another key of data")
    func names() {
        for entry in Datasets.all {
            let names = ExperimentDocument.dataFields(entry).map(\.name)
            #expect(Set(names).count == names.count, "\(entry.id)")
        }
    }

    @Test("describe tells the images' shape and their classes, in words and in JSON")
    func describe() throws {
        let table = try ExperimentTable(ExperimentSource(name: "digits", experiment: digits()))
        #expect(table.text.contains("images") && table.text.contains("8×8 pixels, 1 channel"))
        #expect(table.text.contains("1×8×8") && table.text.contains("10 classes: 0, 1, 2"))
        let data = try #require(table.json["data"])
        #expect(data["kind"] == .string("image") && data["shape"] == .array([.number(1), .number(8), .number(8)]))
        let changed = try digits(["data.standardize=true", #"data.augment=[{"shift": {"pixels": 2}}, "flip"]"#])
        let words = try ExperimentTable(ExperimentSource(name: "digits", experiment: changed)).text
        #expect(words.contains("1 channel, standardized by the training images"))
        #expect(words.contains("shift (pixels 2), flip ("))
        let plane = try ExperimentTable(ExperimentSource(name: "", experiment: .standard))
        #expect(plane.json["data"]?["kind"] == .string("columns"))
    }

    @Test("weights of images are saved with their moments, and go on from there")
    func checkpoint() throws {
        let first = try Trainer(digits(["data.standardize=true"]))
        _ = first.epoch()
        let second = try Trainer(digits(["data.standardize=true"]))
        try second.restore(first.checkpoint(for: "weights.safetensors"))
        #expect(second.procedure.step == first.procedure.step && second.data.train == first.data.train)
        _ = first.epoch()
        _ = second.epoch()
        #expect(second.procedure.parameters == first.procedure.parameters)
    }

    @Test("saved weights keep the order of the classes of pictures, and refuse a class that they do not know")
    func classOrder() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "layercake-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func write(_ text: String, to name: String) throws {
            try Data(text.utf8).write(to: folder.appending(path: name))
        }
        try write("P2 2 2 9 0 0 0 1", to: "a.pgm")
        try write("P2 2 2 9 9 9 9 8", to: "b.pgm")
        try write("a.pgm dark\nb.pgm bright\n", to: "list.txt")
        let experiment = try digits([
            #"data={"dataset": "images", "file": "list.txt", "size": 4, "trainFraction": 1, "shuffle": false}"#
        ])
        let saved = try Trainer(experiment, directory: folder.path).checkpoint(for: "weights.safetensors")
        try write("b.pgm bright\na.pgm dark\n", to: "list.txt")
        let sorted = try Trainer(experiment, directory: folder.path)
        #expect(sorted.data.classNames == ["bright", "dark"] && sorted.data.train.labels == [0, 1])
        try sorted.restore(saved)
        #expect(sorted.data.classNames == ["dark", "bright"] && sorted.data.train.labels == [1, 0])
        try write("a.pgm night\nb.pgm bright\n", to: "list.txt")
        let renamed = try Trainer(experiment, directory: folder.path)
        let error = #expect(throws: ExperimentError.self) { try renamed.restore(saved) }
        #expect(
            error?.message.contains("the classes that the weights know (dark, bright), found “night”") == true,
            "\(error?.message ?? "")")
        #expect(renamed.data.classNames == ["night", "bright"])
    }

    @Test("rows of a table are not answered by weights of images, and it is said why")
    func predict() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "layercake-\(UUID().uuidString).safetensors")
        defer { try? FileManager.default.removeItem(at: path) }
        try Trainer(digits()).checkpoint(for: path.path).write(to: path.path)
        let source = try ExperimentSource.open(path.path)
        let error = #expect(throws: ExperimentError.self) { try TablePredictor(source, weights: path.path, threads: 1) }
        #expect(error?.message.contains("images of “digits”") == true, "\(error?.message ?? "")")
    }
}
