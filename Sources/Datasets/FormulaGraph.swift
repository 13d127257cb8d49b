import Basics

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A formula as a computational graph: variables and operations as nodes, with their values from the inputs to the result, and
/// the derivatives of the result back to every variable.
public struct FormulaGraph: Sendable {
    /// A variable, or an operation. Numbers in the formula are no nodes: nothing depends on them.
    public struct Node: Sendable, Hashable {
        /// The variable's own name; of operations "q1", "q2", …, and of the result "f".
        public var name: String
        /// "q1 · z"; a variable's is empty.
        public var expression: String
        /// "·", "sin"; a variable's is empty.
        public var operation: String
        public var value: Double
        /// ∂f/∂node: what arrives from all nodes behind it.
        public var derivative: Double

        /// It is given, and nothing asks for a derivative there: a target.
        public var isGiven = false

        public var isVariable: Bool { operation.isEmpty }

        public init(
            name: String, expression: String, operation: String, value: Double, derivative: Double,
            isGiven: Bool = false
        ) {
            (self.name, self.expression, self.operation) = (name, expression, operation)
            (self.value, self.derivative, self.isGiven) = (value, derivative, isGiven)
        }
    }

    /// A term whose numbers are still to be written: "{y} − {t}".
    public struct Worked: Sendable, Hashable {
        public var text: String
        /// By their places in the text.
        public var numbers: [String: Double]

        public init(_ text: String, _ numbers: [String: Double]) { (self.text, self.numbers) = (text, numbers) }
    }

    /// An edge from an operation to a node that it is made of.
    public struct Edge: Sendable, Hashable {
        /// A place in `nodes`.
        public var to: Int
        /// The local derivative as it is written, and its value.
        public var text: String
        public var local: Double
        /// The local derivative with numbers in place of names; nil: it is a number by itself.
        public var worked: Worked?
        /// Why there is no local derivative; nil: there is one.
        public var absence: String?

        public init(to: Int, text: String, local: Double, worked: Worked? = nil, absence: String? = nil) {
            (self.to, self.text, self.local, self.worked, self.absence) = (to, text, local, worked, absence)
        }
    }

    /// The way of a derivative over one edge: from a node to one that it is made of.
    public struct Step: Sendable, Hashable {
        /// Places in `nodes`.
        public var from: Int
        public var to: Int
        /// The local derivative as it is written, and its value.
        public var text: String
        public var local: Double
        /// ∂f/∂from · local: what this edge adds to ∂f/∂to.
        public var product: Double
        /// As those of the edge.
        public var worked: Worked?
        public var absence: String?
    }

    /// The variables first, as they were given; then the operations, each behind those that it takes.
    public private(set) var nodes: [Node]
    /// The place of the result in `nodes`: the last operation.
    public let result: Int
    /// The edges in the order in which the derivatives go over them, from the result on.
    public private(set) var steps: [Step]

    /// An argument of an operation: a node, or a number.
    private struct Argument {
        var node: Int?
        var text: String
        var value: Double
    }

