import CKernels
import COpenCL

/// Turns a network's operations into one function with all sizes as constants, which keeps a sample's values in
/// registers: what a kernel that trains whole epochs in one launch calls for each sample.
///
/// It is written over `lanes`: those of one network are its samples, those of a population its networks.
struct FusedText {
    /// The lanes: samples of one network, or networks side by side.
    enum Axis { case samples, networks }

    let program: Program
    let layout: LaneLayout
    let axis: Axis
    /// A kernel that is unrolled altogether lets the compiler keep every value in a register.
    let isUnrolled: Bool
    private let text = Lines()
    /// Operations that draw random numbers, dropout and noise, with a key and a knob each.
    let draws: [Operation]

    /// Multiplications of a sample up to which unrolling pays; the compiler's time grows with them.
    private static let mostUnrolled = 96
    private static let mostUnrolledRows = 256
    /// Rows of values and of training up to which a work-item can keep all of a sample's.
    fileprivate static let mostRows = 4096

    init(_ program: Program, layout: LaneLayout, axis: Axis) {
        self.program = program
        self.layout = layout
        self.axis = axis
        isUnrolled = layout.count <= Self.mostUnrolled && program.rows <= Self.mostUnrolledRows
        draws = program.trainingForward.filter(\.primitive.hasKnobsPerNetwork)
    }

    /// `pass`: forward and backward for a vector of samples, `answer`: forward with dropout off.
    func functions() -> String {
        let weights = axis == .samples ? "__local const float *w" : "const lanes *w"
        let training = emitted(program.trainingForward + program.backward)
        let evaluation = emitted(program.evaluationForward)
        return """
            INLINE void pass(
                \(weights), lanes *g, lanes *v, lanes *t, ints used, words sample, const words *low, const words *high,
                const lanes *knobs) {
            \(training)
            }
            INLINE void answer(\(weights), lanes *v, lanes *t) {
            \(evaluation)
            }
            """
    }

    private func emitted(_ operations: [Operation]) -> String {
        text.lines = []
        for operation in operations {
            guard let fused = operation.primitive.fused else {
                preconditionFailure("\(operation.primitive.id) has no fused text")
            }
            fused(operation, self)
        }
        return text.lines.map { "    " + $0 }.joined(separator: "\n")
    }

    /// The loss of what `answer` left, as a function.
    func lossFunction(_ head: OutputHead) -> String {
        text.lines = []
        let last = program.layers[program.layers.count - 1]
        let compared = head.lossStage == .activation ? last.activation : last.preActivation
        let o = Operation(
            .lossGradient, kind: .loss(head.loss.entry.id), m: head.units, knobs: head.lossSettings.parameters,
            ["output": compared, "target": program.target])
        withKnobs(o) {
            $0.line("lanes sum = splat(0);")
            $0.column(o, compared)
            $0.loop("i", o.m) {
                $0.line("sum += \(o.symbol)Loss(\(place(compared, "i")), \(place(program.target, "i")), p, shared);")
            }
            $0.line("return sum;")
        }
        return "INLINE lanes lossOf(const lanes *v, const lanes *t) {\n" + text.lines.joined(separator: "\n") + "\n}"
    }

    // MARK: - Lines

    func line(_ text: String) { self.text.lines.append(text) }

    func block(_ body: (FusedText) -> Void) {
        line("{")
        body(self)
        line("}")
    }

    func loop(_ name: String, _ count: Int, _ body: (FusedText) -> Void) {
        if isUnrolled { line("#pragma unroll") }
        line("for (int \(name) = 0; \(name) < \(count); \(name)++) {")
        body(self)
        line("}")
    }

    func withKnobs(_ o: Operation, _ body: (FusedText) -> Void) {
        let knobs = (0..<4).map { $0 < o.knobs.count ? "\(Float(o.knobs[$0]))f" : "0.0f" }
        line("{")
        line("const float p[4] = {\(knobs.joined(separator: ", "))};")
        body(self)
        line("}")
    }

    /// The sums that all outputs of a sample share, where the loss has use for them.
    func column(_ o: Operation, _ rows: Slice) {
        guard case .loss(let id) = o.kind, lc_loss_formula(lc_loss_index(id)).sharesColumn else {
            return line("const column shared = {splat(0), splat(0)};")
        }
        column(rows, o.m)
    }

    /// The sums that all outputs of a sample share, for softmax and the losses over it.
    func column(_ rows: Slice, _ units: Int) {
        line("column shared = {\(place(rows, "0")), splat(0)};")
        loop("u", units) {
            $0.line("const lanes value = \(place(rows, "u"));")
            $0.line(
                "shared.largest = choose(value <= shared.largest, shared.largest, "
                    + "choose(shared.largest != shared.largest, shared.largest, value));")
        }
        loop("u", units) { $0.line("shared.sum += exponential(\(place(rows, "u")) - shared.largest);") }
    }

    /// An element of a slice.
    func place(_ slice: Slice, _ index: String) -> String {
        switch slice.block {
        case .values: "v[\(slice.offset) + \(index)]"
        case .training: "t[\(slice.offset) + \(index)]"
        case .parameters: "w[\(layout.packed(slice.offset)) + \(index)]"
        case .parameterGradients: "g[\(layout.packed(slice.offset)) + \(index)]"
        }
    }
}

extension Plan {
    /// Whether one kernel can do all operations, and update all parameters.
    var isFusible: Bool {
        program.rows <= FusedText.mostRows && program.operations.allSatisfy { $0.primitive.fused != nil }
            && !outline.tensors.contains(where: \.isFrozen)
    }
}

extension Program {
    fileprivate var rows: Int { valueRows + trainingRows }
}

/// Lines that grow while closures nest.
private final class Lines {
    var lines: [String] = []
}
