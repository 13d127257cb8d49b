import Basics

/// A kind of file in which other programs keep weights and that is not read here: how it is recognized, and the way to
/// convert it.
struct ForeignWeights: Sendable {
    /// "a PyTorch file".
    let title: String
    /// Python that reads FROM and writes TO.
    let python: String
    /// Other content that may be in such a file, in words.
    var exception = ""
    private let endings: [String]
    /// Given the beginning of a file.
    private let isIt: @Sendable (ArraySlice<UInt8>) -> Bool

    static let all = [keras, numPy, pyTorch]

    private static let keras = ForeignWeights(
        title: "a Keras file",
        python: "import keras; from safetensors.numpy import save_file; "
            + #"save_file({"%d.%s" % (i // 2, ("weight", "bias")[i % 2]): w.T.copy() for i, w in "#
            + #"enumerate(keras.models.load_model("FROM").get_weights())}, "TO")"#,
        endings: [".h5", ".hdf5", ".keras"]
    ) { $0.starts(with: [0x89] + Array("HDF\r\n".utf8)) || (isZip($0) && $0.contains(Array(".weights.h5".utf8))) }

    private static let numPy = ForeignWeights(
        title: "a NumPy file",
        python: #"import numpy; from safetensors.numpy import save_file; save_file(dict(numpy.load("FROM")), "TO")"#,
        endings: [".npz", ".npy"]
    ) { $0.starts(with: [0x93] + Array("NUMPY".utf8)) || (isZip($0) && $0.contains(Array(".npy".utf8))) }

    private static let pyTorch = ForeignWeights(
        title: "a PyTorch file",
        python: "import torch; from safetensors.torch import save_file; "
            + #"save_file(torch.load("FROM", map_location="cpu"), "TO")"#,
        exception: " (of a model that was saved whole, its state_dict())",
        endings: [".pt", ".pth", ".ckpt", ".pkl", ".pickle"]
    ) { (isZip($0) && $0.contains(Array("data.pkl".utf8))) || isPickle($0) }

    private static func isZip(_ bytes: ArraySlice<UInt8>) -> Bool { bytes.starts(with: Array("PK\u{3}\u{4}".utf8)) }

    /// The pickles that any Python 3 writes begin with their protocol.
    private static func isPickle(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.count > 2 && bytes[bytes.startIndex] == 0x80 && (2...5).contains(bytes[bytes.startIndex + 1])
    }

    /// Recognizes a file by its content, and one without a known content by its name.
    /// - Parameter bytes: the whole file or its beginning.
    static func kind(of bytes: some Collection<UInt8>, path: String) -> ForeignWeights? {
        let beginning = Array(bytes.prefix(1 << 16))[...]
        // First: a header of 640 bytes begins as a pickle does.
        guard !Safetensors.isBegun(by: beginning) else { return nil }
        if let kind = all.first(where: { $0.isIt(beginning) }) { return kind }
        let name = path.lowercased()
        return all.first { kind in kind.endings.contains { name.hasSuffix($0) } }
    }

    func error(_ path: String) -> ExperimentError {
        // A name that Python's quotes do not hold is not written into them.
        let name = FilePath.name(path)
        let isPlain = name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !Array("\"'\\".utf8).contains($0) }
        let from = isPlain ? name : "FILE"
        let stem = from.lastIndex(of: ".").map { String(from[..<$0]) } ?? from
        let command = python.replacing("FROM", with: from).replacing("TO", with: stem + ".safetensors")
        return ExperimentError(
            .malformed, place: path,
            message: "is \(title), which is not read here; make safetensors of it: python3 -c '\(command)'\(exception)")
    }
}
