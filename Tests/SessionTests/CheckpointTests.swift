import FoundationEssentials
import Testing

@testable import Session

struct CheckpointTests {
    private func path(_ name: String) -> String {
        FileManager.default.temporaryDirectory.appending(path: "layercake-\(UUID())-\(name)").path
    }

    @Test(
        "A run that goes on from a checkpoint has the bits of one that never stopped",
        arguments: ["sgd", "momentum", "adam", "rprop"])
    func exact(optimizer: String) throws {
        let experiment = try Experiment.standard.setting("training.optimizer", to: .string(optimizer))
            .setting("training.shuffle", to: .bool(true)).setting("training.lastBatch", to: .string("carry"))
            .setting("training.batchSize", to: .number(7))
        let whole = try Trainer(experiment)
        for _ in 0..<100 { _ = whole.step() }
        let half = try Trainer(experiment)
        for _ in 0..<50 { _ = half.step() }
        let file = path("half.safetensors")
        defer { try? FileManager.default.removeItem(atPath: file) }
        try half.checkpoint(for: file).write(to: file)
        let rest = try Trainer(experiment)
        try rest.restore(Checkpoint(readingFrom: file))
        for _ in 0..<50 { _ = rest.step() }
        #expect(rest.checkpoint(for: "").file == whole.checkpoint(for: "").file)
    }

