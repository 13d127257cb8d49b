import ArgumentParser
import Datasets
import Engine
import PlaygroundUI
import Session
import TerminalKit

struct Graph: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compute a formula, a neuron or a small network step by step forward, and the derivatives backward.",
        discussion: """
            FORMULA is in the language of the features: + - * / ^, |...|, parentheses, sin, cos, tan, tanh, exp, log or ln, \
            sqrt, abs, asinh, sign, sigmoid, relu, min, max, pi, e. Each of its variables gets a value:

              layercake graph "(x+y)*z" x=-2 y=5 z=-4

            With --neuron or --network it is the graph of an experiment's network at one training sample, in the numbers of \
            its own passes: inputs, weights, products, sums, activations, and with --network the loss:

              layercake graph xor --epochs 100 --layer 0 --neuron 1
              layercake graph xor --epochs 100 --network --sample 3
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @Argument(help: "The formula, in quotes; with --neuron or --network an experiment.")
    var formula: String

    @Argument(help: "The variables and their values: x=-2.")
    var values: [String] = []

    @Option(
        help: "The layer of the neuron, as in key paths: 0 is the first one, output the last (default: 0, or output).")
    var layer: String?

    @Option(help: "The graph of a neuron, counted from 1 as on the screen.")
    var neuron: Int?

    @Flag(help: "The graph of the whole small network and its loss.")
    var network = false

    @Option(help: "The training sample, counted from 1 (default: 1).")
    var sample: Int?

    @Option(help: "Train for so many epochs first (default: 0).")
    var epochs: Int?

    @OptionGroup var settings: SettingOptions

    @Option(help: "How to print: text or json.")
    var format = Format.text

    private var isOfNetwork: Bool { network || neuron != nil || layer != nil }

    func validate() throws {
        if network, neuron != nil || layer != nil {
            throw ValidationError("--network is of all layers: leave --layer and --neuron out, or --network")
        }
        guard isOfNetwork else {
            guard sample == nil, epochs == nil, settings.settings.isEmpty else {
                throw ValidationError(
                    "--sample, --epochs and --set are for the graph of a network: add --neuron 1 or --network")
            }
            return
        }
        if let value = values.first {
            throw ValidationError("the graph of a network takes no values of variables, found '\(value)'")
        }
        guard (sample ?? 1) >= 1 else { throw ValidationError("--sample: expected 1 or more, found \(sample ?? 1)") }
        guard (0...1_000_000_000).contains(epochs ?? 0) else {
            throw ValidationError("--epochs: expected 0 to 1000000000, found \(epochs ?? 0)")
        }
        guard (neuron ?? 1) >= 1 else { throw ValidationError("--neuron: expected 1 or more, found \(neuron ?? 1)") }
    }

    func run() throws {
        if isOfNetwork { return try printNetwork() }
        if values.isEmpty, Preset.all.contains(where: { $0.name == formula }) {
            throw ValidationError("\(formula) is a preset: add --network for the graph of its network, or --neuron 1")
        }
        try write(FormulaAndValues(formula: formula, values: values).graph())
    }

    private func printNetwork() throws {
        let source = try settings.open(formula)
        let isOfOutput = layer == "output"
        try source.naming {
            try source.experiment.checkMemory()
            let trainer = StillTrainer(source.experiment, directory: source.directory)
            if let weights = source.weights { trainer.perform(.loadCheckpoint(path: weights)) }
            trainer.train(epochs: epochs ?? 0)
            guard let snapshot = trainer.snapshot else {
                throw ExperimentError(
                    .malformed, place: "", message: trainer.failure ?? "there is no network of which a graph is made")
            }
            let row = (sample ?? 1) - 1
            if network { return write(try NetworkGraph(snapshot, row: row).graph) }
            guard let path = isOfOutput ? snapshot.outline.output : LayerPath(layer ?? "0")
            else {
                throw ExperimentError(
                    .arguments, place: "--layer",
                    message: "expected a number as in key paths, or output, found \(layer ?? "")")
            }
            write(try NetworkGraph(snapshot, row: row, layer: path, unit: (neuron ?? 1) - 1).graph)
        }
    }

    private func write(_ graph: FormulaGraph) {
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
        let valued = ["--format", "--layer", "--neuron", "--sample", "--epochs", "--set"]
        for argument in arguments.dropFirst() {
            if takesValue || argument.hasPrefix("--") || argument == "-h" {
                options.append(argument)
                takesValue = !takesValue && valued.contains(argument)
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
                            JSON.Member("derivative", node.isGiven ? .null : number(node.derivative)),
                        ])
                    })),
        ])
    }
}
