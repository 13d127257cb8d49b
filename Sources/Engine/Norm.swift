/// The knobs and the learned part that normalizing layers share.
enum Norm {
    static let epsilon = Knob(
        "epsilon", title: "epsilon", symbol: "ε", summary: "Added to the variance, so that nothing is divided by 0.",
        kind: .real(1e-12...1, steps: [1e-8, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2]), default: .real(1e-5),
        raise: "when units of nearly constant value are blown up",
        lower: "when the normalization of small values is not complete")

    static let affine = Knob(
        "affine", title: "scale and shift", summary: "Whether each unit has a scale and a shift that it learns.",
        kind: .toggle, default: .toggle(true))

    /// - Throws: x is a sequence, whose later steps would be seen by earlier ones.
    static func checkNoSequence(_ x: Value, _ entry: Entry, place: String) throws(EngineError) {
        guard x.shape.axes.count == 2 else { return }
        throw EngineError(
            place: place,
            message:
                "\(entry.id) would mix the steps of a sequence (\(x.shape)); put it into eachStep, which takes each "
                + "step by itself")
    }

    static let scale = UnitFormula.Number("weight", "γ", "scale")
    static let shift = UnitFormula.Number("bias", "β", "shift")

    /// y = γ ∘ x + β with a learned γ and β for each unit.
    struct Affine {
        let scale: Parameter
        let shift: Parameter

        private let rows: Int

        /// - Parameter rows: of each unit; 0: one.
        init(units: Int, rows: Int = 0, in plan: inout PlanBuilder) {
            self.rows = rows
            scale = plan.parameter("weight", axes: [units], initial: .constant(1), decays: false)
            shift = plan.parameter("bias", axes: [units], initial: .constant(0), decays: false)
        }

        func emit(_ x: Value, into plan: inout PlanBuilder) -> Value {
            let (m, n, scale, shift) = (x.shape.count / max(1, rows), rows, scale, shift)
            let y = plan.value(x.shape, isDifferentiable: x.isDifferentiable || scale.isTrained)
            plan.emit(
                Operation(
                    .scaleShift, m: m, n: n,
                    ["output": y.slice, "input": x.slice, "scale": scale.value, "shift": shift.value]))
            plan.backward { plan in
                guard let dy = plan.gradient(of: y) else { return }
                if scale.isTrained {
                    plan.emit(
                        Operation(
                            .scaleShiftGradient, m: m, n: n,
                            [
                                "scaleGradient": scale.gradient, "gradient": dy, "shiftGradient": shift.gradient,
                                "input": x.slice,
                            ]))
                }
                plan.addGradient(of: x) {
                    Operation(.scaleShift, m: m, n: n, ["output": $0, "input": dy, "scale": scale.value])
                }
            }
            return y
        }
    }
}
