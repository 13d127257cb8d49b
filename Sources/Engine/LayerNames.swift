/// A weight that other layers may use too.
struct SharedWeight {
    let parameter: Parameter
    /// The layer that owns it.
    let path: String
    let rows: Int
    let columns: Int
}

/// The names of a network's layers, and the weights that named ones let layers after them use.
struct LayerNames {
    /// Those of all layers, also of those that come later.
    private let all: Set<String>
    /// The paths of the layers so far that have names.
    private var paths: [String: String] = [:]
    private var shared: [String: SharedWeight] = [:]

    init(_ all: [String]) { self.all = Set(all) }

    /// Notes a layer's name, by which layers after it may call it.
    /// - Parameters:
    ///   - path: of its tensors.
    ///   - place: in the description, for messages.
    /// - Throws: that another layer has the name.
    mutating func register(_ name: String, path: String, place: String) throws(EngineError) {
        guard !name.isEmpty else { return }
        if let other = paths[name] {
            throw EngineError(
                place: "\(place).\(LayerKnobs.name.name)",
                message: "\(other) is called \(quoted(name)) already; give each layer a name of its own, or none")
        }
        paths[name] = path
    }

    /// Lets layers after one use its weight too, where it has a name.
    mutating func share(_ weight: SharedWeight, name: String) {
        if !name.isEmpty { shared[name] = weight }
    }

    /// The weight of an earlier layer.
    /// - Parameters:
    ///   - path: of the layer that wants it.
    ///   - rows, columns: the shape that is needed.
    ///   - place: for messages.
    /// - Throws: that there is no such layer, that it comes later or has no weight of its own, or that the shape is another.
    func weight(
        of name: String, for path: String, rows: Int, columns: Int, place: String
    ) throws(EngineError) -> SharedWeight {
        func fail(_ message: String) -> EngineError { EngineError(place: place, message: message) }
        guard let weight = shared[name] else {
            if let other = paths[name] {
                throw fail(
                    other == path
                        ? "a layer cannot be tied to itself; name an earlier dense layer"
                        : "\(other), called \(quoted(name)), has no weight of its own; name a dense layer that is not tied itself"
                )
            }
            guard !all.contains(name) else {
                throw fail("\(quoted(name)) comes after this layer; tie the later one to this one instead")
            }
            throw fail(
                "there is no layer called \(quoted(name)); "
                    + (shared.isEmpty
                        ? "give an earlier dense layer this name"
                        : NearestName.advice(name, among: shared.keys.sorted())))
        }
        guard weight.rows == rows, weight.columns == columns else {
            let fitting = shared.filter { $0.value.rows == rows && $0.value.columns == columns }.keys.sorted()
            let advice =
                !fitting.isEmpty
                ? "choose \(listed(fitting))"
                : weight.rows == rows
                    ? "set units to \(weight.columns)"
                    : "put it where \(plural(weight.rows, "value")) \(weight.rows == 1 ? "comes" : "come") in"
            throw fail(
                "\(weight.path), called \(quoted(name)), makes \(plural(weight.rows, "value")) of \(weight.columns), so a layer "
                    + "tied to it makes \(weight.columns) of \(weight.rows); here it would make \(columns) of \(rows): "
                    + advice)
        }
        return weight
    }
}
