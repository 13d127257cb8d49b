import Engine
import FoundationEssentials
import Testing

@testable import Session

@Suite("Weights of other programs")
struct WeightFileTests {
    /// A safetensors file as other programs write it.
    /// - Parameter tensors: name, type, shape and the bytes.
    private static func file(_ tensors: [(String, String, [Int], [UInt8])], metadata: String = "") -> [UInt8] {
        var header: [String] = metadata.isEmpty ? [] : [#""__metadata__":\#(metadata)"#]
        var body: [UInt8] = []
        for (name, type, shape, bytes) in tensors {
            header.append(
                #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[\#(body.count),\#(body.count + bytes.count)]}"#
            )
            body += bytes
        }
        let text = Array("{\(header.joined(separator: ","))}".utf8)
        return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text + body
    }

    private static func bytes(_ words: [some FixedWidthInteger]) -> [UInt8] {
        words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
    }

    /// Values that count upwards from `first` in sixteenths, which every type holds exactly.
    private static func weights(_ name: String, _ shape: [Int], from first: Int = 1) -> (String, String, [Int], [UInt8])
    {
        let count = shape.reduce(1, *)
        return (name, "F32", shape, bytes((0..<count).map { (Float(first + $0) / 16).bitPattern }))
    }

    /// The default experiment with two hidden layers, 2-4-2-1, or with other units.
    private func trainer(_ units: [Int] = [4, 2], activation: String = "tanh") throws -> Trainer {
        var experiment = Experiment.standard
        experiment.features = ["x1", "x2"]
        experiment.layers = units.map {
            Choice("dense", ["units": .integer($0), "activation": .choice(Choice(activation))])
        }
        return try Trainer(experiment)
    }

    private func value(_ trainer: Trainer, _ name: String, at index: Int = 0) throws -> Float {
        let tensor = try #require(trainer.procedure.outline.tensors.first { $0.name == name })
        return trainer.procedure.parameters[tensor.offset + index]
    }

    private func checkpoint(_ bytes: [UInt8]) throws -> Checkpoint { try Checkpoint(bytes, path: "w.safetensors") }

    @Test("values that are not finite are an error that names the file, the tensor and how many they are")
    func unusable() throws {
        var tensors = [
            Self.weights("0.weight", [4, 2]), Self.weights("0.bias", [4]), Self.weights("2.weight", [2, 4]),
            Self.weights("2.bias", [2]), Self.weights("4.weight", [1, 2]), Self.weights("4.bias", [1]),
        ]
        let trainer = try trainer()
        let before = trainer.procedure.parameters
        for value in [Float.nan, .infinity] {
            tensors[2].3 = Self.bytes((0..<8).map { $0 % 3 == 1 ? value.bitPattern : 0 })
            let error = #expect(throws: ExperimentError.self) {
                try trainer.restore(checkpoint(Self.file(tensors)))
            }
            #expect(error?.place == "w.safetensors: 2.weight")
            #expect(error?.message.contains("found 3 of 8 that are NaN or infinite") == true)
        }
        #expect(trainer.procedure.parameters == before)
    }

