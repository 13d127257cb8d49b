import Basics
import Engine
import Session
import TerminalKit

/// The numbers of a network in lines: so many at once, and how the others are asked for.
struct WeightWords {
    let outline: Outline
    let parameters: [Float]

    /// Numbers in a line, and lines at once.
    static let most = (numbers: 12, lines: 12)

    /// The tensors of a name: one by its own, those of a layer by its number or by "output"; "": all.
    func tensors(named name: String) -> [Outline.Tensor] {
        if name.isEmpty { return outline.tensors }
        if let own = outline.tensors.first(where: { $0.name == name }) { return [own] }
        let path = Int(name).map { "layers.\($0 - 1)" } ?? name
        return outline.tensors.filter { $0.name.hasPrefix("\(path).") }
    }

    /// All tensors with their first numbers.
    func overview(_ tensors: [Outline.Tensor]) -> [String] {
        var lines = tensors.prefix(2 * Self.most.lines).map {
            "\($0.name), \(words($0.axes)): \(text(numbers($0)[...]))"
        }
        if lines.count < tensors.count {
            lines.append("and \(tensors.count - lines.count) more: weights 1 tells those of layer 1")
        }
        if let large = tensors.first(where: { $0.count > Self.most.numbers }) {
            lines.append("weights \(large.name) tells one with more of its numbers, unit by unit")
        }
        return lines
    }

    /// One tensor: of few numbers in a line, else a line for each unit.
    /// - Parameters:
    ///   - unit: that unit alone, from 1, with all its numbers; nil: all units.
    ///   - first: the first unit, or of one unit the first number, from 1.
    func lines(_ tensor: Outline.Tensor, unit: Int?, from first: Int) -> [String] {
        let numbers = numbers(tensor)
        let units = tensor.axes.first ?? 1
        if let unit {
            let own = tensor.count / max(1, units)
            return counted(
                numbers[(unit - 1) * own..<unit * own], "\(tensor.name), unit \(unit)", from: first,
                command: "weights \(tensor.name) unit \(unit)")
        }
        guard tensor.count > Self.most.numbers, units > 1, tensor.count > units else {
            return counted(numbers[...], tensor.name, from: first, command: "weights \(tensor.name)")
        }
        let own = tensor.count / units
        let shown = first..<min(units + 1, first + Self.most.lines)
        var lines = ["\(tensor.name), \(words(tensor.axes))"]
        lines += shown.map { "unit \($0): \(text(numbers[($0 - 1) * own..<$0 * own]))" }
        if shown.upperBound <= units {
            lines.append("\(units) units: weights \(tensor.name) from \(shown.upperBound) goes on")
        }
        if own > Self.most.numbers { lines.append("weights \(tensor.name) unit \(first) tells all numbers of one") }
        return lines
    }

    /// How many a tensor counts as units, or as numbers, from which `lines` can go on.
    func count(_ tensor: Outline.Tensor, unit: Int?) -> Int {
        let units = tensor.axes.first ?? 1
        if unit != nil { return tensor.count / max(1, units) }
        return tensor.count > Self.most.numbers && tensor.count > units ? units : tensor.count
    }

    /// "name: 0.1 0.2 …", and how the numbers behind are asked for.
    private func counted(_ numbers: ArraySlice<Float>, _ name: String, from first: Int, command: String) -> [String] {
        let most = Self.most.numbers * Self.most.lines
        let shown = numbers.dropFirst(first - 1).prefix(most)
        let place = first > 1 ? " from \(first)" : ""
        var lines = ["\(name)\(place): \(shown.map(Self.number).joined(separator: " "))"]
        let next = first + shown.count
        if next <= numbers.count {
            lines.append("\(formatCount(numbers.count)) in all: \(command) from \(next) goes on")
        }
        return lines
    }

    private func numbers(_ tensor: Outline.Tensor) -> [Float] {
        Array(parameters[tensor.offset..<tensor.offset + tensor.count])
    }

