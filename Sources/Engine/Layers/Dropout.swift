/// Switches off each value with probability `rate` while training, and scales the others by 1 / (1 − rate), so that
/// the mean stays; outside training it passes everything through.
///
/// Shapes: x, mask and y: [values, batch], mask in {0, 1 / (1 − rate)}. y = x ∘ mask; dx = dy ∘ mask. With `wholeChannels`
/// the values of an image's channel share their mask (PyTorch's Dropout2d: Tompson and others, 2015).
struct Dropout: Layer {
    static let entry = Entry(
        id: "dropout", title: "dropout",
        summary:
            "Switches off a random part of the values in each training step, so that no unit relies on another alone.",
        formula: "y = x · mask / (1 − rate),  mask ~ Bernoulli(1 − rate)",
        source: "Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout, 2014",
        watch:
            "The training loss is higher than without it; the test loss is what should fall. Test answers use all values.",
        knobs: [
            Knob(
                "rate", title: "rate", symbol: "p", summary: "The probability with which a value is switched off.",
                kind: .real(0...0.99, steps: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]), default: .real(0.5),
                raise: "when the test loss rises while the training loss falls",
                lower: "when the training loss stays high"),
            Knob(
                "wholeChannels", title: "whole channels",
                summary: "Whether all values of an image's channel are switched off together.", kind: .toggle,
                default: .toggle(false)),
        ])

    let rate: Double
    private let isByChannel: Bool

    static func stepping(_ layer: Choice) -> Choice? { layer }

    init(settings: Settings) {
        rate = settings.real("rate")
        isByChannel = settings.toggle("wholeChannels")
    }

    var title: String { "dropout \(rate)" }

    var activation: Settings? { nil }

    var link: Outline.Link? { .pass }

    func emit(_ x: Value, into plan: inout PlanBuilder) -> Value {
        let (units, rows) = isByChannel ? x.shape.channels : (x.shape.count, 0)
        return plan.droppedOut(x, rate: rate, stream: plan.stream, units: units, rows: rows)
    }
}

extension PlanBuilder {
    /// - Parameters:
    ///   - stream: of the random numbers.
    ///   - units, rows: what is switched off together; nil: each value by itself.
    mutating func droppedOut(_ x: Value, rate: Double, stream: Int, units: Int? = nil, rows: Int = 0) -> Value {
        let m = x.shape.count
        let y = value(x.shape, isDifferentiable: x.isDifferentiable)
        let mask = trainingRows(m)
        emit(
            Operation(
                .dropout, kind: .stream(stream), m: units ?? m, n: rows, knobs: [rate],
                ["output": y.slice, "input": x.slice, "mask": mask]),
            evaluation: false)
        emit(Operation(.copy, m: m, ["output": y.slice, "input": x.slice]), training: false)
        backward { plan in
            guard let dy = plan.gradient(of: y) else { return }
            let passesAll = plan.isOutsideTraining
            plan.addGradient(of: x) {
                passesAll
                    ? Operation(.copy, m: m, ["output": $0, "input": dy])
                    : Operation(.scaleBy, m: m, ["output": $0, "input": dy, "factor": mask])
            }
        }
        return y
    }
}
