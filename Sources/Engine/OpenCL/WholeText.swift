import CKernels
import COpenCL

/// Turns a network's operations into one function with all sizes as constants, which keeps a sample's values in
/// registers: what a kernel that trains whole epochs in one launch calls for each sample.
///
/// It is written over `lanes`: those of one network are its samples, those of a population its networks.
struct WholeText {
    /// What the lanes are.
    enum Axis { case samples, networks }

    let program: Program
    let layout: LaneLayout
    let axis: Axis
    /// A kernel that is unrolled altogether lets the compiler keep every value in a register.
    let isUnrolled: Bool
    private let text = Lines()
    /// Dropout operations, whose masks have a key and a rate each.
    let masks: [Operation]

    /// Multiplications of a sample up to which unrolling pays; the compiler's time grows with them.
    private static let mostUnrolled = 96

    init(_ program: Program, layout: LaneLayout, axis: Axis) {
        self.program = program
        self.layout = layout
        self.axis = axis
        isUnrolled = layout.count <= Self.mostUnrolled
        masks = program.trainingForward.filter { $0.code == .dropout }
    }

    /// `pass`: forward and backward for a vector of samples, `answer`: forward with dropout off.
    func functions() -> String {
        let weights = axis == .samples ? "__local const float *w" : "const lanes *w"
        let training = emitted(program.trainingForward + program.backward)
        let evaluation = emitted(program.evaluationForward)
        return """
            INLINE void pass(
                \(weights), lanes *g, lanes *v, lanes *t, ints used, words sample, const words *low, const words *high,
                const lanes *rates) {
            \(training)
            }
            INLINE void answer(\(weights), lanes *v, lanes *t) {
            \(evaluation)
            }
            """
    }

    private func emitted(_ operations: [Operation]) -> String {
        text.lines = []
        var mask = 0
        for operation in operations {
            emit(operation, mask: mask)
            if operation.code == .dropout { mask += 1 }
        }
        return text.lines.map { "    " + $0 }.joined(separator: "\n")
    }

    private func emit(_ o: Operation, mask: Int) {
        switch o.code {
        case .affine:
            loop("i", o.m) {
                $0.line("lanes sum = \(o.c.map { "splat1(\(place($0, "i")))" } ?? "splat(0)");")
                $0.loop("k", o.n) { $0.line("sum += \(place(o.b!, "i * \(o.n) + k")) * \(place(o.d!, "k"));") }
                $0.line("\(place(o.a!, "i")) = sum;")
            }
        case .affineInputGradient:
            loop("k", o.n) {
                $0.line("lanes sum = splat(0);")
                $0.loop("i", o.m) { $0.line("sum += \(place(o.b!, "i * \(o.n) + k")) * \(place(o.d!, "i"));") }
                $0.line("\(place(o.a!, "k")) = sum;")
            }
        case .affineParameterGradient:
            loop("i", o.m) {
                $0.line("const lanes dz = \(place(o.d!, "i"));")
                $0.loop("k", o.n) { $0.line("\(place(o.a!, "i * \(o.n) + k")) += dz * \(place(o.e!, "k"));") }
                if let c = o.c { $0.line("\(place(c, "i")) += dz;") }
            }
        case .activate:
            let learned = o.c.map { "splat1(\(place($0, "0")))" } ?? "splat(0)"
            withKnobs(o) {
                $0.loop("i", o.m) {
                    $0.line("\(place(o.a!, "i")) = \(symbol(o))Value(\(place(o.b!, "i")), p, \(learned));")
                }
            }
        case .activateGradient:
            let learned = o.c.map { "splat1(\(place($0, "0")))" } ?? "splat(0)"
            withKnobs(o) {
                $0.loop("i", o.m) {
                    let (dy, z, y) = (place(o.b!, "i"), place(o.d!, "i"), place(o.e!, "i"))
                    if let f = o.f {
                        $0.line("\(place(f, "0")) += \(dy) * \(symbol(o))ByParameter(\(z), \(y), p, \(learned));")
                    }
                    $0.line("\(place(o.a!, "i")) = \(dy) * \(symbol(o))Derivative(\(z), \(y), p, \(learned));")
                }
            }
        case .softmax:
            block {
                $0.column(o.b!, o.m)
                $0.loop("i", o.m) {
                    $0.line("\(place(o.a!, "i")) = exponential(\(place(o.b!, "i")) - shared.largest) / shared.sum;")
                }
            }
        case .softmaxGradient:
            block {
                $0.line("lanes sum = splat(0);")
                $0.loop("i", o.m) { $0.line("sum += \(place(o.b!, "i")) * \(place(o.e!, "i"));") }
                $0.loop("i", o.m) {
                    $0.line("\(place(o.a!, "i")) = \(place(o.e!, "i")) * (\(place(o.b!, "i")) - sum);")
                }
            }
        case .dropout:
            loop("i", o.m) {
                $0.line("const lanes drawn = uniformOf(low[\(mask)], high[\(mask)], (uint)i, sample);")
                $0.line("const lanes mask = choose(drawn < rates[\(mask)], splat(0), 1 / (1 - rates[\(mask)]));")
                $0.line("\(place(o.c!, "i")) = mask;")
                $0.line("\(place(o.a!, "i")) = \(place(o.b!, "i")) * mask;")
            }
        case .scaleBy:
            loop("i", o.m) { $0.line("\(place(o.a!, "i")) = \(place(o.b!, "i")) * \(place(o.c!, "i"));") }
        case .copy:
            loop("i", o.m) { $0.line("\(place(o.a!, "i")) = \(place(o.b!, "i"));") }
        case .lossGradient:
            withKnobs(o) {
                $0.column(o, o.b!)
                $0.loop("i", o.m) {
                    let slope = "\(symbol(o))Slope(\(place(o.b!, "i")), \(place(o.c!, "i")), p, shared)"
                    $0.line("\(place(o.a!, "i")) = choose(used, \(slope), splat(0));")
                }
            }
        }
    }

