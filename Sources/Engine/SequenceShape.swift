import CKernels

/// A sequence as its layers see it: `steps` time steps of `features` values each. Value f of step t of a sample is number
/// t · features + f.
struct SequenceShape: Equatable {
    var steps: Int
    var features: Int

    /// - Parameters:
    ///   - shape: a layer's input.
    ///   - settings: the layer's, for the message.
    ///   - mostSteps: the most that the layer takes.
    init(_ shape: Shape, for settings: Settings, mostSteps: Int = .max) throws(EngineError) {
        guard shape.axes.count == 2 else {
            throw EngineError(
                place: settings.place,
                message:
                    "\(settings.entry.id) expects a sequence (steps×features), found \(shape.values); choose a dataset of "
                    + "sequences, or let the layer before it return all steps (\"returns\": \"all\")")
        }
        (steps, features) = (shape.axes[0], shape.axes[1])
        guard steps <= mostSteps else {
            throw EngineError(
                place: settings.place,
                message: "expected at most \(mostSteps) steps, found \(steps); use shorter sequences")
        }
    }
}

/// The steps of a sequence that a kernel sees: tap k of step t is step t + k · dilation − padding.
public struct StepWindow: Sendable, Hashable {
    public let steps: Int
    public let taps: Int
    public let dilation: Int
    public let padding: Int

    /// nil: it lies outside the sequence.
    public func source(ofTap tap: Int, at step: Int) -> Int? {
        let source = step + tap * dilation - padding
        return (0..<steps).contains(source) ? source : nil
    }
}

/// How an operation goes over the steps of a sequence.
struct Steps: Sendable, Hashable {
    var count: Int
    /// Rows from one step to the next, of the results and their gradients, and of the inputs.
    var pitch: Int
    var inputPitch: Int
    /// Weights over neighbouring steps: tap k is at step t + k · dilation − padding.
    var taps = 1
    var dilation = 1
    var padding = 0
    /// From the last step to the first.
    var isReversed = false
    /// Whether a state comes before the first step, on the way back in front of the states.
    var continues = false

    /// As the kernels take it.
    var bound: lc_steps {
        lc_steps(
            count: Int32(count), pitch: Int32(pitch), inputPitch: Int32(inputPitch), taps: Int32(taps),
            dilation: Int32(dilation), padding: Int32(padding), isReversed: isReversed, continues: continues)
    }
}

/// The cells of recurrent layers.
public enum RecurrentCell: String, Sendable, Hashable, CaseIterable {
    case tanh, relu, lstm, gru

    /// Sums at each unit: the rows of its weights.
    var gates: Int { gateNames.count }

    /// The letters of the sums after their activations, in the order of PyTorch's rows; of a cell without gates its state.
    public var gateNames: [String] {
        switch self {
        case .tanh, .relu: ["h"]
        case .lstm: ["i", "f", "g", "o"]
        case .gru: ["r", "z", "n"]
        }
    }

    /// Whether each unit keeps a value of its own beside the gates: an LSTM's cell, and what a GRU's n takes from the state.
    var keepsValue: Bool { self == .lstm || self == .gru }

    /// Whether that value is a cell of its own, which goes from step to step.
    public var keepsCell: Bool { self == .lstm }

    var kernel: lc_cell {
        switch self {
        case .tanh: LC_CELL_TANH
        case .relu: LC_CELL_RELU
        case .lstm: LC_CELL_LSTM
        case .gru: LC_CELL_GRU
        }
    }
}
