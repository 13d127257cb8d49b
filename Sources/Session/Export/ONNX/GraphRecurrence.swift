import Engine

/// Recurrent layers as ONNX's RNN, LSTM and GRU, one node for each layer of cells.
enum GraphRecurrence {
    /// - Parameter gates: for each of ONNX's gates the number of PyTorch's.
    static func emit(
        _ operation: String, _ layer: ExportedLayer, _ network: ExportedNetwork, _ x: String, _ graph: inout Graph,
        gates: [Int], _ attributes: [(name: String, value: Graph.Attribute)]
    ) -> String {
        let (units, isBoth) = (layer.integer("units"), layer.toggle("bidirectional"))
        let ends = isBoth ? ["", "_reverse"] : [""]
        func reordered(_ name: String) -> [Float] {
            let tensor = network[tensor: layer.tensor(name)]!
            let size = tensor.values.count / gates.count
            return gates.flatMap { Array(tensor.values[$0 * size..<($0 + 1) * size]) }
        }
        var x = graph.transpose(x, [1, 0, 2])
        let own = layer.isMasked ? graph.add("Cast", graph.lengths!, with: ["to": .integer(6)]) : ""
        let (count, returnsAll) = (layer.integer("layers"), layer.text("returns") == "all")
        var both = attributes
        if case .texts(let names)? = attributes.first(where: { $0.name == "activations" })?.value, isBoth {
            both = [("activations", .texts(names + names))]
        }
        for number in 0..<count {
            let features = number == 0 ? layer.input.axes[1] : units * ends.count
            let inputs = [
                x,
                graph.reals(
                    ends.flatMap { reordered("weight_ih_l\(number)\($0)") },
                    [ends.count, gates.count * units, features], "w"),
                graph.reals(
                    ends.flatMap { reordered("weight_hh_l\(number)\($0)") }, [ends.count, gates.count * units, units],
                    "r"),
                graph.reals(
                    ends.flatMap { reordered("bias_ih_l\(number)\($0)") + reordered("bias_hh_l\(number)\($0)") },
                    [ends.count, 2 * gates.count * units], "b"),
            ]
            let isLast = number == count - 1 && !returnsAll
            let found = graph.add(
                operation, inputs + (own.isEmpty ? [] : [own]), outputs: isLast ? 2 : 1, asked: isLast ? [1] : [0],
                [("hidden_size", .integer(units)), ("direction", .text(isBoth ? "bidirectional" : "forward"))] + both)
            // [steps, directions, N, units] or [directions, N, units]
            if isLast { return graph.reshape(graph.transpose(found[1], [1, 0, 2]), layer.output.axes) }
            x = graph.transpose(found[0], [0, 2, 1, 3])
            x = graph.add("Reshape", x, graph.integers([0, 0, ends.count * units]))
        }
        return graph.transpose(x, [1, 0, 2])
    }
}