    @Test("halves, bfloats and doubles are read to the bit")
    func types() throws {
        let halves: [(UInt16, Float)] = [
            (0x3C00, 1), (0xBC00, -1), (0x0001, 0x1p-24), (0x83FF, -0x1.FF8p-15), (0x0400, 0x1p-14), (0x7BFF, 65504),
            (0x8000, -0.0), (0x3555, 0.33325195), (0x7C00, .infinity),
        ]
        let brains: [(UInt16, Float)] = [(0x3F80, 1), (0xC049, -3.140625), (0x0001, 0x1p-133), (0x7F7F, 0x1.FEp127)]
        let file = try Safetensors(
            Self.file([
                ("h", "F16", [3, 3], Self.bytes(halves.map(\.0))), ("b", "BF16", [4], Self.bytes(brains.map(\.0))),
                ("d", "F64", [2], Self.bytes([0.1, -2.5].map(\.bitPattern))),
                ("n", "F16", [1], Self.bytes([0x7E00 as UInt16])),
            ]), path: "x")
        let values = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0.values) })
        #expect(values["h"]?.map(\.bitPattern) == halves.map(\.1.bitPattern))
        #expect(values["b"]?.map(\.bitPattern) == brains.map(\.1.bitPattern))
        #expect(values["d"] == [0.1, -2.5])
        #expect(values["n"]?[0].isNaN == true)
    }

    @Test("our own names in halves load; a tensor of whole numbers beside them is left out and named")
    func leftOut() throws {
        func halves(_ count: Int) -> [UInt8] { Self.bytes([UInt16](repeating: 0x3800, count: count)) }
        let trainer = try trainer()
        let notes = try trainer.restore(
            checkpoint(
                Self.file([
                    ("layers.0.weight", "F16", [4, 2], halves(8)), ("layers.0.bias", "F16", [4], halves(4)),
                    ("layers.1.weight", "BF16", [2, 4], halves(8)), ("layers.1.bias", "F16", [2], halves(2)),
                    ("output.weight", "F16", [1, 2], halves(2)), ("output.bias", "F16", [1], halves(1)),
                    ("num_batches_tracked", "I64", [], Self.bytes([7 as Int64])), ("mask", "BOOL", [3], [1, 0, 1]),
                ])))
        #expect(try value(trainer, "layers.0.weight") == 0.5 && value(trainer, "layers.1.weight") == 0x1p-15)
        #expect(notes == ["left out, for this network has no place for them: mask, num_batches_tracked"])
    }

    @Test(
        "the modules of an nn.Sequential are taken in the order of their numbers, behind any prefix",
        arguments: ["", "model.", "module.net.", "_orig_mod.layers.3."])
    func sequential(_ prefix: String) throws {
        // Twelve layers, so that "10" stands before "2" in the file, as writers sort names.
        let trainer = try trainer([Int](repeating: 3, count: 11))
        var tensors = [Self.weights(prefix + "0.weight", [3, 2]), Self.weights(prefix + "0.bias", [3])]
        for layer in 1...10 {
            tensors.append(Self.weights("\(prefix)\(2 * layer).weight", [3, 3], from: 100 * layer))
            tensors.append(Self.weights("\(prefix)\(2 * layer).bias", [3], from: 1000 * layer))
        }
        tensors += [Self.weights(prefix + "22.weight", [1, 3], from: 7), Self.weights(prefix + "22.bias", [1])]
        let notes = try trainer.restore(checkpoint(Self.file(tensors.sorted { $0.0 < $1.0 })))
        for layer in 1...10 {
            #expect(try value(trainer, "layers.\(layer).weight") == Float(100 * layer) / 16)
            #expect(try value(trainer, "layers.\(layer).bias") == Float(1000 * layer) / 16)
        }
        #expect(try value(trainer, "output.weight") == 7 / 16.0 && notes.isEmpty)
    }

    @Test("modules with other names are taken by their numbers, or by shapes that each fit one layer alone")
    func names() throws {
        for names in [["fc1", "fc2", "fc3"], ["net.hidden.0", "net.hidden.1", "net.out"], ["stem", "body", "head"]] {
            let shapes = [[4, 2], [2, 4], [1, 2]]
            let tensors = zip(names, shapes).flatMap {
                [Self.weights($0 + ".weight", $1, from: $1[0]), Self.weights($0 + ".bias", [$1[0]])]
            }
            let trainer = try trainer()
            try trainer.restore(checkpoint(Self.file(tensors.sorted { $0.0 < $1.0 })))
            #expect(try value(trainer, "layers.0.weight") == 4 / 16.0, "\(names)")
            #expect(try value(trainer, "output.weight") == 1 / 16.0, "\(names)")
        }
        // Our own names behind a prefix need no number in "output".
        let square = try trainer([2, 2])
        try square.restore(
            checkpoint(
                Self.file(
                    ["layers.0", "layers.1"].flatMap {
                        [Self.weights("m.\($0).weight", [2, 2]), Self.weights("m.\($0).bias", [2])]
                    } + [Self.weights("m.output.weight", [1, 2]), Self.weights("m.output.bias", [1])])))
    }

    @Test("a learned slope is the PReLU between its layers, and a layer without a bias has 0")
    func slopes() throws {
        let trainer = try trainer([3, 3], activation: "prelu")
        let notes = try trainer.restore(
            checkpoint(
                Self.file([
                    Self.weights("0.weight", [3, 2]), Self.weights("1.weight", [1], from: 5),
                    Self.weights("2.weight", [3, 3]), Self.weights("2.bias", [3]),
                    Self.weights("3.weight", [1], from: 9),
                    Self.weights("4.weight", [1, 3]), Self.weights("4.bias", [1]),
                ])))
        #expect(try value(trainer, "layers.0.activation.weight") == 5 / 16.0)
        #expect(try value(trainer, "layers.1.activation.weight") == 9 / 16.0)
        #expect(try value(trainer, "layers.0.bias") == 0)
        #expect(notes == ["taken as 0, for the file has none: layers.0.bias"])
    }

    @Test(
        "normalizing layers take a module's scale, shift and running statistics, an activation layer its slope",
        arguments: [true, false])
    func normalization(isAffine: Bool) throws {
        var experiment = Experiment.standard
        experiment.features = ["x1", "x2"]
        experiment.layers = [
            Choice("dense", ["units": .integer(4), "activation": .choice(Choice("linear"))]),
            Choice("batchNorm", ["affine": .toggle(isAffine)]),
            Choice("activation", ["function": .choice(Choice("prelu"))]),
        ]
        let trainer = try Trainer(experiment)
        let affine = isAffine ? [Self.weights("1.weight", [4], from: 20), Self.weights("1.bias", [4], from: 30)] : []
        let tensors =
            [Self.weights("0.weight", [4, 2]), Self.weights("0.bias", [4])] + affine + [
                Self.weights("1.running_mean", [4], from: 40), Self.weights("1.running_var", [4], from: 50),
                ("1.num_batches_tracked", "I64", [], Self.bytes([Int64(7)])),
                Self.weights("2.weight", [1], from: 60), Self.weights("3.weight", [1, 4]),
                Self.weights("3.bias", [1]),
            ]
        let notes = try trainer.restore(checkpoint(Self.file(tensors)))
        #expect(notes == ["left out, for this network has no place for them: 1.num_batches_tracked"])
        if isAffine {
            #expect(try value(trainer, "layers.1.weight") == 20 / 16 && value(trainer, "layers.1.bias") == 30 / 16)
        }
        #expect(try value(trainer, "layers.1.running_mean", at: 3) == 43 / 16)
        #expect(try value(trainer, "layers.1.running_var") == 50 / 16)
        #expect(try value(trainer, "layers.2.weight") == 60 / 16)
    }

    @Test("what does not fit, or could be meant in two ways, is refused and leaves the network as it was")
    func refused() throws {
        func dense(_ name: String, _ shape: [Int]) -> [(String, String, [Int], [UInt8])] {
            [Self.weights(name + ".weight", shape), Self.weights(name + ".bias", [shape[0]])]
        }
        let cases: [([Int], [(String, String, [Int], [UInt8])], String)] = [
            (
                [4, 2], dense("0", [4, 2]) + dense("2", [1, 4]),
                "of the shapes [4, 2]"
            ),
            // One layer too many is another network, even if leaving it out would fit.
            (
                [3, 3], dense("0", [3, 2]) + dense("2", [3, 3]) + dense("4", [3, 3]) + dense("6", [1, 3]),
                "6.weight [1, 3]"
            ),
            ([4, 2], dense("0", [2, 4]) + dense("2", [4, 2]) + dense("4", [2, 1]), "transpose them"),
            ([4, 2], dense("0", [4, 2]) + dense("2", [2, 4]) + dense("4", [2, 2]), "softmaxCrossEntropy"),
            ([2, 2], dense("input", [2, 2]) + dense("hidden", [2, 2]) + dense("out", [1, 2]), "no number says"),
            // The shapes fit in another order than the numbers.
            ([4, 2], dense("0", [2, 4]) + dense("2", [4, 2]) + dense("4", [1, 2]), "found 0.weight [2, 4]"),
            ([4, 2], [Self.weights("a.kernel", [4, 2])], "found none"),
            // A body without its head, whose last module is a norm.
            ([4], dense("0", [4, 2]) + dense("1", [4]), "found 0.weight [4, 2], 1.weight [4]"),
            ([], dense("x", [3]), "found x.weight [3]"),
        ]
        for (units, tensors, part) in cases {
            let trainer = try trainer(units)
            let before = trainer.procedure.parameters
            let error = #expect(throws: ExperimentError.self) { try trainer.restore(checkpoint(Self.file(tensors))) }
            #expect(error?.description.contains(part) == true, "\(error!)")
            #expect(error?.description.contains("w.safetensors") == true, "\(error!)")
            #expect(trainer.procedure.parameters == before)
        }
    }

    @Test("a weight of whole numbers is refused by its type")
    func wholeNumbers() throws {
        let error = #expect(throws: ExperimentError.self) {
            try trainer([]).restore(
                checkpoint(
                    Self.file([
                        ("output.weight", "I8", [1, 2], [1, 2]), ("output.bias", "F32", [1], [0, 0, 0, 0]),
                    ])))
        }
        #expect(error?.description.contains("expected F16, BF16, F32 or F64, found I8") == true, "\(error!)")
    }

    @Test("files of PyTorch, Keras and NumPy are recognized by their content or name, with the way to convert them")
    func foreign() throws {
        let zip = Array("PK\u{3}\u{4}".utf8) + [UInt8](repeating: 0, count: 26)
        let cases: [(String, [UInt8], String)] = [
            ("m.pt", zip + Array("m/data.pkl".utf8), "torch.load(\"m.pt\""),
            ("weights.dat", zip + Array("archive/data.pkl".utf8), "torch.load"),
            ("old.pth", [0x80, 2, 0x8A, 0x0A], "torch.load"), ("x.ckpt", [0x80, 4, 0x95], "save_file"),
            ("m.h5", [0x89] + Array("HDF\r\n\u{1A}\n".utf8), "load_model(\"m.h5\")"),
            ("m.keras", zip + Array("model.weights.h5".utf8), "load_model"),
            ("m.npz", zip + Array("w.npy".utf8), "numpy.load"), ("m.npy", [0x93] + Array("NUMPY".utf8), "numpy.load"),
            ("empty.pt", [], "is a PyTorch file"), ("cut.h5", [0x89], "is a Keras file"),
        ]
        for (name, bytes, part) in cases {
            let error = #expect(throws: ExperimentError.self) { try Checkpoint(bytes, path: "/some/\(name)") }
            #expect(error?.kind == .malformed && error?.description.contains(part) == true, "\(error!)")
            #expect(error?.description.contains("/some/\(name)") == true)
        }
        // Safetensors under another name is what it is.
        #expect(try Checkpoint(Self.file([Self.weights("0.weight", [1, 2])]), path: "m.pt").isWeightsAlone)
    }

    @Test("a header of any length is read, also one whose length looks like a pickle's beginning")
    func headerLength() throws {
        let bytes = Self.file([Self.weights("0.weight", [1, 2])])
        let header = Int(bytes[0]) + 256 * Int(bytes[1])
        let padded =
            [0x80, 0x02, 0, 0, 0, 0, 0, 0] + bytes[8..<(8 + header)]
            + [UInt8](repeating: 0x20, count: 0x280 - header) + bytes[(8 + header)...]
        #expect(try Checkpoint(padded, path: "m.safetensors").isWeightsAlone)
    }
}
