import Datasets
import Engine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension Experiment {
    /// The document as it must be written to a path: a data file that is named relative to another folder than the
    /// path's gets its whole path, so that the copy opens too.
    /// - Parameter directory: what a relative data file is relative to now; nil: the working folder.
    public func saved(to path: String, from directory: String?) -> Experiment {
        guard case .text(let file)? = data.dataset.knobs["file"], !file.isEmpty, !file.hasPrefix("/"),
            let present = Self.wholePath(directory ?? "."), present != Self.wholePath(TextFile.directory(path))
        else { return self }
        var copy = self
        copy.data.dataset.knobs["file"] = .text(present + "/" + file)
        return copy
    }

    /// The data as people speak of them: the file's name, else the dataset's title.
    public var dataName: String {
        if case .text(let file)? = data.dataset.knobs["file"], !file.isEmpty { return TextFile.name(file) }
        return Datasets.entry(data.dataset.id)?.title ?? data.dataset.id
    }

    /// Without links and dots; nil where there is no such folder.
    private static func wholePath(_ folder: String) -> String? {
        guard let whole = realpath(folder, nil) else { return nil }
        defer { free(whole) }
        return String(cString: whole)
    }
}
