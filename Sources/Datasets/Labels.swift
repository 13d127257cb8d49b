import Engine

/// Labels from a file or a drawing: classes or values.
struct Labels {
    var values: [Float]
    var task: Task
    var classNames: [String]

    /// A text, or at most 20 distinct whole numbers, is a class; `told` overrides. Classes stand in the order first seen.
    /// - Parameters:
    ///   - place: names a row for errors.
    ///   - drawn: the points of a drawing. −1/1 and 0/1 ascend, so that an orange or a blue point keeps its colour, and
    ///     a single class will do while it begins; a second, empty one stands beside it then.
    init(_ texts: [String], told: TaskKind?, drawn: Bool = false, place: (Int) -> String) throws(DataError) {
        let numbers = texts.map { Double($0) }
        var names: [String] = []
        var indices: [String: Int] = [:]
        for text in texts where indices[text] == nil {
            indices[text] = names.count
            names.append(text)
        }
        let whole = numbers.allSatisfy { $0.map { $0 == $0.rounded() && $0.isFinite } ?? false }
        let numeric = !numbers.contains { $0 == nil }
        let isClass = told.map { $0 == .classification } ?? (!numeric || (whole && names.count <= 20))
        guard isClass else {
            if let bad = numbers.firstIndex(where: { !($0?.isFinite ?? false) }) {
                throw DataError(
                    .malformed, place: place(bad), message: "expected a number to learn, found \(quoted(texts[bad]))")
            }
            (values, task, classNames) = (numbers.map { Float($0 ?? 0) }, .regression, [])
            return
        }
        if names.count == 1, drawn { names.append("other") }
        guard names.count >= 2 else {
            throw DataError(
                .malformed, place: place(0),
                message: "expected labels of at least two classes, found only \(quoted(names.first ?? ""))")
        }
        if drawn, names.count == 2, let first = Double(names[0]), let second = Double(names[1]), first > second,
            Self.ascend(second, first)
        {
            names.reverse()
            indices = [names[0]: 0, names[1]: 1]
        }
        let lookup = indices
        (values, task, classNames) = (
            texts.map { Float(lookup[$0] ?? 0) }, .classification(classes: names.count), names
        )
    }

    /// Whether a drawing's two classes stand in the order of their numbers: −1 and 1, 0 and 1.
    static func ascend(_ first: Double, _ second: Double) -> Bool {
        first < second && (first == -second || (first == 0 && second == 1))
    }
}
