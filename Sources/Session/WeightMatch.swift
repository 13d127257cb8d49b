import Engine

/// Finds a network's tensors in a file of weights.
///
/// A file with the network's own names (`layers.0.weight`, …, `output.bias`, also behind a common prefix) is taken by
/// them. Otherwise every module with a `weight` of two axes is a dense layer and one of four a convolution, as in PyTorch's
/// `nn.Sequential` (`0.weight`, `0.bias`, `2.weight`, …) and in modules of other names, and one with a number for each unit
/// normalizes: they are taken in the order of the numbers in their names, where all shapes fit, or by their shapes where each fits one layer alone.
struct WeightMatch {
    /// The file's tensor for each of the network's; nil for a bias that the file's module does not have, which is 0.
    private(set) var sources: [String: String?] = [:]
    /// The names of the file's tensors that the network has no place for, in order.
    private(set) var leftOut: [String] = []

    /// The modules without a bias.
    var unbiased: [String] {
        sources.compactMap { $0.value == nil ? $0.key : nil }.sorted { NaturalName($0) < NaturalName($1) }
    }

    /// - Parameter tensors: the file's.
    /// - Throws: what does not fit, and where.
    init(_ tensors: [Safetensors.Tensor], to outline: Outline) throws(ExperimentError) {
        let names = Set(tensors.map(\.name))
        if let prefix = Self.prefix(of: outline, in: names) {
            for tensor in outline.tensors { sources[tensor.name] = prefix + tensor.name }
        } else {
            let modules = Self.modules(tensors)
            do throws(ExperimentError) { try take(modules, outline) } catch {
                // Names that are there say more than shapes that do not fit.
                if let missing = outline.tensors.first(where: { !names.contains($0.name) }),
                    outline.tensors.contains(where: { names.contains($0.name) })
                {
                    throw ExperimentError(
                        .malformed, place: missing.name,
                        message: "expected this tensor of shape \(missing.axes), found none in the checkpoint")
                }
                throw error
            }
        }
        let used = Set(sources.values.compactMap(\.self))
        leftOut = tensors.map(\.name).filter { !used.contains($0) }.map(NaturalName.init).sorted().map(\.text)
    }

    /// The prefix of the network's own names; nil where they are not all there.
    private static func prefix(of outline: Outline, in names: Set<String>) -> String? {
        guard let first = outline.tensors.first?.name else { return nil }
        let prefixes = names.filter { $0 == first || $0.hasSuffix("." + first) }.map { $0.dropLast(first.count) }
        return prefixes.sorted { ($0.count, $0) < ($1.count, $1) }.map(String.init).first { prefix in
            outline.tensors.allSatisfy { names.contains(prefix + $0.name) }
        }
    }

    // MARK: - Modules

    /// Tensors whose names differ in the last part alone.
    private struct Module {
        var name: NaturalName
        /// Its tensors by the last part of their names.
        var tensors: [String: Safetensors.Tensor] = [:]

        /// `[out, in]` of a dense layer, `[filters, channels, height, width]` of a convolution, `[units]` of a normalizing
        /// one, whose weight may be missing.
        var axes: [Int]? {
            guard let axes = (tensors["weight"] ?? tensors["running_mean"])?.axes else { return nil }
            return axes.count > 1 || (axes.count == 1 && !isSlope) ? axes : nil
        }
        /// Whether it is a learned slope, PyTorch's PReLU with one parameter.
        var isSlope: Bool { tensors.count == 1 && tensors["weight"]?.axes == [1] }
    }

    private static func modules(_ tensors: [Safetensors.Tensor]) -> [Module] {
        var modules: [String: Module] = [:]
        for tensor in tensors {
            let parts = tensor.name.split(separator: ".", omittingEmptySubsequences: false)
            let name = parts.dropLast().joined(separator: ".")
            modules[name, default: Module(name: NaturalName(name))].tensors[String(parts[parts.count - 1])] = tensor
        }
        return modules.values.sorted { $0.name < $1.name }
    }

    private mutating func take(_ modules: [Module], _ outline: Outline) throws(ExperimentError) {
        let layers = outline.layers.flatMap(\.leaves).filter { !$0.tensors.isEmpty }.map {
            $0.tensors.map { outline.tensors[$0] }
        }
        // Slopes belong to the layers before them, but for layers that are nothing else.
        let ownsSlope = layers.contains { $0.count == 1 && $0[0].axes == [1] }
        let places = modules.indices.filter { modules[$0].axes != nil || (ownsSlope && modules[$0].isSlope) }
        let wanted = layers.map { $0[0].axes }
        let order = try Self.order(places.map { modules[$0] }, wanted)
        for (layer, place) in zip(layers, order) {
            let module = modules[places[place]]
            let next = place + 1 < places.count ? places[place + 1] : modules.count
            let slopes = modules[places[place] + 1..<next].filter(\.isSlope)
            for tensor in layer {
                let found: Safetensors.Tensor?
                switch tensor.name.split(separator: ".").suffix(2) {
                case ["activation", "weight"]: found = slopes.count == 1 ? slopes[0].tensors["weight"] : nil
                case let parts: found = module.tensors[String(parts.last ?? "")]
                }
                guard found?.axes ?? tensor.axes == tensor.axes,
                    found != nil || (tensor.axes.count == 1 && tensor.name.hasSuffix(".bias"))
                else {
                    throw ExperimentError(
                        .malformed, place: module.name.text,
                        message: "expected beside its weight the shape \(tensor.axes) for \(tensor.name), found "
                            + (found.map { "\($0.axes)" } ?? "none"))
                }
                sources.updateValue(found?.name, forKey: tensor.name)
            }
        }
    }