    @Test(
        "A network over sequences goes on from its checkpoint with the bits of one that never stopped",
        arguments: ["recall", "copy", "adding", "reber", "text", "carried text"])
    func sequences(dataset: String) throws {
        let text = path("text.txt")
        defer { try? FileManager.default.removeItem(atPath: text) }
        try String(repeating: "to be or not to be. ", count: 30).write(toFile: text, atomically: true, encoding: .utf8)
        // Windows that follow each other.
        let isCarried = dataset == "carried text"
        let data =
            isCarried
            ? #"{"dataset":"text","file":"\#(text)","window":8,"step":8}"#
            : dataset == "text" ? #"{"dataset":"text","file":"\#(text)"}"# : #"{"dataset":"\#(dataset)"}"#
        let layers = #"[{"lstm":{"units":3,"returns":"all","carry":\#(isCarried)}}]"#
        let experiment = try Experiment(json: JSON(parsing: #"{"data":\#(data),"layers":\#(layers)}"#))
        let whole = try Trainer(experiment)
        for _ in 0..<6 { _ = whole.step() }
        let half = try Trainer(experiment)
        for _ in 0..<3 { _ = half.step() }
        let file = path("sequences.safetensors")
        defer { try? FileManager.default.removeItem(atPath: file) }
        try half.checkpoint(for: file).write(to: file)
        let rest = try Trainer(experiment)
        try rest.restore(Checkpoint(readingFrom: file))
        for _ in 0..<3 { _ = rest.step() }
        #expect(rest.checkpoint(for: "").file == whole.checkpoint(for: "").file)
    }

    @Test("Norms, noise, frozen and tied layers three blocks deep go on from a checkpoint, and begin again")
    func blocks() throws {
        let norm = #"{"residual":{"body":["batchNorm",{"dropout":{"rate":0.2}},{"dense":{"units":4}}]}}"#
        let block = #"{"residual":{"body":[{"branches":{"stacks":[[\#(norm)],["noise"]],"join":"sum"}}]}}"#
        let tied = #"{"dense":{"units":2,"tied":"a"}}"#
        let experiment = try Experiment(
            json: JSON(
                parsing: """
                    {"data":{"dataset":"circle"},"layers":[{"dense":{"units":4,"name":"a"}},\(block),
                    {"batchNorm":{"frozen":true}},\(tied),"batchNorm"],
                    "training":{"optimizer":"adam","shuffle":true,"lastBatch":"carry","batchSize":7}}
                    """))
        let (whole, half, rest) = (try Trainer(experiment), try Trainer(experiment), try Trainer(experiment))
        let start = rest.procedure.parameters
        for _ in 0..<100 { _ = whole.step() }
        for _ in 0..<50 { _ = half.step() }
        let file = path("blocks.safetensors")
        defer { try? FileManager.default.removeItem(atPath: file) }
        try half.checkpoint(for: file).write(to: file)
        try rest.restore(Checkpoint(readingFrom: file))
        for _ in 0..<50 { _ = rest.step() }
        #expect(rest.checkpoint(for: "").file == whole.checkpoint(for: "").file)
        // Running means have moved, but for those of the frozen layer.
        for tensor in rest.procedure.outline.tensors where tensor.name.hasSuffix("running_mean") {
            let range = tensor.offset..<tensor.offset + tensor.count
            #expect((rest.procedure.parameters[range] == start[range]) == tensor.isFrozen, "\(tensor.name)")
        }
        rest.reset()
        #expect(rest.procedure.parameters == start && rest.procedure.step == 0)
    }

    @Test("A checkpoint of another shape says which tensor, what was expected and what was found")
    func shapes() throws {
        let file = path("shape.safetensors")
        defer { try? FileManager.default.removeItem(atPath: file) }
        try Trainer(.standard).checkpoint(for: file).write(to: file)
        let other = try Trainer(Experiment.standard.setting("layers.0.dense.units", to: .number(5)))
        let error = #expect(throws: ExperimentError.self) { try other.restore(Checkpoint(readingFrom: file)) }
        #expect(error?.place == "\(file): layers.0.weight")
        #expect(error?.message.contains("[5, 2]") == true && error?.message.contains("[4, 2]") == true)
    }

    @Test("A text with a symbol that the weights never saw says so, not which tensor has another shape")
    func unseenSymbols() throws {
        let (text, file) = (path("text.txt"), path("text.safetensors"))
        defer { for path in [text, file] { try? FileManager.default.removeItem(atPath: path) } }
        func trainer(_ words: String) throws -> Trainer {
            try String(repeating: words, count: 30).write(toFile: text, atomically: true, encoding: .utf8)
            let data = #"{"dataset":"text","file":"\#(text)","window":8}"#
            return try Trainer(
                Experiment(json: JSON(parsing: #"{"data":\#(data),"layers":[{"embedding":{"size":3}}]}"#)))
        }
        try trainer("to be or not to be. ").checkpoint(for: file).write(to: file)
        let other = try trainer("to be, or not. ")
        let error = #expect(throws: ExperimentError.self) { try other.restore(Checkpoint(readingFrom: file)) }
        #expect(error?.message.contains("“,” was never seen in training; the weights know 8 symbols") == true)
    }

    @Test("Standardized data keep the moments that the network was trained with")
    func standardization() throws {
        let folder = FileManager.default.temporaryDirectory.path
        let name = "layercake-\(UUID()).csv"
        let table = URL(filePath: folder + "/" + name)
        let file = path("moments.safetensors")
        defer { for path in [table.path, file] { try? FileManager.default.removeItem(atPath: path) } }
        let experiment = try Experiment.standard.setting(assignments: [
            #"data={"dataset": "csv", "file": "\#(name)", "trainFraction": 1}"#, "features=[]",
        ])
        try Data("a,b,y\n1,10,0.5\n3,30,1.5\n5,20,2.5\n".utf8).write(to: table)
        let first = try Trainer(experiment, directory: folder)
        _ = first.epoch()
        try first.checkpoint(for: file).write(to: file)
        try Data("a,b,y\n2,40,8.5\n7,60,3.5\n9,50,2.5\n".utf8).write(to: table)
        let second = try Trainer(experiment, directory: folder)
        #expect(second.data.featureMeans == [6, 50])
        try second.restore(Checkpoint(readingFrom: file))
        #expect(second.data.featureMeans == first.data.featureMeans)
        #expect(second.data.featureScales == first.data.featureScales)
        #expect(second.data.targetMean == first.data.targetMean)
        #expect(
            second.data.train.inputs[0, 0] == (second.data.trainPoints.rows[0] - first.data.featureMeans[0])
                / first.data.featureScales[0])
        #expect(second.procedure.parameters == first.procedure.parameters)
    }

    @Test("A damaged file is an error at every length and with any byte changed")
    func damaged() throws {
        let bytes = try Checkpoint(Trainer(.standard), path: "").file.bytes
        for length in stride(from: 0, to: bytes.count - 1, by: 61) {
            #expect(throws: ExperimentError.self) { try Safetensors(Array(bytes[..<length]), path: "x") }
        }
        for at in stride(from: 0, to: bytes.count, by: 37) {
            var changed = bytes
            changed[at] ^= 0xFF
            // It may still be a valid file with another number in it; it must not crash.
            _ = try? Safetensors(changed, path: "x")
        }
    }

    @Test("A checkpoint that cannot be written says so")
    func unwritable() throws {
        let checkpoint = try Trainer(.standard).checkpoint(for: "")
        let error = #expect(throws: ExperimentError.self) { try checkpoint.write(to: "/no/such/folder/x.safetensors") }
        #expect(error?.kind == .unwritable)
    }
}
