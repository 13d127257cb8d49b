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
        if !from.value.isFinite { return "none: \(from.name) is \(Self.number(from.value)) here" }
        if from.derivative.isNaN { return "none, as \(derivative(step.from))" }
        if step.product.isNaN { return "none: \(arriving) · \(Self.number(step.local)) is no number" }
        return "\(arriving) · \(Self.number(step.local)) = \(Self.number(step.product))"
    }

    /// The start of the way back: the result's derivative by itself.
    var seed: String { "\(derivative(graph.result)) = 1" }

    /// The steps on the screen: each node's value, the start of the way back, each edge.
    var stepCount: Int { graph.nodes.count + 1 + graph.steps.count }

    /// Whether a node's derivative is whole after so many steps.
    func hasDerivative(_ place: Int, after steps: Int) -> Bool {
        let done = steps - graph.nodes.count - 1
        guard done >= 0 else { return false }
        guard place != graph.result else { return true }
        guard let last = graph.steps.lastIndex(where: { $0.to == place }) else { return done >= graph.steps.count }
        return done > last
    }

    /// All of it, as `layercake graph` prints it.
    var lines: [String] {
        let values = graph.nodes.indices.map { (title($0), Self.number(graph.nodes[$0].value)) }
        let back = graph.steps.map { (title($0), numbers($0)) }
        let results = graph.nodes.indices.filter { graph.nodes[$0].isVariable }.map {
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
