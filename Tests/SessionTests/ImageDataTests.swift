import Basics
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
        #expect(words.contains("451 training") && !words.contains("point"), "images are no points of a plane")
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

    @Test("weights of images answer IDX files, pictures, folders and lists as the trained network does")
    func predict() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "layercake-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder.appending(path: "more"), withIntermediateDirectories: true)
        let weights = folder.appending(path: "digits.safetensors").path
        let trainer = try Trainer(digits())
        _ = trainer.epoch()
        try trainer.checkpoint(for: weights).write(to: weights)
        let predictor = try SavedPredictor(ExperimentSource.open(weights), weights: weights, threads: 1)
        #expect(predictor.takesImages)
        let network = try Network(trainer.network, capacity: 1)
        network.load(parameters: trainer.procedure.parameters)
        /// Pixels of bytes, by their rule.
        func image(_ number: Int) -> [UInt8] { (0..<64).map { UInt8(($0 * 37 + number * 91) % 256) } }
        let header: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 8, 0, 0, 0, 8]
        let idx = folder.appending(path: "two").path
        try Data(header + image(1) + image(2)).write(to: URL(filePath: idx))
        try Data(Array("P5 8 8 255\n".utf8) + image(3)).write(to: folder.appending(path: "c.pgm"))
        try Data(Array("P5 8 8 255\n".utf8) + image(4)).write(to: folder.appending(path: "more/d.PGM"))
        try Data("c.pgm\nmore/d.PGM 7\n".utf8).write(to: folder.appending(path: "list.txt"))
        let rows = try predictor.images(at: [
            idx, folder.path, folder.appending(path: "list.txt").path, folder.appending(path: "c.pgm").path,
        ])
        #expect(
            rows.names.map { $0.replacing(folder.path + "/", with: "") }
                == ["two#1", "two#2", "c.pgm", "more/d.PGM", "c.pgm", "more/d.PGM", "c.pgm"])
        let answers = try predictor.answers(to: rows.inputs)
        for (row, number) in [1, 2, 3, 4, 3, 4, 3].enumerated() {
            network.forward(image(number).map { Float($0) / 255 }, count: 1)
            let own = network.values(layer: trainer.procedure.outline.output)
            for (output, value) in own.enumerated() { #expect(abs(answers.outputs[output][row] - value) < 1e-6) }
        }
        for (path, words) in [
            ("nowhere", "there is no such file"), ("digits.safetensors", "is not UTF-8"),
            ("wrong", "expected images of 1×8×8, found 1×4×8"), ("empty", "expected pictures"),
        ] {
            try Data([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 8] + image(1)).write(
                to: folder.appending(path: "wrong"))
            try FileManager.default.createDirectory(
                at: folder.appending(path: "empty"), withIntermediateDirectories: true)
            let error = #expect(throws: ExperimentError.self) {
                try predictor.images(at: [folder.appending(path: path).path])
            }
            #expect(error?.message.contains(words) == true, "\(path): \(error?.message ?? "")")
        }
    }

    @Test("images are opened by their path: an IDX file, MNIST's folder, a folder for each class")
    func open() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "layercake-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["dark", "bright", "none"] {
            try FileManager.default.createDirectory(
                at: folder.appending(path: "pictures/\(name)"), withIntermediateDirectories: true)
        }
        for (number, name) in ["dark", "bright"].enumerated() {
            let pixels = [UInt8](repeating: UInt8(200 * number), count: 64)
            for copy in 0..<4 {
                try Data(Array("P5 8 8 255\n".utf8) + pixels).write(
                    to: folder.appending(path: "pictures/\(name)/\(copy).pgm"))
            }
        }
        let images: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 4] + [UInt8](repeating: 7, count: 64)
        let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 4, 0, 1, 2, 1]
        for set in ["train", "t10k"] {
            try Data(images).write(to: folder.appending(path: "\(set)-images-idx3-ubyte"))
            try Data(labels).write(to: folder.appending(path: "\(set)-labels-idx1-ubyte"))
        }
        for (path, dataset, classes) in [
            ("pictures", "images", ["bright", "dark"]), ("pictures/", "images", ["bright", "dark"]),
            ("", "idx", ["0", "1", "2"]), ("train-images-idx3-ubyte", "idx", ["0", "1", "2"]),
        ] {
            let source = try ExperimentSource.open(folder.path + "/" + path)
            #expect(source.experiment.data.dataset.id == dataset)
            var experiment = source.experiment
            experiment.training.batchSize = 2
            let trainer = try Trainer(experiment, directory: source.directory)
            #expect(trainer.data.classNames == classes && trainer.epoch() != .ended, "\(path)")
        }
        let error = #expect(throws: ExperimentError.self) {
            try ExperimentSource.open(folder.appending(path: "pictures/dark").path)
        }
        #expect(
            error?.message.contains("expected a folder with a folder of pictures for each") == true,
            "\(error?.message ?? "")")
    }

    @Test("drawings train with the data's images, live in the document, and bad ones are refused")
    func drawings() throws {
        let pixels = (0..<64).map { UInt8($0 * 4) }
        var experiment = try digits()
        let trainer = try Trainer(experiment)
        for _ in 0..<3 { _ = trainer.step() }
        let (count, weights) = (trainer.data.train.count, trainer.procedure.parameters)
        experiment.data.drawings = [DrawnImage(label: "3", pixels: pixels)]
        try trainer.load(experiment, directory: nil, .withFittingWeights)
        // Training goes on: the same weights and step, one image more, which is the last.
        #expect(trainer.procedure.parameters == weights && trainer.procedure.step == 3)
        #expect(trainer.data.train.count == count + 1 && trainer.data.train.labels.last == 3)
        let last = trainer.data.train.inputs.values(of: count)
        for (value, pixel) in zip(last, pixels) { #expect(abs(value - Float(pixel) / 255) <= 0.5 / 16 + 1e-6) }
        #expect(trainer.epoch() == .evaluated && trainer.step() == .stepped)
        // It is written, read, and taken back.
        let text = experiment.json.text(compact: false)
        #expect(try Experiment(json: JSON(parsing: text)) == experiment)
        let state = trainer.procedure.parameters
        try trainer.load(try digits(), directory: nil, .withFittingWeights)
        #expect(trainer.data.train.count == count && trainer.procedure.parameters == state)
        #expect(trainer.epoch() == .evaluated)
        for (drawings, words) in [
            (#"[["3","AAAA"]]"#, "expected 64 bytes"), ("[[\"nine\",\"\(base64(pixels))\"]]", "there is no class"),
            (#"[["3","A"]]"#, "as base64"), (#"[["3"]]"#, "expected [class, pixels]"), (#"["3"]"#, "expected a list"),
        ] {
            let error = #expect(throws: ExperimentError.self) {
                let bad = try digits().setting(assignments: ["data.drawings=\(drawings)"])
                _ = try Trainer(bad)
            }
            #expect(
                error?.place.contains("data.drawings.0") == true && error?.message.contains(words) == true,
                "\(error?.place ?? ""): \(error?.message ?? "")")
        }
    }

    @Test("bytes survive base64, and what is none is told")
    func bytesAsText() {
        for count in 0..<7 {
            let own = (0..<count).map { UInt8($0 * 83 % 256) }
            #expect(bytes(ofBase64: base64(own)) == own)
        }
        #expect(base64(Array("Man".utf8)) == "TWFu" && base64(Array("Ma".utf8)) == "TWE=")
        for text in ["A", "AA=A", "A===", "TWF=", "TW E", "äAAA"] { #expect(bytes(ofBase64: text) == nil, "\(text)") }
    }
}
