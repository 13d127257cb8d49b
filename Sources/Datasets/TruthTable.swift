import Engine

/// The four rows of a logical function of two inputs, with −1 for false and +1 for true.
struct TruthTable {
    private static let schema = DataSchema.plane(.classification(classes: 2), ["false", "true"])

    static func dataset(
        id: String, title: String, summary: String, formula: String, source: String, watch: String,
        _ function: @escaping @Sendable (Bool, Bool) -> Bool
    ) -> Dataset {
        Dataset(
            Entry(id: id, title: title, summary: summary, formula: formula, source: source, watch: watch),
            task: .classification,
            trainFraction: 1, schema: { _ in schema }
        ) { _ in
            var plane = PlaneBuilder()
            for first in [false, true] {
                for second in [false, true] {
                    plane.add(first ? 1 : -1, second ? 1 : -1, label: function(first, second) ? 1 : 0)
                }
            }
            return plane.table(schema)
        }
    }
}
