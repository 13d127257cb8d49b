import ArgumentParser
import Datasets
import PlaygroundUI
import Session
import TerminalKit

struct Graph: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compute a formula step by step forward, and its derivatives backward.",
        discussion: """
            FORMULA is in the language of the features: + - * / ^, |...|, parentheses, sin, cos, tan, tanh, exp, log or ln, \
            sqrt, abs, asinh, sign, sigmoid, relu, min, max, pi, e. Each of its variables gets a value:

              layercake graph "(x+y)*z" x=-2 y=5 z=-4
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @Argument(help: "The formula, in quotes.")
    var formula: String

    @Argument(help: "The variables and their values: x=-2.")
    var values: [String] = []

    @Option(help: "How to print: text or json.")
    var format = Format.text

    func run() throws {
        let graph = try FormulaAndValues(formula: formula, values: values).graph()
        switch format {
        case .text: print(graph.lines.joined(separator: "\n"))
        case .json: print(json: Self.json(graph).text())
        }
    }

    /// The arguments with the formula and the values behind "--": a formula may begin with a minus sign, as an option does.
    static func placingFormula(in arguments: [String]) -> [String] {
        guard arguments.first == configuration.commandName ?? "graph", !arguments.contains("--") else {
            return arguments
        }
        var (options, words): ([String], [String]) = ([], [])
        var takesValue = false
        for argument in arguments.dropFirst() {
            if takesValue || argument.hasPrefix("--") || argument == "-h" {
                options.append(argument)
                takesValue = !takesValue && argument == "--format"
            } else {
                words.append(argument)
            }
        }
        return [arguments[0]] + options + (words.isEmpty ? [] : ["--"] + words)
    }

    /// JSON has no infinities.
    private static func number(_ value: Double) -> JSON { value.isFinite ? .number(value) : .null }

    private static func json(_ graph: FormulaGraph) -> JSON {
        .object([
            JSON.Member("value", number(graph.value)),
            JSON.Member(
                "nodes",
                .array(
                    graph.nodes.map { node in
                        .object([
                            JSON.Member("name", .string(node.name)),
                            JSON.Member("expression", .string(node.expression)),
                            JSON.Member("value", number(node.value)),
                            JSON.Member("derivative", number(node.derivative)),
                        ])
                    })),
        ])
    }
}