    /// The module for each layer.
    private static func order(_ modules: [Module], _ wanted: [[Int]]) throws(ExperimentError) -> [Int] {
        let found = modules.map { $0.axes ?? [1] }
        if found == wanted {
            // Neighbours of one shape that only letters tell apart could be in any order.
            for (place, pair) in zip(modules, modules.dropFirst()).enumerated()
            where found[place] == found[place + 1] && !pair.0.name.isNumberedBefore(pair.1.name) {
                throw ExperimentError(
                    .malformed, place: pair.1.name.text,
                    message: "has the shape of \(pair.0.name.text), and no number says which comes first; call them "
                        + "layers.0, layers.1, …, output")
            }
            return Array(found.indices)
        }
        // Every shape once: then the shapes say which is which, unless numbers say otherwise.
        if Set(found) == Set(wanted), Set(wanted).count == wanted.count, found.count == wanted.count {
            let order = wanted.map { found.firstIndex(of: $0)! }
            let isInOrder = zip(order, order.dropFirst()).allSatisfy {
                !modules[$1].name.isNumberedBefore(modules[$0].name)
            }
            if isInOrder { return order }
        }
        throw mismatch(modules, wanted)
    }

    private static func mismatch(_ modules: [Module], _ wanted: [[Int]]) -> ExperimentError {
        let found = modules.map { $0.axes ?? [1] }
        func listed(_ words: [String]) -> String {
            words.isEmpty ? "none" : words.prefix(8).joined(separator: ", ") + (words.count > 8 ? ", …" : "")
        }
        var message =
            "expected weights ([outputs, inputs], of a convolution [filters, channels, height, width], of a normalizing layer [units]) of the shapes \(listed(wanted.map { "\($0)" })), found "
            + listed(zip(modules, found).map { "\($0.name.text.isEmpty ? "" : $0.name.text + ".")weight \($1)" })
        if found != wanted, found.map({ Array($0.reversed()) }) == wanted {
            message += "; transpose them"
        } else if found.dropLast() == wanted.dropLast(), let its = found.last, let mine = wanted.last,
            its.count == 2, mine.count == 2, its[1] == mine[1]
        {
            if (its[0], mine[0]) == (2, 1) {
                message += "; two outputs for two classes: output.loss=softmaxCrossEntropy"
            }
            if (its[0], mine[0]) == (1, 2) { message += "; one output for two classes: output.loss=binaryCrossEntropy" }
        }
        return ExperimentError(.malformed, place: "weights", message: message)
    }
}

/// A name whose numbers are compared as numbers: "2" is before "10", and "fc2" before "fc10".
struct NaturalName: Comparable {
    private enum Part: Hashable {
        case text(Substring)
        /// Without leading zeros.
        case number(Substring)
    }
    let text: String
    private let parts: [Part]

    init(_ text: String) {
        self.text = text
        var parts: [Part] = []
        var rest = text[...]
        while let first = rest.first {
            let isNumber = isDigit(first)
            let run = rest.prefix { isDigit($0) == isNumber }
            parts.append(isNumber ? .number(run.drop { $0 == "0" }) : .text(run))
            rest = rest[run.endIndex...]
        }
        self.parts = parts
    }

    static func < (a: NaturalName, b: NaturalName) -> Bool {
        guard let (one, other) = a.difference(b) else { return (a.parts.count, a.text) < (b.parts.count, b.text) }
        switch (one, other) {
        case (.text(let one), .text(let other)): return one < other
        case (.number, .text): return true
        case (.text, .number): return false
        case (.number(let one), .number(let other)): return (one.count, one) < (other.count, other)
        }
    }

    /// Whether the first part in which the names differ is a number in both, and the smaller one here.
    func isNumberedBefore(_ other: NaturalName) -> Bool {
        guard case (.number, .number)? = difference(other) else { return false }
        return self < other
    }

    private func difference(_ other: NaturalName) -> (Part, Part)? { zip(parts, other.parts).first { $0 != $1 } }
}

private func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }
