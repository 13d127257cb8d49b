/// A restricted Boltzmann machine: units that are on or off at random, given the values before them, and these given the units.
///
/// Shapes: x: [values, batch], W (`weight`): [units, values], c (`bias`): [units], b (`visible_bias`): [values], z and y:
/// [units, batch]: z = W x + c, y = σ(z), the probability that a unit is on. The way down, σ(Wᵀ h + b) or Wᵀ h + b, is a
/// reconstruction's. Backward: as a dense layer with a sigmoid.
struct RBM: Layer {
    static let entry = Entry(
        id: "rbm", title: "RBM",
        summary:
            "Units that are on or off at random, and that draw the values before them in turn: they learn what is likely, without labels.",
        formula: "p(h = 1 | x) = σ(W x + c),  p(x = 1 | h) = σ(Wᵀ h + b)",
        source:
            "Smolensky, Information processing in dynamical systems, 1986; Hinton, A practical guide to training restricted Boltzmann machines, 2010",
        watch:
            "The units' weights: after some epochs they are strokes and spots. The chains' pictures should look like the data and vary.",
        knobs: [
            Knob(
                "units", title: "units", summary: "The number of hidden units.", kind: .integer(1...4096),
                default: .integer(16), raise: "when reconstructions lack details",
                lower: "when units look alike or are off for all samples"),
            Knob(
                "visible", title: "visible units",
                summary:
                    "The values before the units: binary ones, from 0 to 1, or Gaussian ones, standardized to a deviation of 1.",
                kind: .word(["binary", "gaussian"]), default: .text("binary")),
        ])

    let units: Int
    private let isNormal: Bool
    private let initializer: ChosenInitializer
    private let function: ChosenActivation

    init(settings: Settings) throws(EngineError) {
        units = settings.integer("units")
        isNormal = settings.text("visible") == "gaussian"
        // Hinton's guide, section 8.
        initializer = ChosenInitializer(
            checked: try Settings(Choice("normal", ["deviation": .real(0.01)]), in: .initializer, place: ""))
        function = ChosenActivation(
            checked: try Settings(Choice(Catalogue.probabilityActivation), in: .activation, place: ""))
    }

    var title: String { "RBM \(units)" }

    var activation: Settings? { function.settings }

    var link: Outline.Link? { .matrix }

    var formula: UnitFormula { UnitFormula("p = f(w x + c)", addend: UnitFormula.Number("bias", "c", "bias")) }

    func emit(_ x: Value, into plan: inout PlanBuilder) -> Value {
        let sums = plan.weightedParts(of: x, units: units, initializer)
        let valueBias = plan.parameter("visible_bias", axes: [x.shape.count], initial: .constant(0), decays: false)
        let y = function.emit(sums.value, into: &plan)
        plan.declare(
            weight: sums.weight, bias: sums.bias, valueBias: valueBias, from: x, sums: sums.value, to: y,
            isNormal: isNormal)
        return y
    }
}
