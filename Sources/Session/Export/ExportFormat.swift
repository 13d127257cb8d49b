import Basics
import Engine
import FoundationEssentials

/// A form in which an experiment leaves the program.
public struct ExportFormat: Sendable {
    public let id: String
    /// One line for help.
    public let summary: String
    /// The ending of a file of it: "py".
    public let fileEnding: String
    /// Whether it is text that a terminal may show; else it needs a file.
    public let isText: Bool
    /// It is a script with its tensors in a file beside it.
    var isScript = false
    fileprivate let make: @Sendable (ExportRequest) throws(ExperimentError) -> [ExportedFile]

    public static let all = [pytorch, keras, onnx, answers, dot, svg, png, link]

    /// The format of a file that is saved under this name; nil: it is saved in another way.
    public static func saved(as path: String) -> ExportFormat? {
        [pytorch, onnx, dot, svg, png].first { path.hasSuffix(".\($0.fileEnding)") }
    }

    /// The files of an experiment, the named one first.
    /// - Throws: what the format cannot express, with its place.
    public func files(_ request: ExportRequest) throws(ExperimentError) -> [ExportedFile] { try make(request) }

    /// The files that are written beside the one that is named.
    public func pathsBeside(_ path: String) -> [String] { isScript ? [ExportedFile.pathBeside(path)] : [] }

    /// - Throws: a file beside the named one that would be lost: it is there, and no earlier export wrote it.
    public func checkBeside(_ path: String) throws(ExperimentError) {
        for beside in pathsBeside(path)
        where FilePath.exists(beside) && Checkpoint.metadata(of: beside)?["format"] != ExportedFile.format {
            throw ExperimentError(
                .unwritable, place: beside,
                message:
                    "is there already and no earlier export wrote it, but the tensors of \(FilePath.name(path)) go "
                    + "there; choose another name, or move it away")
        }
    }

    static let pytorch = ExportFormat(
        id: "pytorch",
        summary: "a script that trains it in PyTorch, with data and weights in a safetensors file beside it",
        fileEnding: "py", isText: false, isScript: true
    ) { request throws(ExperimentError) in
        let script = try TorchScript(ExportedTraining(request, isTraining: true))
        return ExportedFile.script(at: request.path, script.tensors) { script.text(file: $0) }
    }

    static let keras = ExportFormat(
        id: "keras", summary: "the same for Keras 3, where its layers and optimizers have the same arithmetic",
        fileEnding: "py",
        isText: false, isScript: true
    ) { request throws(ExperimentError) in
        let script = try KerasScript(ExportedTraining(request, isTraining: true))
        return ExportedFile.script(at: request.path, script.tensors) { script.text(file: $0) }
    }

    static let onnx = ExportFormat(
        id: "onnx", summary: "the network from raw columns on to its answers (opset 17)", fileEnding: "onnx",
        isText: false
    ) { request throws(ExperimentError) in
        let training = try ExportedTraining(request, isTraining: false)
        let bytes = try Graph(training).bytes(
            name: training.name, text: training.experiment.title, version: request.version)
        return [ExportedFile(path: request.path, bytes: bytes)]
    }

    static let answers = ExportFormat(
        id: "answers",
        summary: "test samples as the onnx network takes them, with its answers, to check it elsewhere (safetensors)",
        fileEnding: "safetensors", isText: false
    ) { request throws(ExperimentError) in
        let training = try ExportedTraining(request, isTraining: false)
        return [ExportedFile(path: request.path, bytes: try training.answers().bytes)]
    }

    static let dot = ExportFormat(
        id: "dot", summary: "the layers as a graph for Graphviz", fileEnding: "dot", isText: true
    ) { request throws(ExperimentError) in
        let training = try ExportedTraining(request, isTraining: false)
        return [ExportedFile(path: request.path, bytes: Array(DotGraph(training).text.utf8))]
    }

    static let svg = ExportFormat(
        id: "svg", summary: "network, boundary and curves as a picture for a handout", fileEnding: "svg", isText: true
    ) { request throws(ExperimentError) in
        let training = try ExportedTraining(request, isTraining: false)
        return [ExportedFile(path: request.path, bytes: Array(try Handout(training).text.utf8))]
    }

