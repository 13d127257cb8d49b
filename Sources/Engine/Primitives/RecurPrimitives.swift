import CKernels

/// A recurrent layer over all steps of a sequence. m: units; n: the sums at their gates, `gates` · m, in every step.
extension Primitive {
    /// output[steps, m, B] = the states. gates[steps, n, B] hold W_ih x + b_ih before, and the gates afterwards; weight [n, m]
    /// and bias [n] are those of the state; kept[steps, m, B]: an LSTM's cells, or what a GRU's n takes from the state. before and
    /// memoryBefore[m, B]: the state and an LSTM's cells before the first step; missing: 0. A state that is carried on has no text
    /// for devices.
    static let recur = Primitive(
        id: "recur", kernel: LC_OP_RECUR,
        operands: [
            .writes("output", 0), .reads("weight", 1), .reads("bias", 2), .changes("gates", 3), .reads("before", 4),
            .writes("kept", 5), .reads("lengths", 6), .reads("memoryBefore", 7),
        ],
        device: { o, binding throws(OpenCL.Failure) in
            let order = o.order
            var launches: [OpenCLPass.Launch] = []
            for (index, step) in order.enumerated() {
                var arguments = try binding.arguments(o.cell.stepKernel)
                try arguments.rows(o["output"])
                try arguments.floats(o["weight"])
                try arguments.floats(o["bias"])
                try arguments.rows(o["gates"])
                try arguments.optionalRows(o.optional("kept"))
                try arguments.optionalRows(o.optional("lengths"))
                for number in [step, index > 0 ? order[index - 1] : -1, o.steps!.pitch, o.m, binding.vectors] {
                    try arguments.add(Int32(number))
                }
                launches.append(binding.launch(arguments, items: o.m * binding.vectors))
            }
            return launches
        }, text: .steps)

    /// gatesGradient[steps, n, B] = the gradients at the sums; to those at the states, stateGradient[steps, m, B], what comes from
    /// the step after is added. keptGradient: a row for each unit of an LSTM; of a GRU [steps, n, B], the gradients at
    /// W_hh h + b_hh. Where a state comes before the first step, kept of an LSTM and state begin with it.
    static let recurGradient = Primitive(
        id: "recurGradient", kernel: LC_OP_RECUR_GRAD,
        operands: [
            .writes("gatesGradient", 0), .reads("weight", 1), .writes("keptGradient", 2), .reads("gates", 3),
            .changes("stateGradient", 4), .reads("kept", 5), .reads("lengths", 6), .reads("state", 7),
        ],
        device: { o, binding throws(OpenCL.Failure) in
            let order = o.order
            var launches: [OpenCLPass.Launch] = []
            for (index, step) in order.enumerated().reversed() {
                var arguments = try binding.arguments(o.cell.backKernel)
                try arguments.rows(o["gatesGradient"])
                try arguments.floats(o["weight"])
                try arguments.optionalRows(o.optional("keptGradient"))
                try arguments.rows(o["gates"], o["stateGradient"])
                try arguments.optionalRows(o.optional("kept"))
                try arguments.optionalRows(o.optional("lengths"))
                try arguments.rows(o["state"])
                let (before, later) = (
                    index > 0 ? order[index - 1] : -1, index + 1 < order.count ? order[index + 1] : -1
                )
                for number in [step, before, later, o.steps!.pitch, o.m, binding.vectors] {
                    try arguments.add(Int32(number))
                }
                launches.append(binding.launch(arguments, items: o.m * binding.vectors))
            }
            return launches
        }, text: .steps)
}

extension Operation {
    fileprivate var cell: RecurrentCell {
        guard case .cell(let cell) = kind else { preconditionFailure("\(primitive.id) has a cell") }
        return cell
    }

    /// The steps in the order in which they are done.
    fileprivate var order: [Int] {
        let count = steps!.count
        return steps!.isReversed ? (0..<count).reversed() : Array(0..<count)
    }
}

extension RecurrentCell {
    /// The kernels of one step on a device.
    fileprivate var stepKernel: String { "\(rawValue)StepAt" }
    fileprivate var backKernel: String { "\(rawValue)StepBackAt" }
}

extension OpenCLBinding.Arguments {
    /// A buffer, and where the slice begins, in lanes; −1 where there is none.
    mutating func optionalRows(_ slice: Slice?) throws(OpenCL.Failure) {
        if let slice { try rows(slice) } else { try floats(nil) }
    }
}
