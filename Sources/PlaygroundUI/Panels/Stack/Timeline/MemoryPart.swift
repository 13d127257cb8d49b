import Engine
import Session

/// A quantity of a recurrent layer's cells, over all steps.
struct MemoryPart: Sendable, Hashable {
    enum Source: Sendable, Hashable {
        case state, kept, gate(Int), gradient
    }

    var source: Source
    /// As in the formulas: "h".
    var letter: String
    /// "forget gate"
    var words: String
    /// Its values are shares, from 0 (shut) to 1 (open).
    var isShare = false

    /// The words for gates, by their letters.
    private static let gates: [String: (words: String, isShare: Bool)] = [
        "i": ("input gate", true), "f": ("forget gate", true), "g": ("new value", false), "o": ("output gate", true),
        "r": ("reset gate", true), "z": ("update gate", true), "n": ("new state", false),
    ]

    /// The parts of cells, in the order in which they are gone through.
    static func all(of cells: Outline.Cells) -> [MemoryPart] {
        var parts = [MemoryPart(source: .state, letter: "h", words: "state")]
        for (number, letter) in cells.kind.gateNames.enumerated() {
            guard let gate = gates[letter] else { continue }
            parts.append(
                MemoryPart(source: .gate(number), letter: letter, words: gate.words, isShare: gate.isShare))
        }
        if cells.kind.keepsCell { parts.insert(MemoryPart(source: .kept, letter: "c", words: "cell"), at: 1) }
        parts.append(MemoryPart(source: .gradient, letter: "∂h", words: "gradient of the loss"))
        return parts
    }

    /// nil: it is not known.
    func value(_ trace: CellTrace, _ gradient: CellGradient?, unit: Int, at step: Int) -> Float? {
        switch source {
        case .state: trace.state(unit, at: step)
        case .kept: trace.keptValue(unit, at: step)
        case .gate(let number): trace.gate(number, unit, at: step)
        case .gradient: gradient.map { $0.states[step * trace.cells.units + unit] }
        }
    }

    /// Gates above and below these values are called open and shut (Karpathy, Johnson and Fei-Fei, Visualizing and
    /// understanding recurrent networks, 2015).
    static let open: Float = 0.9
    static let shut: Float = 0.1
}

/// A part of the memory of a sequence, ready to be drawn.
struct MemoryMap {
    let part: MemoryPart
    let trace: CellTrace
    let gradient: CellGradient?
    /// The steps of the sequence.
    let length: Int
    /// The colours' largest value.
    let scale: Float
    /// No value differs from 0: the scale says nothing of them.
    let isZero: Bool

    init(_ part: MemoryPart, _ trace: CellTrace, _ gradient: CellGradient?, length: Int) {
        (self.part, self.trace, self.gradient, self.length) = (part, trace, gradient, length)
        guard !part.isShare else {
            (scale, isZero) = (1, false)
            return
        }
        var largest: Float = part.source == .gradient ? 0 : 1
        for step in 0..<length {
            for unit in 0..<trace.cells.units {
                if let value = part.value(trace, gradient, unit: unit, at: step), value.isFinite {
                    largest = max(largest, abs(value))
                }
            }
        }
        (scale, isZero) = (largest > 0 ? largest : 1, largest == 0)
    }

    func value(_ unit: Int, at step: Int) -> Float? {
        step < length ? part.value(trace, gradient, unit: unit, at: step) : nil
    }

    /// The shares of a gate's values that are open and shut; of states those near ±1, and nothing; nil: others have no
    /// limits.
    var saturation: (high: Double, low: Double)? {
        guard part.isShare || part.source == .state, length > 0 else { return nil }
        var (high, low) = (0, 0)
        for step in 0..<length {
            for unit in 0..<trace.cells.units {
                guard let value = value(unit, at: step) else { continue }
                if part.isShare {
                    high += value > MemoryPart.open ? 1 : 0
                    low += value < MemoryPart.shut ? 1 : 0
                } else {
                    high += abs(value) > MemoryPart.open ? 1 : 0
                }
            }
        }
        let all = Double(length * trace.cells.units)
        return (Double(high) / all, Double(low) / all)
    }
}
