import Engine
import Testing

@testable import Datasets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Computational graphs of formulas")
struct FormulaGraphTests {
    @Test("the lectures' (x + y)·z at −2, 5, −4: q = 3, f = −12, derivatives −4, −4, 3")
    func lecture() throws {
        let graph = try FormulaAndValues("(x+y)*z x=-2 y=5 z=-4").graph()
        #expect(graph.nodes.map(\.name) == ["x", "y", "z", "q1", "f"])
        #expect(graph.nodes.map(\.expression) == ["", "", "", "x + y", "q1 · z"])
        #expect(graph.nodes.map(\.value) == [-2, 5, -4, 3, -12] && graph.value == -12)
        #expect(graph.nodes.map(\.derivative) == [-4, -4, 3, -4, 1])
        #expect(graph.steps.map(\.to) == [3, 2, 0, 1])
        #expect(graph.steps.map(\.text) == ["z", "q1", "1", "1"])
        #expect(graph.steps.map(\.product) == [-4, 3, -4, -4])
    }

    @Test("a variable that is used twice gets the sum over its edges; numbers are no nodes")
    func shared() throws {
        let graph = try FormulaGraph("2*3*x*x + x - (4 - 1)", at: [("x", 5)])
        #expect(graph.value == 6 * 25 + 5 - 3 && graph.nodes[0].derivative == 61)
        #expect(graph.steps.count { $0.to == 0 } == 3 && graph.nodes.allSatisfy { !$0.expression.contains("2 · 3") })
        // A name of the user's own stays his.
        let named = try FormulaGraph("f*q1", at: [("f", 2), ("q1", 3)])
        #expect(named.nodes.map(\.name) == ["f", "q1", "q2"] && named.nodes.map(\.derivative) == [3, 2, 1])
        let alone = try FormulaGraph("x", at: [("x", 4), ("y", 1)])
        #expect(alone.value == 4 && alone.nodes.map(\.derivative) == [1, 0])
        #expect(try FormulaGraph("x^y", at: [("x", 0), ("y", 2)]).nodes.map(\.derivative) == [0, 0, 1])
        #expect(try FormulaGraph("max(x, y)", at: [("x", 3), ("y", 2)]).nodes.map(\.derivative) == [1, 0, 1])
    }

    @Test("a derivative that is a sum stands in parentheses, since it is a factor")
    func sumsAsFactors() throws {
        #expect(try FormulaGraph("tanh(x)", at: [("x", 1)]).steps.map(\.text) == ["(1 − f²)"])
        #expect(try FormulaGraph("tan(x) * 2", at: [("x", 1)]).steps.map(\.text) == ["2", "(1 + q1²)"])
    }

