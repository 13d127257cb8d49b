/// Offers the name that a user most likely meant.
public enum NearestName {
    /// The nearest of `names` by edit distance (case ignored), or nil when none is near.
    public static func of(_ name: String, among names: [String]) -> String? {
        // A distance needs time in the product of the lengths, so absurdly long words are not compared.
        guard name.utf8.count <= 64 else { return nil }
        var best: (name: String, distance: Int)?
        for candidate in names where candidate.utf8.count <= 64 {
            let found = distance(Array(name.lowercased().unicodeScalars), Array(candidate.lowercased().unicodeScalars))
            if found < best?.distance ?? .max { best = (candidate, found) }
        }
        guard let best, best.distance <= max(2, name.unicodeScalars.count / 2) else { return nil }
        return best.name
    }

    /// "did you mean “tanh”?" or "choose one of linear, sigmoid, …".
    public static func advice(_ name: String, among names: [String]) -> String {
        if let nearest = of(name, among: names) { return "did you mean \(quoted(nearest))?" }
        return "choose one of \(listed(names))"
    }

    /// Levenshtein's distance: insertions, deletions and replacements.
    private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var previous = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var current = [i + 1]
            for (j, y) in b.enumerated() {
                current.append(min(previous[j] + (x == y ? 0 : 1), previous[j + 1] + 1, current[j] + 1))
            }
            previous = current
        }
        return previous[b.count]
    }
}
