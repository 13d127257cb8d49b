import Datasets
import Engine
import Basics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where experiments come from: a preset's name, the path of an experiment, of weights, of a table or of images, a TensorFlow
/// Playground link, or "-".
public struct ExperimentSource: Sendable, Hashable {
    /// The argument that opens it again: the preset's name, the path or the link; empty for standard input.
    public var name: String
    public var experiment: Experiment
    /// The folder of relative data files.
    public var directory: String?
    /// The checkpoint that it was opened from, whose weights belong to it.
    public var weights: String?
    /// The file of the recent experiments that it was opened from; nil: from none of them.
    public var kept: String?
    /// Words for it where its name says too little: "alice's experiment of 4 s ago, at epoch 120".
    public var words: String?
    /// Another user has written it.
    public var isAnothers = false
    /// The document that its name stands for, where it is one of the recent experiments and may have been edited.
    public var saved: Experiment?

    public init(name: String, experiment: Experiment, directory: String? = nil, weights: String? = nil) {
        self.name = name
        self.experiment = experiment
        self.directory = directory
        self.weights = weights
    }

    /// Reads one. `nil` is the standard experiment. Presets: the built-in ones and the user's own folder
    /// (`$XDG_CONFIG_HOME/layercake/presets/*.json`).
    public static func open(_ argument: String?) throws(ExperimentError) -> ExperimentSource {
        guard let argument else { return ExperimentSource(name: standardName, experiment: .standard) }
        if FilePath.isStandardInput(argument) { return try open(file: "-", name: "standard input") }
        if PlaygroundLink.looksLikeLink(argument) {
            let experiment = try PlaygroundLink.experiment(from: argument)
            try experiment.validate()
            return ExperimentSource(name: argument, experiment: experiment)
        }
        if let preset = Preset.all.first(where: { $0.name == argument }) {
            return ExperimentSource(
                name: preset.name, experiment: try read(preset.text, file: preset.path ?? preset.name),
                directory: preset.path.map(FilePath.directory))
        }
        guard FilePath.exists(argument) else { throw notFound(argument) }
        return try open(file: argument, name: argument)
    }

