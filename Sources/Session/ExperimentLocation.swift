import Basics
import Datasets
import Engine
import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension Experiment {
    /// The bytes of a table that was read from standard input or a pipe; nil: the data lie in a file.
    private func keptTable(from directory: String?) -> [UInt8]? {
        guard case .text(let file)? = data.dataset.knobs["file"] else { return nil }
        return ReadOnce.kept(TablePath.path(file, directory: directory))
    }

    /// The name of a kept table beside the experiment that is saved to `path`: that of a file with the same bytes
    /// or of none. nil: nothing lies beside a pipe or a device.
    private static func tableName(_ bytes: [UInt8], besides path: String) -> String? {
        guard SavedFile.isFile(path) else { return nil }
        let name = FilePath.name(path)
        let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
        let ending = bytes.starts(with: [0x1F, 0x8B]) ? "csv.gz" : "csv"
        var number = 1
        while true {
            let candidate = number == 1 ? "\(stem).\(ending)" : "\(stem)-\(number).\(ending)"
            let place = FilePath.directory(path) + "/" + candidate
            if candidate != name,
                !FilePath.exists(place) || FileManager.default.contents(atPath: place).map({ Array($0) }) == bytes
            {
                return candidate
            }
            number += 1
        }
    }

    /// Writes a table that was read from standard input or a pipe beside the experiment that has been saved to `path`,
    /// where `saved(to:from:)` names it.
    /// - Parameter directory: what a relative data file is relative to now; nil: the working folder.
    public func writeKeptTable(besides path: String, from directory: String?) throws(ExperimentError) {
        guard let bytes = keptTable(from: directory), let name = Self.tableName(bytes, besides: path) else { return }
        let place = FilePath.directory(path) + "/" + name
        if !FilePath.exists(place) { try SavedFile.write(bytes, to: place) }
    }

    /// The document as it must be written to a path: a file that is named relative to another folder than the path's
    /// gets its whole path, so that the copy opens too; a table from standard input is named as `writeKeptTable` writes it.
    /// - Parameter directory: what relative files are relative to now; nil: the working folder.
    public func saved(to path: String, from directory: String?) -> Experiment {
        var copy = withData(savedTo: path, from: directory)
        copy.initial.file = Self.file(initial.file, savedTo: path, from: directory)
        return copy
    }

    /// A file's name in a document at a path.
    private static func file(_ file: String, savedTo path: String, from directory: String?) -> String {
        guard !file.isEmpty, !file.hasPrefix("/"), !file.hasPrefix("~/"), let present = wholePath(directory ?? "."),
            present != wholePath(FilePath.directory(path))
        else { return file }
        return present + "/" + file
    }

    private func withData(savedTo path: String, from directory: String?) -> Experiment {
        if let bytes = keptTable(from: directory) {
            guard let name = Self.tableName(bytes, besides: path) else { return self }
            var copy = self
            copy.data.dataset.knobs["file"] = .text(name)
            return copy
        }
        guard case .text(let file)? = data.dataset.knobs["file"] else { return self }
        var copy = self
        copy.data.dataset.knobs["file"] = .text(Self.file(file, savedTo: path, from: directory))
        return copy
    }

    /// The data as people speak of them: the file's name or "standard input", else the dataset's title.
    public var dataName: String {
        if case .text(let file)? = data.dataset.knobs["file"], !file.isEmpty {
            return FilePath.isStandardInput(file) ? TablePath.title(file) : FilePath.name(file)
        }
        return Datasets.entry(data.dataset.id)?.title ?? data.dataset.id
    }

    /// Without links and dots; nil where there is no such folder.
    private static func wholePath(_ folder: String) -> String? {
        guard let whole = realpath(folder, nil) else { return nil }
        defer { free(whole) }
        return String(cString: whole)
    }
}