    static let png = ExportFormat(
        id: "png", summary: "the picture that a procedure such as style has changed, pixel by pixel", fileEnding: "png",
        isText: false
    ) { request throws(ExperimentError) in
        let trainer = try request.trainer()
        guard let report = trainer.procedure.pictureReport else {
            let makers = Catalogue.entries(.procedure).map(\.id).filter { !Catalogue.pictures(of: Choice($0)).isEmpty }
            throw ExperimentError(
                .malformed, place: "training.procedure",
                message: "\(trainer.experiment.training.procedure.id) changes no picture; \(listed(makers)) do. "
                    + "For a picture of the screen there is: layercake show")
        }
        guard let bytes = report.now.png() else {
            throw ExperimentError(.unwritable, place: request.path, message: "there is no memory for the picture")
        }
        return [ExportedFile(path: request.path, bytes: bytes)]
    }

    static let link = ExportFormat(
        id: "link", summary: "the address that opens it in the TensorFlow Playground's web page", fileEnding: "txt",
        isText: true
    ) { request throws(ExperimentError) in
        let address: String
        switch PlaygroundLink.link(for: request.experiment) {
        case .success(let link): address = link
        case .failure(let error): throw ExperimentError(.malformed, place: error.place, message: error.message)
        }
        return [ExportedFile(path: request.path, bytes: Array((address + "\n").utf8))]
    }
}

/// An experiment that is to leave the program.
public struct ExportRequest {
    public let experiment: Experiment
    /// The experiment's name as a file's: "spiral".
    let name: String
    /// The path of the file.
    public let path: String
    /// The program's version; empty: it is not told.
    let version: String
    /// Prepares the data and the network, where the format needs them.
    let trainer: () throws(ExperimentError) -> Trainer

    /// - Parameters:
    ///   - weights: the path of saved ones; nil: those that the seed draws.
    ///   - epochs: that it trains before.
    public init(source: ExperimentSource, weights: String?, epochs: Int, path: String, version: String) {
        (experiment, self.path, self.version) = (source.experiment, path, version)
        let base = source.name.split(separator: "/").last.map(String.init) ?? "experiment"
        name = Self.fileName(base)
        trainer = { () throws(ExperimentError) in
            let trainer = try Trainer(
                source.experiment, directory: source.directory, trainsPreset: weights == nil)
            if let failure = trainer.initialFailure, weights == nil { throw failure }
            if let weights { _ = try trainer.restore(Checkpoint(readingFrom: weights)) }
            let last = trainer.procedure.epoch + epochs
            if epochs > 0 { trainer.play() }
            while trainer.procedure.epoch < last, trainer.advance(steps: trainer.procedure.stepsPerEpoch) != .ended {}
            return trainer
        }
    }

    /// An experiment in training, as it stands.
    init(_ trainer: Trainer, path: String) {
        (experiment, self.path, version) = (trainer.experiment, path, "")
        name = Self.fileName(FilePath.name(path))
        self.trainer = { () throws(ExperimentError) in trainer }
    }

    private static func fileName(_ name: String) -> String {
        String(name.prefix { $0 != "." }.map { $0.isLetter || $0.isNumber ? $0 : "-" })
    }
}

/// A file of an export.
public struct ExportedFile: Sendable {
    public let path: String
    public let bytes: [UInt8]

    /// In the metadata of the tensors beside a script.
    fileprivate static let format = "layercake export"

    /// The path of the tensors beside a script: "spiral-data.safetensors".
    fileprivate static func pathBeside(_ path: String) -> String {
        let name = FilePath.name(path)
        let stem = name.lastIndex(of: ".").map { $0 == name.startIndex ? name : String(name[..<$0]) } ?? name
        return path.dropLast(name.count) + stem + "-data.safetensors"
    }

    /// A script and its tensors.
    /// - Parameter text: the script, which reads the file of this name.
    fileprivate static func script(
        at path: String, _ tensors: Safetensors, text: (String) -> String
    ) -> [ExportedFile] {
        let beside = pathBeside(path)
        var tensors = tensors
        tensors.metadata["format"] = format
        return [
            ExportedFile(path: path, bytes: Array(text(FilePath.name(beside)).utf8)),
            ExportedFile(path: beside, bytes: tensors.bytes),
        ]
    }
}

extension Trainer {
    /// Writes what the path's ending says: a format for other programs, else the weights.
    func save(to path: String) throws(ExperimentError) {
        guard let format = ExportFormat.saved(as: path) else { return try checkpoint(for: path).write(to: path) }
        synchronize()
        // The script comes last: it needs the file beside it.
        for file in try format.files(ExportRequest(self, path: path)).reversed() {
            try SavedFile.write(file.bytes, to: file.path)
        }
    }
}
