import Basics
import Datasets
import Engine
import Session
import TerminalKit

/// How a data point looks: train and test differ by glyph, and where colours cannot, classes do too.
struct PointLook {
    let context: PlotContext
    private let regression: ValueScale?

    init(_ context: PlotContext) {
        self.context = context
        guard context.snapshot.network.task == .regression else {
            regression = nil
            return
        }
        let data = context.snapshot.data
        var low = Float.infinity
        var high = -Float.infinity
        for value in data.trainPoints.labels where value.isFinite {
            low = min(low, value)
            high = max(high, value)
        }
        regression =
            low < high
            ? ValueScale(center: (low + high) / 2, half: (high - low) / 2) : ValueScale(center: low.isFinite ? low : 0)
    }

    /// The class of a label; a regression's values are told apart by the side of the middle on which they lie.
    func kind(_ label: Float) -> Int {
        if let regression { return regression.mapped(label) < 0 ? 0 : 1 }
        return label.isFinite ? Int(bounded: label) : 0
    }

    /// The bright colour of a label.
    func color(_ label: Float) -> UInt32 {
        if let regression { return context.ramp(regression.mapped(label)) }
        let kind = kind(label)
        if case .classification(let classes) = context.snapshot.network.task, classes > 2 {
            return context.theme.color(ofClass: kind)
        }
        return kind == 0 ? context.theme.negative : context.theme.positive
    }

    func glyph(_ label: Float, test: Bool) -> Unicode.Scalar {
        Self.glyph(kind: kind(label), of: kinds, test: test, capabilities: context.capabilities)
    }

    /// How many kinds of points there are: the classes, and of a regression two sides.
    private var kinds: Int { Self.kinds(context) }

    static func kinds(_ context: PlotContext) -> Int {
        if case .classification(let classes) = context.snapshot.network.task { return classes }
        return 2
    }

    static func glyph(kind: Int, of kinds: Int, test: Bool, capabilities: Capabilities) -> Unicode.Scalar {
        if capabilities.glyphs == .ascii {
            // Two classes as at noughts and crosses, more by the alphabet (regions use o and x then).
            let letters: [Unicode.Scalar] = kinds == 2 ? ["O", "X"] : Array("ABCDEFGHIJ".unicodeScalars)
            let letter = letters[kind % letters.count]
            return test ? letter.properties.lowercaseMapping.unicodeScalars.first! : letter
        }
        if capabilities.colors == .none {
            let shapes: [(Unicode.Scalar, Unicode.Scalar)] = [
                ("●", "○"), ("■", "□"), ("▲", "△"), ("◆", "◇"), ("▼", "▽"), ("★", "☆"),
            ]
            let pair = shapes[kind % shapes.count]
            return test ? pair.1 : pair.0
        }
        return test ? "○" : "●"
    }

    /// "● train ○ test", as the points look here; without `test` the training points alone.
    static func legend(test: Bool, context: PlotContext) -> String {
        let capabilities = context.capabilities
        func marks(_ test: Bool) -> String {
            let all = kinds(context)
            let shown = capabilities.glyphs == .ascii || capabilities.colors == .none ? min(all, 3) : 1
            return String(
                String.UnicodeScalarView(
                    (0..<shown).map { glyph(kind: $0, of: all, test: test, capabilities: capabilities) }))
        }
        return marks(false) + " train" + (test ? "  " + marks(true) + " test" : "")
    }
}
