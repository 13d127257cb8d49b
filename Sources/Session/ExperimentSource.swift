import Datasets
import Engine
import VisibleText

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where experiments come from: a preset's name, a path, a TensorFlow Playground link, or "-".
public struct ExperimentSource: Sendable {
    /// What opens it again: the preset's name, the path or the link; empty for standard input.
    public var name: String
    public var experiment: Experiment
    /// What relative data files are relative to.
    public var directory: String?
    /// The checkpoint that it was opened from, whose weights belong to it.
    public var weights: String?

    public init(name: String, experiment: Experiment, directory: String? = nil, weights: String? = nil) {
        self.name = name
        self.experiment = experiment
        self.directory = directory
        self.weights = weights
    }

    /// Reads one. `nil` is the standard experiment. Presets: the built-in ones and the user's own folder
    /// (`$XDG_CONFIG_HOME/layercake/presets/*.json`).
    public static func open(_ argument: String?) throws(ExperimentError) -> ExperimentSource {
        guard let argument else { return ExperimentSource(name: "playground", experiment: .standard) }
        if argument == "-" {
            let text = try TextFile.standardInput()
            return ExperimentSource(name: "", experiment: try read(text, file: "standard input"))
        }
        if PlaygroundLink.looksLikeLink(argument) {
            let experiment = try PlaygroundLink.experiment(from: argument)
            try experiment.validate()
            return ExperimentSource(name: argument, experiment: experiment)
        }
        if let preset = Preset.all.first(where: { $0.name == argument }) {
            return ExperimentSource(
                name: preset.name, experiment: try read(preset.text, file: preset.path ?? preset.name),
                directory: preset.path.map(TextFile.directory))
        }
        guard TextFile.exists(argument) else { throw notFound(argument) }
        if Checkpoint.isOne(argument) { return try Checkpoint(readingFrom: argument).source(path: argument) }
        let experiment = try read(TextFile.read(argument), file: argument)
        return ExperimentSource(name: argument, experiment: experiment, directory: TextFile.directory(argument))
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
        do {
            try JSON.checkMemory(text)
            json = try JSON(parsing: text)
        } catch {
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
    private static let limit = 64 << 20

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func standardInput() throws(ExperimentError) -> String { try read(descriptor: 0, place: "standard input") }

    static func read(_ path: String) throws(ExperimentError) -> String {
        let descriptor = Self.open(path)
        guard descriptor >= 0 else { throw mistake(path, code: errno) }
        defer { close(descriptor) }
        return try read(descriptor: descriptor, place: path)
    }

    /// Bytes at the beginning of a regular file; none of anything else.
    static func beginning(_ path: String) -> [UInt8] {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return [] }
        let descriptor = Self.open(path)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        return Array(bytes[..<max(0, systemRead(descriptor, &bytes))])
    }

    private static func open(_ path: String) -> Int32 {
        #if canImport(Glibc)
            Glibc.open(path, O_RDONLY | O_CLOEXEC)
        #else
            Darwin.open(path, O_RDONLY | O_CLOEXEC)
        #endif
    }

    private static func read(descriptor: Int32, place: String) throws(ExperimentError) -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = systemRead(descriptor, &chunk)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw mistake(place, code: errno) }
            if count == 0 { break }
            bytes += chunk[..<count]
            guard bytes.count <= limit else {
                throw ExperimentError(.malformed, place: place, message: "is larger than any experiment (64 MiB)")
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ExperimentError(.malformed, place: place, message: "is not UTF-8 text")
        }
        return text
    }

    private static func systemRead(_ descriptor: Int32, _ chunk: inout [UInt8]) -> Int {
        chunk.withUnsafeMutableBytes { buffer in
            #if canImport(Glibc)
                Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            #else
                Darwin.read(descriptor, buffer.baseAddress, buffer.count)
            #endif
        }
    }

    private static func mistake(_ place: String, code: Int32) -> ExperimentError {
        let reason =
            switch code {
            case ENOENT: "there is no such file"
            case EISDIR: "is a folder; expected a JSON file"
            case EACCES: "may not be read (permission denied)"
            default: "cannot be read: \(String(cString: strerror(code)))"
            }
        return ExperimentError(.missing, place: place, message: reason)
    }

    /// The folder that a path lies in.
    static func directory(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The last part of a path.
    static func name(_ path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    /// The names of the JSON files in a folder, sorted; none when there is no such folder.
    static func jsonFiles(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".json"), !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }
}