    /// - Parameters:
    ///   - text: in the language of the features; the names are those of `variables`.
    ///   - variables: with their values, each name once.
    /// - Throws: what was expected and found, with the column in the formula; a value that is no number.
    public init(_ text: String, at variables: [(name: String, value: Double)]) throws(DataError) {
        let formula = try Formula(
            text, columns: ColumnPlaces(variables.map(\.name)), place: "formula", noun: "variable")
        var nodes = variables.map { Node(name: $0.name, expression: "", operation: "", value: $0.value, derivative: 0) }
        var names = Self.names(avoiding: variables.map(\.name), count: formula.program.count)
        var edges: [[Edge]] = variables.map { _ in [] }
        var stack: [Argument] = []

        func push(
            _ operation: String, _ expression: String, _ value: Double,
            _ parts: [(argument: Argument, text: String, local: Double)]
        ) {
            guard parts.contains(where: { $0.argument.node != nil }) else {
                return stack.append(Argument(node: nil, text: Self.text(value), value: value))
            }
            let name = names.removeFirst()
            nodes.append(Node(name: name, expression: expression, operation: operation, value: value, derivative: 0))
            edges.append(
                parts.compactMap { part in
                    part.argument.node.map { Edge(to: $0, text: part.text, local: part.local) }
                })
            stack.append(Argument(node: nodes.count - 1, text: name, value: value))
        }

        for (place, step) in formula.program.enumerated() {
            if place == formula.program.count - 1, !variables.contains(where: { $0.name == Self.resultName }) {
                names.insert(Self.resultName, at: 0)
            }
            switch step {
            case .number(let value):
                stack.append(Argument(node: nil, text: Self.text(value), value: value))
            case .column(let index):
                stack.append(Argument(node: index, text: variables[index].name, value: variables[index].value))
            case .negate:
                let x = stack.removeLast()
                push("−", "−\(x.text)", -x.value, [(x, "−1", -1)])
            case .call(let function):
                let x = stack.removeLast()
                let y = function.value(x.value)
                push(
                    function.name, "\(function.name)(\(x.text))", y,
                    [(x, function.derivativeText(x.text, names[0]), function.derivative(x.value, y))])
            case .add, .subtract, .multiply, .divide, .power, .call2:
                let (b, a) = (stack.removeLast(), stack.removeLast())
                switch step {
                case .add: push("+", "\(a.text) + \(b.text)", a.value + b.value, [(a, "1", 1), (b, "1", 1)])
                case .subtract: push("−", "\(a.text) − \(b.text)", a.value - b.value, [(a, "1", 1), (b, "−1", -1)])
                case .multiply:
                    push(
                        "·", "\(a.text) · \(b.text)", a.value * b.value,
                        [(a, b.text, b.value), (b, a.text, a.value)])
                case .divide:
                    push(
                        "/", "\(a.text) / \(b.text)", a.value / b.value,
                        [
                            (a, "1/\(b.text)", 1 / b.value),
                            (b, "−\(a.text)/\(b.text)²", -a.value / (b.value * b.value)),
                        ])
                case .power:
                    let y = pow(a.value, b.value)
                    // 0 to a positive power stays 0 whatever the power is.
                    let byExponent = a.value == 0 && b.value > 0 ? 0 : y * log(a.value)
                    push(
                        "^", "\(a.text)^\(b.text)", y,
                        [
                            (a, "\(b.text) \(a.text)^(\(b.text)−1)", b.value * pow(a.value, b.value - 1)),
                            (b, "\(names[0]) log \(a.text)", byExponent),
                        ])
                case .call2(let function):
                    let y = function.value(a.value, b.value)
                    let takesFirst = y == a.value
                    push(
                        function.name, "\(function.name)(\(a.text), \(b.text))", y,
                        [
                            (a, "1 where it is the \(function.name)", takesFirst ? 1 : 0),
                            (b, "1 where it is the \(function.name)", takesFirst ? 0 : 1),
                        ])
                default: continue
                }
            }
        }
        guard let last = stack.last?.node else {
            throw DataError(
                .malformed, place: "formula",
                message: "expected a formula with variables, found a number, of which there is nothing to derive; "
                    + "write for example (x + y)*z x=-2 y=5 z=-4")
        }
        result = last
        var steps: [Step] = []
        nodes[last].derivative = 1
        for from in nodes.indices.reversed() {
            for edge in edges[from] {
                // A value that there is not has no derivative either.
                let product = nodes[from].value.isFinite ? nodes[from].derivative * edge.local : .nan
                steps.append(Step(from: from, to: edge.to, text: edge.text, local: edge.local, product: product))
                nodes[edge.to].derivative += product
            }
        }
        (self.nodes, self.steps) = (nodes, steps)
    }