    /// The loss of what `answer` left, as a function.
    func lossFunction(_ head: OutputHead) -> String {
        text.lines = []
        let last = program.layers[program.layers.count - 1]
        let compared = head.lossStage == .activation ? last.activation : last.preActivation
        let o = Operation(
            code: .lossGradient, kind: .loss(head.loss.entry.id), m: head.units, knobs: head.lossSettings.parameters,
            b: compared, c: program.target)
        withKnobs(o) {
            $0.line("lanes sum = splat(0);")
            $0.column(o, compared)
            $0.loop("i", o.m) {
                $0.line("sum += \(symbol(o))Loss(\(place(compared, "i")), \(place(o.c!, "i")), p, shared);")
            }
            $0.line("return sum;")
        }
        return "INLINE lanes lossOf(const lanes *v, const lanes *t) {\n" + text.lines.joined(separator: "\n") + "\n}"
    }

    // MARK: - Lines

    private func line(_ text: String) { self.text.lines.append(text) }

    private func block(_ body: (WholeText) -> Void) {
        line("{")
        body(self)
        line("}")
    }

    private func loop(_ name: String, _ count: Int, _ body: (WholeText) -> Void) {
        if isUnrolled { line("#pragma unroll") }
        line("for (int \(name) = 0; \(name) < \(count); \(name)++) {")
        body(self)
        line("}")
    }

    private func withKnobs(_ o: Operation, _ body: (WholeText) -> Void) {
        let knobs = (0..<4).map { $0 < o.knobs.count ? "\(Float(o.knobs[$0]))f" : "0.0f" }
        line("{")
        line("const float p[4] = {\(knobs.joined(separator: ", "))};")
        body(self)
        line("}")
    }

    /// What all outputs of a sample share, where the loss has use for it.
    private func column(_ o: Operation, _ rows: Slice) {
        guard case .loss(let id) = o.kind, lc_loss_formula(lc_loss_index(id)).sharesColumn else {
            return line("const column shared = {splat(0), splat(0)};")
        }
        column(rows, o.m)
    }

    /// What all outputs of a sample share, for softmax and the losses over it.
    private func column(_ rows: Slice, _ units: Int) {
        line("column shared = {\(place(rows, "0")), splat(0)};")
        loop("u", units) {
            $0.line("const lanes value = \(place(rows, "u"));")
            $0.line(
                "shared.largest = choose(value <= shared.largest, shared.largest, "
                    + "choose(shared.largest != shared.largest, shared.largest, value));")
        }
        loop("u", units) { $0.line("shared.sum += exponential(\(place(rows, "u")) - shared.largest);") }
    }

    private func symbol(_ o: Operation) -> String { OpenCLBinding.symbol(o.kind) }

    /// An element of a slice.
    private func place(_ slice: Slice, _ index: String) -> String {
        switch slice.block {
        case .values: "v[\(slice.offset) + \(index)]"
        case .training: "t[\(slice.offset) + \(index)]"
        case .parameters: "w[\(layout.packed(slice.offset)) + \(index)]"
        case .parameterGradients: "g[\(layout.packed(slice.offset)) + \(index)]"
        }
    }
}

/// Lines that grow while closures nest.
private final class Lines {
    var lines: [String] = []
}