    /// The document that a recent experiment was opened as: the standard one, a preset, or a file in JSON; nil: none of
    /// them, or it is there no more.
    static func document(named name: String) -> Experiment? {
        if name == standardName { return .standard }
        if let preset = Preset.all.first(where: { $0.name == name }) { return try? read(preset.text, file: name) }
        var status = stat()
        guard name.hasSuffix(".json"), stat(name, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            let text = try? TextFile.read(name)
        else { return nil }
        return try? read(text, file: name)
    }

    private static let standardName = "playground"

    /// Opens a file by its content.
    /// - Parameter name: what messages call it.
    private static func open(file: String, name: String) throws(ExperimentError) -> ExperimentSource {
        let isFile = file != "-"
        if isFile, FilePath.isFolder(file) {
            guard let source = images(file) else {
                throw ExperimentError(
                    .missing, place: name,
                    message: Datasets.missingForImages(at: file) ?? "is a folder; expected a file")
            }
            return source
        }
        if isFile, let source = images(file) { return source }
        if isFile, Checkpoint.isOne(file) { return try Checkpoint(readingFrom: file).source(path: file) }
        let directory = isFile ? FilePath.directory(file) : nil
        // A file that is called like standard input.
        let local = isFile && FilePath.name(file) == "-" ? "./-" : FilePath.name(file)
        let path = TablePath.path(local, directory: directory)
        let content: FileContent
        do { content = try FileContent(path: path, name: name) } catch { throw ExperimentError(error) }
        switch content {
        case .json:
            let experiment = try read(TextFile.read(path, name: name), file: name)
            return ExperimentSource(name: isFile ? file : "", experiment: experiment, directory: directory)
        case .weights: return try Checkpoint(readingFrom: file).source(path: file)
        case .table(let columns):
            return ExperimentSource(
                name: isFile ? file : "", experiment: Experiment(table: local, columns: columns.count),
                directory: directory)
        case .other(let reason):
            if let link = try link(path, name: name) {
                return ExperimentSource(name: isFile ? file : "", experiment: link)
            }
            if isFile, let missing = Datasets.missingForImages(at: file) {
                throw ExperimentError(.malformed, place: name, message: missing)
            }
            throw ExperimentError(
                .malformed, place: name,
                message: "is neither an experiment in JSON nor saved weights nor a table nor a "
                    + "TensorFlow Playground link: \(reason)")
        }
    }

    /// A file or a folder with images.
    private static func images(_ file: String) -> ExperimentSource? {
        // A folder's own name, without the slash that completion leaves.
        var path = file[...]
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        let (name, directory) = (FilePath.name(String(path)), FilePath.directory(String(path)))
        guard !name.isEmpty, let dataset = Datasets.images(at: file, file: name) else { return nil }
        return ExperimentSource(name: file, experiment: Experiment(images: dataset), directory: directory)
    }

    /// The experiment of a file that holds one TensorFlow Playground link, as they are saved; nil: it holds none.
    private static func link(_ path: String, name: String) throws(ExperimentError) -> Experiment? {
        guard let text = try? FileContent.text(path: path, name: name, limit: 1 << 16) else { return nil }
        let lines = text.split(whereSeparator: \.isNewline).filter { $0.contains { !$0.isWhitespace } }
        guard lines.count == 1, PlaygroundLink.looksLikeLink(String(lines[0])) else { return nil }
        do {
            let experiment = try PlaygroundLink.experiment(from: String(lines[0]))
            try experiment.validate()
            return experiment
        } catch { throw ExperimentError(error.kind, place: "\(name): \(error.place)", message: error.message) }
    }

    /// Does something with the experiment, and places what is wrong with it in the file that it stands in.
    public func naming<T>(_ body: () throws -> T) throws -> T {
        do { return try body() } catch {
            let mistake: ExperimentError
            switch error {
            case let error as ExperimentError: mistake = error
            case let error as DataError: mistake = ExperimentError(error)
            case let error as EngineError: mistake = ExperimentError(error)
            default: throw error
            }
            let file = name.isEmpty ? "standard input" : PlaygroundLink.looksLikeLink(name) ? "link" : name
            guard mistake.kind != .arguments, !mistake.place.hasPrefix(file) else { throw mistake }
            throw ExperimentError(mistake.kind, place: "\(file): \(mistake.place)", message: mistake.message)
        }
    }

    private static func notFound(_ argument: String) -> ExperimentError {
        if argument.hasSuffix(".json") || argument.contains("/") {
            return ExperimentError(.missing, place: shortened(argument, to: 255), message: "there is no such file")
        }
        return Preset.unknown(argument, what: "preset or file")
    }

    /// Reads a document; mistakes are placed in `file`: with line and column, or with the key path.
    private static func read(_ text: String, file: String) throws(ExperimentError) -> Experiment {
        let json: JSON
        do { json = try JSON(parsing: text) } catch {
            throw ExperimentError(error.kind, place: "\(file):\(error.place)", message: error.message)
        }
        do {
            let experiment = try Experiment(json: json)
            try experiment.validate()
            return experiment
        } catch {
            throw ExperimentError(error.kind, place: "\(file): \(error.place)", message: error.message)
        }
    }
}

/// Reading whole text files and folders, with mistakes in words for the user.
enum TextFile {
    /// No document comes near this; a device that never ends must not fill the memory.
    static let limit = 64 << 20

    /// A file's bytes; nil where there is none.
    static func size(_ path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    /// Bytes at the beginning of a regular file; none of anything else.
    static func beginning(_ path: String) -> [UInt8] {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, let file = fopen(path, "r") else {
            return []
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        return Array(bytes[..<fread(&bytes, 1, bytes.count, file)])
    }

    /// - Parameters:
    ///   - path: "-" is standard input.
    ///   - name: what messages call it; nil: the path.
    ///   - limit: the most bytes; longer files are an error.
    static func read(
        _ path: String, name: String? = nil, limit: Int = TextFile.limit
    ) throws(ExperimentError) -> String {
        do { return try FileContent.text(path: path, name: name ?? path, limit: limit) } catch {
            throw ExperimentError(error)
        }
    }

    /// The names of the JSON files in a folder, sorted; none when there is no such folder.
    static func jsonFiles(in directory: String) -> [String] { names(in: directory).filter { $0.hasSuffix(".json") } }

    /// The names of the folders in a folder, sorted; none when there is no such folder.
    static func folders(in directory: String) -> [String] {
        names(in: directory).filter { FilePath.isFolder("\(directory)/\($0)") }
    }

    /// Hidden ones are left out.
    private static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }
}
