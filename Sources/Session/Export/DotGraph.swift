import Basics
import Engine

/// The layers of a network as a graph for Graphviz: a box for each, blocks as clusters.
struct DotGraph {
    private let training: ExportedTraining

    init(_ training: ExportedTraining) { self.training = training }

    var text: String {
        let (network, experiment) = (training.network, training.experiment)
        var lines = [
            "digraph network {",
            "  label=\(Python.text(visibleText(experiment.title.isEmpty ? training.name : experiment.title))); labelloc=t; fontname=\"sans-serif\";",
            "  node [shape=box, style=\"rounded,filled\", fillcolor=\"#f4f4f4\", fontname=\"sans-serif\", fontsize=11];",
            "  edge [fontname=\"sans-serif\", fontsize=9];",
            "  input [label=\"input\\n\(network.description.input)\", fillcolor=\"#fce8d0\"];",
        ]
        let last = stack(network.layers, from: "input", shape: network.description.input, indent: "  ", into: &lines)
        let output = network.outputLayer
        lines.append("  output [label=\"\(words(output))\", fillcolor=\"#d4e8f4\"];")
        lines.append("  \(last) -> output [label=\"\(output.input)\"];")
        for layer in network.allLayers {
            if let name = layer.choice.tied, let owner = network.layer(named: name) {
                lines.append(
                    "  \(id(owner.outline)) -> \(id(layer.outline)) [style=dashed, constraint=false, label=\"Wᵀ\"];")
            }
        }
        return (lines + ["}", ""]).joined(separator: "\n")
    }

    /// A node's name.
    private func id(_ layer: Outline.Layer) -> String { layer.path.replacing(".", with: "_") }

    private func words(_ layer: Outline.Layer) -> String {
        var words = layer.title
        if layer.hasFunction, let id = layer.activation?.id, let title = Catalogue.entry(.activation, id)?.title,
            !words.contains(title)
        {
            words += " \(title)"
        }
        if layer.parameterCount > 0 { words += "\\n\(plural(layer.parameterCount, "parameter"))" }
        return words + (layer.isFrozen ? "\\nfrozen" : "")
    }

    /// - Returns: the node that the stack ends with.
    private func stack(
        _ layers: [ExportedLayer], from first: String, shape: Shape, indent: String, into lines: inout [String]
    ) -> String {
        var (last, shape) = (first, shape)
        for layer in layers {
            let name = id(layer.outline)
            if layer.stacks.isEmpty {
                lines.append("\(indent)\(name) [label=\"\(words(layer.outline))\"];")
                lines.append("\(indent)\(last) -> \(name) [label=\"\(shape)\"];")
            } else {
                lines.append("\(indent)subgraph cluster_\(name) {")
                lines.append(
                    "\(indent)  label=\"\(layer.outline.title)\"; style=rounded; color=\"#999999\"; fontsize=10;")
                lines.append(
                    "\(indent)  \(name) [label=\"\(layer.stacks.count > 1 ? "join" : "\(layer.output)")\", shape=ellipse];"
                )
                for stack in layer.stacks {
                    let end = self.stack(stack, from: last, shape: layer.input, indent: indent + "  ", into: &lines)
                    lines.append("\(indent)  \(end) -> \(name) [label=\"\(stack.last?.output ?? layer.input)\"];")
                }
                lines.append("\(indent)}")
            }
            (last, shape) = (name, layer.output)
        }
        return last
    }
}
