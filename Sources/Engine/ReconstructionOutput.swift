/// The output of a network that gives back its input: the last layer's values, one for each of the input's, in the input's
/// shape and through the output's activation. It has no parameters, so that the decoder's last layer may be of any kind. Layers
/// that draw the values before them are their own decoder: the way leads back through all of them.
///
/// Shapes: x: as many values as the input, y: the input's shape. y = f(x); dx = dy ∘ f′(x).
struct ReconstructionOutput: Layer {
    static let entry = Entry(
        id: "output", title: "output", summary: "Gives back the input from the last layer's values.",
        formula: "x̂ = f(h)",
        source: "Rumelhart, Hinton and Williams, Learning internal representations by error propagation, 1986",
        watch: "Its shape is that of the input; pixels need a sigmoid, columns with mean 0 a linear output.")

    private let head: OutputHead
    private let shape: Shape

    init(_ head: OutputHead, shape: Shape) { (self.head, self.shape) = (head, shape) }

    init(settings: Settings) { preconditionFailure("an output is made of its head") }

    var title: String { "output \(shape.axes.count == 1 ? "\(shape.count)" : "\(shape)")" }

    var activation: Settings? { head.activation }

    var link: Outline.Link? { .oneToOne }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        if let last = plan.pairs.last, last.units == x.slice, last.layer == plan.pairs.count - 1 {
            return plan.drawnBack(x, shape)
        }
        guard x.shape.count == shape.count else {
            throw EngineError(
                place: "layers",
                message:
                    "the layers are to give back the input: expected \(plural(shape.count, "value")) at their end, "
                    + "found \(x.shape.count); end them with a dense layer of \(plural(shape.count, "unit"))")
        }
        return ChosenActivation(checked: head.activation).emit(x.reshaped(shape), into: &plan)
    }
}
