/// A layer of a network, written once for all backends: it declares its parameters and emits its operations.
///
/// A new layer is a file in this folder and a line in `Catalogue.layers`.
protocol Layer: Sendable {
    static var entry: Entry { get }

    /// - Parameter settings: checked against `entry`.
    init(settings: Settings) throws(EngineError)

    /// The words for it in a list of layers: "dense 4".
    var title: String { get }

    /// The activation, when the layer has one.
    var activation: Settings? { get }

    /// The dependence of its units on those before it; nil: in another way than the cases tell.
    var link: Outline.Link? { get }

    /// Declares the parameters, emits the forward operations and, by `plan.backward`, those of the way back.
    /// - Throws: what is wrong with the input's shape: expected, found, what to do.
    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value
}

extension Layer {
    var link: Outline.Link? { nil }
}
