import Datasets
import Engine

/// Activations and the functions of features as nodes of a graph, by their ids.
enum GraphParts {
    typealias Function = @Sendable (Choice, String, inout Graph) -> String

    /// - Parameters:
    ///   - name, learned: of the slope that is learned, if there is one.
    static func activation(
        _ choice: Choice, _ name: String, _ learned: ExportedTensor?, _ x: String, _ graph: inout Graph
    ) -> String {
        if Catalogue.isIdentity(activation: choice.id) { return x }
        if let learned { return graph.add("PRelu", x, graph.weight(name, learned)) }
        return activations[choice.id]!(choice, x, &graph)
    }

    /// A new activation is a line here; a test counts those that are missing.
    static let activations: [String: Function] = [
        "linear": { _, x, _ in x },
        "sigmoid": { _, x, graph in graph.add("Sigmoid", x) },
        "tanh": { _, x, graph in graph.add("Tanh", x) },
        "relu": { _, x, graph in graph.add("Relu", x) },
        "leakyReLU": { choice, x, graph in graph.add("LeakyRelu", x, with: ["alpha": .real(choice.real("slope"))]) },
        "prelu": { choice, x, graph in graph.add("LeakyRelu", x, with: ["alpha": .real(choice.real("slope"))]) },
        "elu": { choice, x, graph in graph.add("Elu", x, with: ["alpha": .real(choice.real("alpha"))]) },
        "gelu": { _, x, graph in
            // x Φ(x) = ½ x (1 + erf(x / √2))
            let bell = graph.add("Erf", graph.add("Mul", x, graph.real(0.5.squareRoot())))
            return graph.add("Mul", graph.add("Mul", x, graph.real(0.5)), graph.add("Add", bell, graph.real(1)))
        },
        "softplus": { _, x, graph in graph.add("Softplus", x) },
        "sin": { _, x, graph in graph.add("Sin", x) },
        "gaussian": { _, x, graph in graph.add("Exp", graph.add("Mul", graph.add("Mul", x, x), graph.real(-0.5))) },
        "asinh": { _, x, graph in graph.add("Asinh", x) },
        "threshold": { _, x, graph in
            graph.add("Cast", graph.add("GreaterOrEqual", x, graph.real(0)), with: ["to": .integer(Graph.float)])
        },
        "softmax": { _, x, graph in graph.add("Softmax", x, with: ["axis": .integer(-1)]) },
    ]

    /// The functions and operators of features' formulas.
    static let functions: [String: @Sendable ([String], inout Graph) -> String] = [
        "negate": { x, graph in graph.add("Neg", x[0]) },
        "add": { x, graph in graph.add("Add", x[0], x[1]) },
        "subtract": { x, graph in graph.add("Sub", x[0], x[1]) },
        "multiply": { x, graph in graph.add("Mul", x[0], x[1]) },
        "divide": { x, graph in graph.add("Div", x[0], x[1]) },
        "power": { x, graph in graph.add("Pow", x[0], x[1]) },
        "sin": { x, graph in graph.add("Sin", x[0]) },
        "cos": { x, graph in graph.add("Cos", x[0]) },
        "tan": { x, graph in graph.add("Tan", x[0]) },
        "tanh": { x, graph in graph.add("Tanh", x[0]) },
        "exp": { x, graph in graph.add("Exp", x[0]) },
        "log": { x, graph in graph.add("Log", x[0]) },
        "sqrt": { x, graph in graph.add("Sqrt", x[0]) },
        "abs": { x, graph in graph.add("Abs", x[0]) },
        "asinh": { x, graph in graph.add("Asinh", x[0]) },
        "sign": { x, graph in graph.add("Sign", x[0]) },
        "sigmoid": { x, graph in graph.add("Sigmoid", x[0]) },
        "relu": { x, graph in graph.add("Relu", x[0]) },
        "min": { x, graph in graph.add("Min", x[0], x[1]) },
        "max": { x, graph in graph.add("Max", x[0], x[1]) },
    ]

    /// A feature of the columns x `[N, columns]`: `[N, 1]`.
    static func feature(_ steps: [FormulaStep], of x: String, _ graph: inout Graph) -> String {
        var stack: [String] = []
        for step in steps {
            switch step {
            case .number(let value): stack.append(graph.reals([Float(value)], [1, 1]))
            case .column(let index):
                stack.append(graph.add("Gather", x, graph.integers([index]), with: ["axis": .integer(1)]))
            case .function(let name, let operands):
                let values = Array(stack.suffix(operands))
                stack.removeLast(operands)
                stack.append(functions[name]!(values, &graph))
            }
        }
        return stack[0]
    }
}
