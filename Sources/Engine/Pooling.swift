/// The knobs of layers that pool.
enum PoolKnobs {
    static let all = [
        Knob(
            "size", title: "size", summary: "Rows and columns of the window.", kind: .integer(1...31),
            default: .integer(2), raise: "when the image is still large and places do not matter",
            lower: "when details are lost"),
        Knob(
            "stride", title: "stride",
            summary: "Places by which the window moves from one output to the next; 0: as many as its size.",
            kind: .integer(0...31), default: .integer(0), raise: "to make the image smaller",
            lower: "when windows should overlap: 0 puts them side by side"),
        Knob(
            "padding", title: "padding",
            summary: "Rows and columns around the image that windows may reach into, at most half the size.",
            kind: .integer(0...15), default: .integer(0), raise: "when the rim gets lost",
            lower: "when values at the rim are worth little"),
    ]

    /// - Throws: a window larger than the image; padding of more than half a window.
    static func window(over image: Image, _ settings: Settings) throws(EngineError) -> Window {
        let (size, stride, padding) = (
            settings.integer("size"), settings.integer("stride"), settings.integer("padding")
        )
        guard padding <= size / 2 else {
            throw EngineError(
                place: "\(settings.place).padding",
                message: "a window of \(size) may be padded by \(size / 2) at most, found \(padding)")
        }
        return try Window(
            over: image, size: size, stride: stride == 0 ? size : stride, padding: padding,
            place: "\(settings.place).size")
    }
}

extension PlanBuilder {
    /// y = the largest value in each window of each channel.
    mutating func windowMaximum(_ x: Value, _ window: Window, channels m: Int) -> Value {
        declare(.pool(window, .largest))
        let y = value(Shape(m, window.outHeight, window.outWidth), isDifferentiable: x.isDifferentiable)
        emit(Operation(.poolMaximum, m: m, window: window, ["output": y.slice, "input": x.slice]))
        backward { plan in
            guard let dy = plan.gradient(of: y) else { return }
            plan.addGradient(of: x) {
                Operation(
                    .poolMaximumGradient, m: m, window: window,
                    ["inputGradient": $0, "gradient": dy, "input": x.slice, "output": y.slice])
            }
        }
        return y
    }

    /// y = factor · Σ of each window of each channel.
    /// - Parameter factor: nil: one by the number of the window's values in the image.
    mutating func windowSum(_ x: Value, _ window: Window, channels m: Int, factor: Double?) -> Value {
        let knobs = [factor ?? 0, factor == nil ? 1 : 0]
        declare(.pool(window, .sum(factor: factor)))
        let y = value(Shape(m, window.outHeight, window.outWidth), isDifferentiable: x.isDifferentiable)
        emit(Operation(.poolSum, m: m, knobs: knobs, window: window, ["output": y.slice, "input": x.slice]))
        backward { plan in
            guard let dy = plan.gradient(of: y) else { return }
            plan.addGradient(of: x) {
                Operation(.poolSpread, m: m, knobs: knobs, window: window, ["input": $0, "output": dy])
            }
        }
        return y
    }
}

extension Value {
    /// The same rows with other axes.
    func reshaped(_ shape: Shape) -> Value {
        Value(shape: shape, slice: slice, preActivation: slice, isDifferentiable: isDifferentiable)
    }
}
