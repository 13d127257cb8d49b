/// A module of PyTorch as the script calls it, with the tensors that it holds.
struct TorchModule {
    /// The call up to its arguments: "nn.Linear", "Residual".
    var name: String
    /// Written in order, behind the stacks.
    var arguments: [String]
    /// Stacks of modules, and the names by which the module holds them: "body", "stacks.0".
    var stacks: [(name: String, modules: [TorchModule])] = []
    /// The tensors by the module's own names.
    var tensors: [(name: String, tensor: ExportedTensor)] = []
    /// Whether it stays as it is while others learn.
    var isFrozen = false
    /// The variable that holds it, where other layers use its weight.
    var variable: String?

    init(
        _ name: String, _ arguments: [String] = [], stacks: [(name: String, modules: [TorchModule])] = [],
        tensors: [(name: String, tensor: ExportedTensor)] = []
    ) {
        (self.name, self.arguments, self.stacks, self.tensors) = (name, arguments, stacks, tensors)
    }

    /// All tensors below, by the names of PyTorch's `state_dict`.
    func state(_ prefix: String) -> [(name: String, tensor: ExportedTensor)] {
        tensors.map { ("\(prefix).\($0.name)", $0.tensor) }
            + stacks.flatMap { Self.state($0.modules, "\(prefix).\($0.name)") }
    }

    static func state(_ modules: [TorchModule], _ prefix: String) -> [(name: String, tensor: ExportedTensor)] {
        modules.enumerated().flatMap { index, module in module.state("\(prefix)\(prefix.isEmpty ? "" : ".")\(index)") }
    }

    /// The names of all modules of a kind, as PyTorch's `named_modules` has them.
    static func names(_ modules: [TorchModule], of kind: String, _ prefix: String = "") -> [String] {
        modules.enumerated().flatMap { index, module in
            let own = "\(prefix)\(prefix.isEmpty ? "" : ".")\(index)"
            return (module.name == kind ? [own] : [])
                + module.stacks.flatMap { names($0.modules, of: kind, "\(own).\($0.name)") }
        }
    }

    /// The modules with those inside.
    var all: [TorchModule] { [self] + stacks.flatMap { $0.modules.flatMap(\.all) } }

    /// The call's lines; the first and the last may be the same.
    func lines(usingVariables: Bool = true) -> [String] {
        if usingVariables, let variable { return [variable] }
        var lines: [String]
        if stacks.isEmpty {
            lines = ["\(name)(\(arguments.joined(separator: ", ")))"]
        } else {
            lines = ["\(name)("]
            for stack in stacks { lines += Self.sequential(stack.modules).map { "    " + $0 }.addingComma() }
            lines += arguments.map { "    \($0)," }
            lines.append(")")
        }
        if isFrozen {
            lines[0] = "freeze(" + lines[0]
            lines[lines.count - 1] += ")"
        }
        return lines
    }

    /// `nn.Sequential(…)` over several lines.
    static func sequential(_ modules: [TorchModule]) -> [String] {
        guard !modules.isEmpty else { return ["nn.Sequential()"] }
        return ["nn.Sequential("] + modules.flatMap { $0.lines().map { "    " + $0 }.addingComma() } + [")"]
    }
}

extension [String] {
    fileprivate func addingComma() -> [String] { isEmpty ? self : dropLast() + [self[count - 1] + ","] }
}
