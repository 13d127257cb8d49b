import Testing

@testable import Engine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct CatalogueTests {
    /// Sources/Engine, from this file's own place.
    static let sources =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        .joined(separator: "/") + "/Sources/Engine"

    static func files(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".swift") { names.append(name) }
        }
        return names.sorted()
    }

    static func text(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var all: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&bytes, 1, bytes.count, file), count > 0 { all += bytes[..<count] }
        return String(decoding: all, as: UTF8.self)
    }

    /// The catalogue ids that a source file states: what stands behind `id: "`.
    static func ids(in text: String) -> [String] {
        var ids: [String] = []
        var rest = Substring(text)
        while let range = rest.firstRange(of: "id: \"") {
            rest = rest[range.upperBound...]
            ids.append(String(rest.prefix { $0 != "\"" }))
        }
        return ids
    }

    @Test(
        "every file of a folder has its line in the catalogue",
        arguments: [
            ("Layers", CatalogueList.layer), ("Activations", .activation), ("Losses", .loss),
            ("Optimizers", .optimizer),
            ("Initializers", .initializer), ("Schedules", .schedule), ("Procedures", .procedure),
            ("Corruptions", .corruption),
            ("Environments", .environment),
        ])
    func listsAllFiles(_ folder: String, _ list: CatalogueList) {
        let known = Catalogue.entries(list).map(\.id)
        var found: [String] = []
        for file in Self.files(in: "\(Self.sources)/\(folder)") {
            let ids = Self.ids(in: Self.text("\(Self.sources)/\(folder)/\(file)"))
            // The type that describes the folder's entries states none.
            if ids.isEmpty {
                #expect(
                    file == folder.dropLast() + ".swift" || list == .loss && file == "Loss.swift"
                        || file == "Game.swift")
            }
            for id in ids { #expect(known.contains(id), "\(folder)/\(file): add \(id) to Catalogue") }
            found += ids
        }
        #expect(found.sorted() == known.sorted())
    }

    @Test("every entry and knob fits the screen and describes itself", arguments: CatalogueList.allCases)
    func describes(_ list: CatalogueList) throws {
        for entry in Catalogue.entries(list) {
            #expect(!entry.title.isEmpty && entry.title.count <= 14, "\(entry.id)")
            #expect(entry.summary.hasSuffix("."), "\(entry.id)")
            #expect(!entry.formula.isEmpty && !entry.formula.contains("\n"), "\(entry.id)")
            #expect(!entry.source.isEmpty, "\(entry.id)")
            for knob in entry.knobs {
                #expect(!knob.title.isEmpty && knob.title.count <= 16, "\(entry.id).\(knob.name)")
                #expect(knob.summary.hasSuffix("."), "\(entry.id).\(knob.name)")
                if case .real(let range, let steps) = knob.kind {
                    #expect(steps == steps.sorted() && steps.allSatisfy(range.contains), "\(entry.id).\(knob.name)")
                }
            }
            // All defaults lie in their ranges.
            _ = try Settings(Choice(entry.id), in: list, place: "")
        }
    }

    @Test("a wrong choice is refused with its place, what was found and the nearest name") func refuses() {
        func message(_ network: NetworkDescription) -> String {
            do throws(EngineError) {
                _ = try network.outline()
                return "none"
            } catch {
                return error.description
            }
        }
        func hidden(_ choice: Choice) -> String { message(classifier([dense(3, Choice("tanh")), choice])) }
        #expect(hidden(Choice("dens")) == "layers.1: there is no layer “dens”; did you mean “dense”?")
        #expect(
            hidden(Choice("dense", ["unit": .integer(3)]))
                == "layers.1.dense.unit: dense has no setting “unit”; did you mean “units”?")
        #expect(
            hidden(dense(0, Choice("tanh")))
                == "layers.1.dense.units: expected a whole number from 1 to 4096, found 0; the nearest is 1")
        #expect(hidden(dense(3, Choice("softmax"))).hasPrefix("layers.1.dense.activation: softmax is for the output"))
        #expect(
            hidden(dense(3, Choice("leakyReLU", ["slope": .real(7)])))
                == "layers.1.dense.activation.leakyReLU.slope: expected a number from -1 to 1, found 7; the nearest is 1"
        )
        #expect(hidden(dropout(1)).hasPrefix("layers.1.dropout.rate: expected a number from 0 to 0.99"))
        #expect(
            message(classifier([], activation: Choice("tanh"), loss: Choice("binaryCrossEntropy")))
                .hasPrefix("output.activation: binaryCrossEntropy implies the output activation sigmoid, found tanh"))
        #expect(message(classifier([], activation: Choice("softmax"))).contains("two or more outputs"))
        #expect(
            message(NetworkDescription(input: Shape(1), task: .regression, layers: [], loss: Choice("hinge")))
                == "output.loss: hinge compares classes, but this data has values; choose one of squaredError, absoluteError, huber"
        )
        var perceptron = classifier([dense(3, Choice("tanh"))])
        perceptron.rule = .rosenblatt
        #expect(message(perceptron).hasPrefix("training.rule: the rule rosenblatt trains a single layer"))
        perceptron.layers = []
        perceptron.outputActivation = Choice("tanh")
        #expect(message(perceptron).contains("needs the output activation threshold, found tanh"))
        perceptron.outputActivation = nil
        #expect(message(perceptron) == "none")
    }
}