    @Test(
        "a mistake says what was expected, and where",
        arguments: [
            ("(x+y)*z x=-2 y=5", "expected a variable (x, y) or a function, found “z”"),
            ("x+ x=1", "column 3: expected a number, a variable or \"(\", found the end"),
            ("x*y x=1 y=two", "expected a number for y, as in y=-2, found “two”"),
            ("x*y x=1 x=2", "x has a value already"), ("2 + 3", "expected a formula with variables"),
            ("x 1=2", "expected a name and a number, as in x=-2, found “1=2”"),
            ("x", "expected a variable (none is given)"),
        ])
    func mistakes(_ line: String, _ message: String) {
        let error = #expect(throws: DataError.self) { try FormulaAndValues(line).graph() }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    // MARK: - Random formulas

    /// A formula of random operations over x, y and z, so many levels deep.
    private static func formula(_ depth: Int, _ random: inout Random) -> String {
        func pick(_ words: [String]) -> String { words[Int(random.uniform() * Double(words.count))] }
        func part() -> String { formula(depth - 1, &random) }
        guard depth > 0, random.uniform() < 0.9 else {
            return random.uniform() < 0.75 ? pick(["x", "y", "z"]) : pick(["2", "0.5", "3", "1.25"])
        }
        switch Int(random.uniform() * 9) {
        case 0: return "(\(part()) + \(part()))"
        case 1: return "(\(part()) - \(part()))"
        case 2, 3: return "\(part()) * \(part())".wrapped
        case 4: return "(\(part())) / (\(part()))".wrapped
        case 5: return "(\(part()))^\(pick(["2", "3", "2.5", "x", "-1"]))".wrapped
        case 6: return "-\(part())".wrapped
        case 7: return "\(pick(["min", "max"]))(\(part()), \(part()))"
        default: return "\(pick(FormulaFunction.all.map(\.name)))(\(part()))"
        }
    }

    /// Whether an operation's derivative jumps, or grows without limit, near its arguments.
    private static func isNearKink(_ graph: FormulaGraph, _ formula: String) -> Bool {
        func value(_ name: Substring) -> Double? {
            let name = name.trimmed
            return graph.nodes.first { $0.name == name }?.value ?? Double(name.replacing("−", with: "-"))
        }
        return graph.nodes.contains { node in
            let inner = node.expression.split(separator: "(").last.map { $0.prefix { $0 != ")" } } ?? ""
            switch node.operation {
            case "abs", "relu", "sign", "log", "sqrt": return abs(value(inner) ?? 0) < 0.2
            case "tan": return abs(cos(value(inner) ?? 0)) < 0.3
            case "min", "max":
                let both = inner.split(separator: ",").map { value($0) ?? 0 }
                return abs(both[0] - both[1]) < 0.2
            case "/", "^":
                let both = node.expression.split(separator: node.operation == "/" ? " / " : "^").map { value($0) ?? 0 }
                return both.map { abs($0) }.min()! < 0.3
            default: return false
            }
        }
    }

    @Test("derivatives of 1,000 random formulas equal numeric ones to 1e-6, away from kinks")
    func random() throws {
        var random = Random(seed: 11)
        var (tested, tried) = (0, 0)
        var operations: Set<String> = []
        while tested < 1000, tried < 200_000 {
            tried += 1
            let formula = Self.formula(4, &random)
            let start = (0..<3).map { _ in random.uniform(-2, 2) }
            func graph(_ place: [Double]) throws -> FormulaGraph {
                try FormulaGraph(formula, at: zip(["x", "y", "z"], place).map { ($0, $1) })
            }
            // A number, which has no graph, is no formula for this.
            guard let own = try? graph(start), own.value.isFinite, !Self.isNearKink(own, formula),
                own.nodes.allSatisfy({ abs($0.value) < 20 && abs($0.derivative) < 100 })
            else { continue }
            /// Of five points around the place, so far apart.
            func numeric(_ variable: Int, _ h: Double) throws -> Double {
                func at(_ shift: Double) throws -> Double {
                    var place = start
                    place[variable] += shift
                    return try graph(place).value
                }
                return (try at(-2 * h) - 8 * at(-h) + 8 * at(h) - at(2 * h)) / (12 * h)
            }
            let (wide, close) = (
                try (0..<3).map { try numeric($0, 1e-3) }, try (0..<3).map { try numeric($0, 5e-4) }
            )
            // Where two numeric ones differ they say nothing.
            guard zip(wide, close).allSatisfy({ abs($0 - $1) < 1e-8 * max(1, abs($0)) }) else { continue }
            for variable in 0..<3 {
                let derivative = own.nodes[variable].derivative
                #expect(
                    abs(derivative - close[variable]) < 1e-6 * max(1, abs(derivative)),
                    "\(formula) at \(start): \(derivative), numeric \(close[variable])")
            }
            operations.formUnion(own.nodes.map(\.operation))
            tested += 1
        }
        #expect(tested == 1000, "\(tested) of \(tried)")
        let all = Set(
            FormulaFunction.all.map(\.name) + FormulaFunction2.all.map(\.name) + ["+", "−", "·", "/", "^", ""])
        #expect(operations == all, "\(all.subtracting(operations))")
    }
}

extension String {
    fileprivate var wrapped: String { "(\(self))" }
}

extension Substring {
    fileprivate var trimmed: String { split(separator: " ").joined() }
}
