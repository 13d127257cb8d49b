import Datasets
import TerminalKit

/// A computational graph as a table of its nodes, and the edges over which the derivatives go, in words and numbers.
struct GraphTable {
    let graph: FormulaGraph

    static func number(_ value: Double) -> String {
        if value.isInfinite { return value < 0 ? "−∞" : "∞" }
        return value.isNaN ? "none" : formatNumber(value, digits: 6)
    }

    /// "q1 = x + y"; a variable's name alone.
    func title(_ place: Int) -> String {
        let node = graph.nodes[place]
        return node.isVariable ? node.name : "\(node.name) = \(node.expression)"
    }

    private func derivative(_ place: Int) -> String { "∂\(graph.nodes[graph.result].name)/∂\(graph.nodes[place].name)" }

    /// Whether derivatives come to a node over several edges.
    private func isSum(_ place: Int) -> Bool { graph.steps.count { $0.to == place } > 1 }

    /// "∂f/∂x = ∂f/∂q1 · z"; where several edges come together one of them: "to ∂f/∂x".
    func title(_ step: FormulaGraph.Step) -> String {
        let arriving = derivative(step.from)
        return "\(derivative(step.to)) \(isSum(step.to) ? "+=" : "=") \(arriving) · \(step.text)"
    }

    /// "−4 · 1 = −4"; where there is no derivative, the reason.
    func numbers(_ step: FormulaGraph.Step) -> String {
        let from = graph.nodes[step.from]
        let arriving = Self.number(from.derivative)
        if let absence = step.absence { return "none: \(absence)" }
        if !from.value.isFinite { return "none: \(from.name) is \(Self.number(from.value)) here" }
        if from.derivative.isNaN { return "none, as \(derivative(step.from))" }
        if step.product.isNaN { return "none: \(arriving) · \(Self.number(step.local)) is no number" }
        return "\(arriving) · \(step.worked.map(Self.text) ?? Self.number(step.local)) = \(Self.number(step.product))"
    }

    /// "(0.812 − (−1))"
    private static func text(_ worked: FormulaGraph.Worked) -> String {
        let text = worked.numbers.reduce(worked.text) { text, number in
            let written = Self.number(number.value)
            return text.replacing(number.key, with: number.value < 0 ? "(\(written))" : written)
        }
        return "(\(text))"
    }

    /// The start of the way back: the result's derivative by itself.
    var seed: String { "\(derivative(graph.result)) = 1" }

    /// The steps on the way forward: the variables, which are given all at once, then one operation after the other.
    var forwardCount: Int { 1 + graph.nodes.count - graph.variableCount }

    /// The steps on the screen: those forward, the start of the way back, each edge.
    var stepCount: Int { forwardCount + 1 + graph.steps.count }

    /// The nodes whose values are known after so many steps.
    func knownNodes(after steps: Int) -> Int {
        steps == 0 ? 0 : min(graph.nodes.count, graph.variableCount + steps - 1)
    }

    /// Whether a node's derivative is whole after so many steps.
    func hasDerivative(_ place: Int, after steps: Int) -> Bool {
        let done = steps - forwardCount - 1
        guard done >= 0, !graph.nodes[place].isGiven else { return false }
        guard place != graph.result else { return true }
        guard let last = graph.steps.lastIndex(where: { $0.to == place }) else { return done >= graph.steps.count }
        return done > last
    }

    /// All of it, as `layercake graph` prints it.
    var lines: [String] {
        let values = graph.nodes.indices.map { (title($0), Self.number(graph.nodes[$0].value)) }
        let back = graph.steps.map { (title($0), numbers($0)) }
        let results = graph.nodes.indices.filter { graph.nodes[$0].isVariable && !graph.nodes[$0].isGiven }.map {
            (derivative($0), Self.number(graph.nodes[$0].derivative))
        }
        let name = (values + back + results).map { columnWidth($0.0) }.max() ?? 0
        let number = (values + results).map { columnWidth($0.1) }.max() ?? 0
        func padded(_ text: String) -> String { text + String(repeating: " ", count: name - columnWidth(text)) }
        func line(_ row: (String, String)) -> String { "  \(padded(row.0))  \(padLeft(row.1, number))" }
        return ["forward"] + values.map(line) + ["", "backward", "  \(seed)"]
            + back.map { "  \(padded($0.0))  \($0.1)" } + ["", "derivatives"] + results.map(line)
    }
}

extension FormulaGraph {
    /// Nodes with their values, then the derivatives edge by edge, then those of the variables.
    public var lines: [String] { GraphTable(graph: self).lines }
}
