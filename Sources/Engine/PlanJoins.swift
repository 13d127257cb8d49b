/// Values that follow from several others.
extension PlanBuilder {
    /// y = Σ of the values, which have as many numbers each.
    mutating func sum(_ values: [Value]) -> Value {
        values.dropFirst().reduce(values[0]) { sum, next in
            let m = sum.shape.count
            let y = value(sum.shape, isDifferentiable: sum.isDifferentiable || next.isDifferentiable)
            emit(Operation(.add, m: m, ["output": y.slice, "input": sum.slice, "other": next.slice]))
            backward { plan in
                guard let dy = plan.gradient(of: y) else { return }
                for part in [sum, next] {
                    plan.addGradient(of: part) { Operation(.copy, m: m, ["output": $0, "input": dy]) }
                }
            }
            return y
        }
    }

    /// y = factor · x.
    mutating func scaled(_ x: Value, by factor: Double) -> Value {
        let m = x.shape.count
        let y = value(x.shape, isDifferentiable: x.isDifferentiable)
        emit(Operation(.scale, m: m, knobs: [factor], ["output": y.slice, "input": x.slice]))
        backward { plan in
            guard let dy = plan.gradient(of: y) else { return }
            plan.addGradient(of: x) { Operation(.scale, m: m, knobs: [factor], ["output": $0, "input": dy]) }
        }
        return y
    }

    /// The largest of the values, number by number; the gradient goes to the first of the largest.
    mutating func maximum(_ values: [Value]) -> Value {
        values.dropFirst().reduce(values[0]) { largest, next in
            let m = largest.shape.count
            let y = value(largest.shape, isDifferentiable: largest.isDifferentiable || next.isDifferentiable)
            emit(Operation(.maximum, m: m, ["output": y.slice, "input": largest.slice, "other": next.slice]))
            backward { plan in
                guard let dy = plan.gradient(of: y) else { return }
                for (own, other, winsTies) in [(largest, next, 1.0), (next, largest, 0.0)] {
                    plan.addGradient(of: own) {
                        Operation(
                            .maximumGradient, m: m, knobs: [winsTies],
                            ["inputGradient": $0, "gradient": dy, "input": own.slice, "other": other.slice])
                    }
                }
            }
            return y
        }
    }

    /// The values one after the other; of images of one size, channel after channel.
    mutating func concatenation(_ values: [Value]) -> Value {
        let sides = Set(values.map { Array($0.shape.axes.dropFirst()) })
        let axes = sides.count == 1 ? [values.reduce(0) { $0 + $1.shape.axes[0] }] + sides.first! : nil
        let y = value(
            Shape(axes: axes ?? [values.reduce(0) { $0 + $1.shape.count }]),
            isDifferentiable: values.contains { $0.isDifferentiable })
        func part(_ rows: Slice, from offset: Int, _ value: Value) -> Slice {
            Slice(block: rows.block, offset: rows.offset + offset, count: value.shape.count)
        }
        var offset = 0
        for value in values {
            let (m, first) = (value.shape.count, offset)
            emit(Operation(.copy, m: m, ["output": part(y.slice, from: first, value), "input": value.slice]))
            backward { plan in
                guard let dy = plan.gradient(of: y) else { return }
                plan.addGradient(of: value) {
                    Operation(.copy, m: m, ["output": $0, "input": part(dy, from: first, value)])
                }
            }
            offset += m
        }
        return y
    }
}
