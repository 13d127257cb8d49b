import Basics

/// A path that is completed as a shell does: as far as it is certain.
struct PathCompletion {
    var text: String
    /// The names that it may go on to, when there are several.
    var names: [String] = []
    /// Nothing begins so.
    var isEmpty = false

    /// - Parameters:
    ///   - names: what may be meant in place of a path.
    ///   - directory: what a relative path is relative to.
    init(_ text: String, names others: [String] = [], in directory: String) {
        self.text = text
        if text == "~" {
            self.text = "~/"
            return
        }
        let slash = text.lastIndex(of: "/")
        let folder = slash.map { String(text[...$0]) } ?? ""
        let start = String(text.dropFirst(folder.count))
        let place = FilePath.expanded(folder)
        let names = Files.names(in: place.hasPrefix("/") ? place : "\(directory)/\(place)")
            .filter { $0.hasPrefix(start) && (start.hasPrefix(".") || !$0.hasPrefix(".")) }
        let all = names + (slash == nil ? others.filter { $0.hasPrefix(start) } : [])
        guard let first = all.first else {
            isEmpty = true
            return
        }
        self.text = folder + all.dropFirst().reduce(first) { Self.common($0, $1) }
        if all.count > 1 { self.names = all }
    }

    private static func common(_ a: String, _ b: String) -> String {
        String(zip(a, b).prefix { $0 == $1 }.map(\.0))
    }
}
