/// The answer of one unit of a layer as a formula, and the numbers in it that the unit has of its own.
public struct UnitFormula: Sendable, Hashable {
    /// A number of one unit.
    public struct Number: Sendable, Hashable {
        /// Its tensor, a name below the layer's: "running_mean".
        public var tensor: String
        /// As the formula has it: "μ".
        public var symbol: String
        /// "mean".
        public var word: String

        init(_ tensor: String, _ symbol: String, _ word: String) {
            (self.tensor, self.symbol, self.word) = (tensor, symbol, word)
        }
    }

    /// "y = f(w x + b)": f is the layer's activation.
    public var text: String
    /// In the order in which they are told.
    public var numbers: [Number] = []
    /// The one of them that is added: it moves the place where the answer changes its sign. nil: there is none.
    public var addend: Number?

    init(_ text: String, numbers: [Number] = [], addend: Number? = nil) {
        (self.text, self.numbers, self.addend) = (text, numbers + [addend].compactMap(\.self), addend)
    }

    /// The formula with a function's name for f.
    public func text(with function: String) -> String { text.replacing("f(", with: "\(function)(") }
}

extension Outline {
    /// The place of a unit's own number in the flat parameters; nil: the layer has none such, or not one for each unit.
    public func place(of number: UnitFormula.Number, unit: Int, layer path: LayerPath) -> Int? {
        guard let tensor = tensor(of: number, layer: path), unit < tensor.count else { return nil }
        return tensor.offset + unit
    }

    func tensor(of number: UnitFormula.Number, layer path: LayerPath) -> Tensor? {
        guard let layer = self[path] else { return nil }
        let name = "\(layer.path).\(number.tensor)"
        return layer.tensors.lazy.map { tensors[$0] }.first { $0.name == name && $0.count == layer.output.count }
    }

    /// The numbers that the units of a layer add, one for each; nil: they add none.
    public func biases(layer path: LayerPath) -> Tensor? {
        self[path]?.formula.addend.flatMap { tensor(of: $0, layer: path) }
    }
}