    /// The first ones, and how many there are.
    private func text(_ numbers: ArraySlice<Float>) -> String {
        let some = numbers.prefix(Self.most.numbers).map(Self.number).joined(separator: " ")
        return numbers.count > Self.most.numbers ? "\(some) … (\(formatCount(numbers.count)) in all)" : some
    }

    private static func number(_ value: Float) -> String { formatNumber(Double(value), digits: 3) }

    /// "4 by 2", "1 number"
    private func words(_ axes: [Int]) -> String {
        axes.count < 2
            ? plural(axes.first ?? 1, "number") : axes.map { "\($0)" }.joined(separator: " by ")
    }
}

extension App {
    /// "weights" tells the first of all, "weights 1" those of a layer, "weights output.weight" one tensor, of it
    /// "unit 3" and "from 13"; "weights output.weight 1 1" types the first ones.
    mutating func plainWeights(_ rest: String) {
        guard let snapshot else { return say("there is no network yet") }
        var words = rest.split(separator: " ").map(String.init)
        let told = WeightWords(outline: snapshot.outline, parameters: snapshot.parameters)
        let name = words.first ?? ""
        let tensors = told.tensors(named: name)
        guard !snapshot.outline.tensors.isEmpty else { return say("the network has no weights") }
        guard let tensor = tensors.first else {
            let names = snapshot.outline.tensors.map(\.name)
            return say("no such weights as \(quoted(name)); \(NearestName.advice(name, among: names))")
        }
        words = Array(words.dropFirst())
        guard tensors.count == 1 || words.contains("unit") else {
            guard words.isEmpty else {
                return say("\(quoted(name)) has \(tensors.map(\.name).joined(separator: ", ")); name one of them")
            }
            for line in told.overview(tensors) { say(line) }
            return
        }
        var unit: Int?
        var first = 1
        for (word, most) in [("unit", tensor.axes.first ?? 1), ("from", Int.max)] {
            guard let place = words.firstIndex(of: word) else { continue }
            let number = words.indices.contains(place + 1) ? words[place + 1] : ""
            let limit = word == "from" ? told.count(tensor, unit: unit) : most
            guard let value = Int(number), (1...max(1, limit)).contains(value) else {
                return say("\(name) \(word): expected a number from 1 to \(limit), found \(quoted(number))")
            }
            if word == "unit" { unit = value } else { first = value }
            words.removeSubrange(place...place + 1)
        }
        guard !words.isEmpty else {
            let all = unit == nil ? [tensor] : tensors.filter { $0.axes.first == tensor.axes.first }
            for line in all.flatMap({ told.lines($0, unit: unit, from: first) }) { say(line) }
            return
        }
        typeNumbers(words, into: tensor)
    }

    /// Gives the first numbers of a tensor other values.
    private mutating func typeNumbers(_ words: [String], into tensor: Outline.Tensor) {
        guard let snapshot = newest, snapshot.parameters.count >= tensor.offset + tensor.count else { return }
        let values = words.compactMap { Float($0.replacing("−", with: "-")) }.filter { $0.isFinite }
        guard values.count == words.count, values.count <= tensor.count else {
            return say(
                "\(tensor.name): expected \(plural(tensor.count, "number")) or fewer, found \(quoted(words.joined(separator: " ")))"
            )
        }
        if lessonRefuses(Commands.byID["network.cursor"]!) || lessonRefuses(Commands.byID["value.type"]!) {
            return say(lessonRefusal(naming: "other weights"))
        }
        var numbers = snapshot.parameters
        for (place, value) in values.enumerated() {
            act(.setParameter(tensor.offset + place, from: numbers[tensor.offset + place], to: value))
            numbers[tensor.offset + place] = value
        }
        for line in WeightWords(outline: snapshot.outline, parameters: numbers).lines(tensor, unit: nil, from: 1) {
            say(line)
        }
    }
}