    /// A graph whose values and derivatives another one has computed, in single precision as a network does.
    /// - Parameters:
    ///   - nodes: the variables first; each operation behind those that it takes, the last one the result.
    ///   - edges: of each node those that it is made of, a place in `nodes` and the local derivative.
    public init(nodes: [Node], edges: [[Edge]]) {
        precondition(nodes.count == edges.count && !nodes.isEmpty, "edges for each node")
        (self.nodes, result) = (nodes, nodes.count - 1)
        steps = nodes.indices.reversed().flatMap { from in
            edges[from].map { edge in
                Step(
                    from: from, to: edge.to, text: edge.text, local: edge.local,
                    product: Double(Float(nodes[from].derivative) * Float(edge.local)), worked: edge.worked,
                    absence: edge.absence)
            }
        }
    }

    private static let resultName = "f"

    /// "q1", "q2", … without those that are taken.
    private static func names(avoiding taken: [String], count: Int) -> [String] {
        var names: [String] = []
        var number = 1
        while names.count < max(1, count) {
            if !taken.contains("q\(number)") { names.append("q\(number)") }
            number += 1
        }
        return names
    }

    /// A number of the formula: "2", "0.5".
    private static func text(_ value: Double) -> String {
        let whole = Int(exactly: value)
        return (whole.map { "\($0)" } ?? "\(value)").replacing("-", with: "−")
    }

    /// Whether formulas have a function of one value with this name.
    public static func hasFunction(_ name: String) -> Bool { FormulaFunction.named[name] != nil }

    /// The variables, which come before the operations.
    public var variableCount: Int { nodes.firstIndex { !$0.isVariable } ?? nodes.count }

    /// The value of the formula.
    public var value: Double { nodes[result].value }
}

/// A formula and the values of its variables in one line, as they are typed: "(x+y)*z x=-2 y=5 z=-4".
public struct FormulaAndValues: Sendable, Hashable {
    public var formula: String
    public var values: [String]

    /// The words with "=" at the end are the values.
    public init(_ line: String) {
        var words = line.split(separator: " ").map(String.init)
        var values: [String] = []
        while let last = words.last, last.contains("=") {
            values.insert(last, at: 0)
            words.removeLast()
        }
        (formula, self.values) = (words.joined(separator: " "), values)
    }

    public init(formula: String, values: [String]) { (self.formula, self.values) = (formula, values) }

    /// - Throws: a value that is no number or of no variable, a name that is given twice, a mistake in the formula.
    public func graph() throws(DataError) -> FormulaGraph {
        var variables: [(name: String, value: Double)] = []
        for (place, word) in values.enumerated() {
            func fail(_ message: String) -> DataError {
                DataError(.malformed, place: "value \(place + 1)", message: message)
            }
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let name = parts[0]
            let isName =
                (name.unicodeScalars.first.map { $0.properties.isAlphabetic || $0 == "_" } ?? false)
                && name.unicodeScalars.allSatisfy {
                    $0.properties.isAlphabetic || $0 == "_" || ("0"..."9").contains($0)
                }
            guard parts.count == 2, isName else {
                throw fail("expected a name and a number, as in x=-2, found \(quoted(word))")
            }
            guard let value = Double(parts[1].replacing("−", with: "-")), value.isFinite else {
                throw fail("expected a number for \(name), as in \(name)=-2, found \(quoted(parts[1]))")
            }
            guard !variables.contains(where: { $0.name == name }) else {
                throw fail("\(name) has a value already; give each variable one")
            }
            variables.append((name, value))
        }
        let graph = try FormulaGraph(formula, at: variables)
        let reached = Set(graph.steps.map(\.to)).union([graph.result])
        if let place = variables.indices.first(where: { !reached.contains($0) }) {
            throw DataError(
                .malformed, place: "value \(place + 1)",
                message:
                    "the formula has no variable \(variables[place].name); leave the value out, or correct the name")
        }
        return graph
    }
}
