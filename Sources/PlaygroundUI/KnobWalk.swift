import Basics
import Datasets
import Engine
import Session
import TerminalKit

/// How ← and → walk through a knob's values, and how a value is read and written in words.
enum KnobWalk {
    /// The next value in a direction (−1 or 1), or nil at the end of the range. `null` is "none", where the setting
    /// knows it: below the least value.
    static func next(after value: JSON?, of knob: Knob, direction: Int, optional: Bool) -> JSON? {
        let value = value == .some(.null) ? nil : value
        switch knob.kind {
        case .integer(let range):
            guard case .number(let number)? = value else { return first(of: knob, direction, optional) }
            let next = nextInteger(Int(bounded: number), direction: direction)
            if direction < 0, Int(bounded: number) <= range.lowerBound { return optional ? .null : nil }
            if direction > 0, Int(bounded: number) >= range.upperBound { return nil }
            return .number(Double(min(max(next, range.lowerBound), range.upperBound)))
        case .real(let range, let steps):
            guard case .number(let number)? = value else { return first(of: knob, direction, optional) }
            // A value that equals a step but for rounding is that step.
            let slack = abs(number) * 1e-9
            if direction > 0 {
                return steps.first { $0 > number + slack }.map { .number(min($0, range.upperBound)) }
            }
            if let lower = steps.last(where: { $0 < number - slack }) { return .number(max(lower, range.lowerBound)) }
            return optional ? .null : nil
        case .toggle:
            if case .bool(let on)? = value { return .bool(!on) }
            return .bool(true)
        case .word(let words):
            return cycled(words, value, direction).map { .string($0) }
        case .choice(let list):
            return cycled(Catalogue.entries(list).map(\.id), value, direction).map { .string($0) }
        case .text, .list:
            return nil
        }
    }

    /// Whole numbers grow in steps of about a tenth, which are the same on the way back.
    private static func nextInteger(_ number: Int, direction: Int) -> Int {
        func step(_ n: Int) -> Int {
            if n < 30 { return 1 }
            if n < 100 { return 10 }
            var step = 50
            while n / 20 >= step, step < 1_000_000_000 { step *= 10 }
            return step
        }
        if direction > 0 {
            let step = step(number)
            return (number / step + 1) * step
        }
        let step = step(number - 1)
        return (number - 1) / step * step
    }

    private static func first(of knob: Knob, _ direction: Int, _ optional: Bool) -> JSON? {
        guard direction > 0 else { return nil }
        switch knob.kind {
        case .integer, .real:
            let start = json(knob.defaultValue)
            if case .real(_, let steps) = knob.kind, case .number(let number) = start, number == 0 {
                return steps.first { $0 > 0 }.map { .number($0) }
            }
            return start
        default: return json(knob.defaultValue)
        }
    }

    /// The word beside the present one, round the end.
    private static func cycled(_ words: [String], _ value: JSON?, _ direction: Int) -> String? {
        guard !words.isEmpty else { return nil }
        guard let id = choiceID(value), let place = words.firstIndex(of: id) else {
            return direction > 0 ? words.first : words.last
        }
        return words[(place + direction + words.count) % words.count]
    }

    /// The id of a choice in JSON: the string, or the only key of the object.
    static func choiceID(_ value: JSON?) -> String? {
        switch value {
        case .string(let id)?: id
        case .object(let members)?: members.first?.key
        default: nil
        }
    }

    static func json(_ value: KnobValue) -> JSON {
        switch value {
        case .integer(let number): .number(Double(number))
        case .real(let number): .number(number)
        case .toggle(let on): .bool(on)
        case .text(let text): .string(text)
        case .choice(let choice): json(choice)
        case .list(let values): .array(values.map(json))
        }
    }

    static func json(_ choice: Choice) -> JSON {
        guard !choice.knobs.isEmpty else { return .string(choice.id) }
        let knobs = choice.knobs.sorted { $0.key < $1.key }.map { JSON.Member($0.key, json($0.value)) }
        return .object([.init(choice.id, .object(knobs))])
    }

    /// Typed text as JSON for this knob: "none", "auto" and the empty text are null, a share may be typed in percent.
    static func parse(_ text: String, for knob: Knob) -> JSON {
        let text = text.filter { $0 != "," && $0 != "_" || !isNumeric(knob) }.trimmed
        if ["", "none", "never", "auto", "–"].contains(text.lowercased()) {
            return knob.kind == .text && knob.defaultValue == .text("") ? .string("") : .null
        }
        switch knob.kind {
        case .integer, .real:
            let minus = String(text.map { $0 == "−" ? "-" : $0 })
            if minus.hasSuffix("%"), let number = Double(String(minus.dropLast()).trimmed) {
                if case .real(let range, _) = knob.kind, range.upperBound <= 1 { return .number(number / 100) }
                return .number(number)
            }
            return Double(minus).map { .number($0) } ?? .string(text)
        case .toggle:
            if ["on", "yes", "true", "1"].contains(text.lowercased()) { return .bool(true) }
            if ["off", "no", "false", "0"].contains(text.lowercased()) { return .bool(false) }
            return .string(text)
        case .text, .word, .choice: return .string(text)
        case .list: return (try? JSON(parsing: text)) ?? .string(text)
        }
    }

    private static func isNumeric(_ knob: Knob) -> Bool {
        switch knob.kind {
        case .integer, .real: true
        default: false
        }
    }

    /// A value in words; nil and null are `none`.
    static func text(_ value: JSON?, of knob: Knob, none: String) -> String {
        switch (value, knob.kind) {
        case (nil, _), (.some(.null), _): return none
        case (.bool(let on)?, _): return on ? "on" : "off"
        case (.number(let number)?, .integer):
            return number.magnitude < 1e15 ? formatCount(Int(bounded: number)) : formatNumber(number)
        case (.number(let number)?, .real(let range, _)):
            if range.upperBound <= 1 && sharesInPercent.contains(knob.name) { return formatNumber(number * 100) + " %" }
            return formatNumber(number, digits: 4) + (knob.title.hasSuffix(" %") ? " %" : "")
        case (.number(let number)?, _): return formatNumber(number, digits: 4)
        case (_, .choice(let list)):
            let id = choiceID(value) ?? ""
            return Catalogue.entry(list, id)?.title ?? id
        case (.string(let text)?, _): return text
        default: return value?.text(compact: true) ?? none
        }
    }

    /// Fractions that people read in percent.
    private static let sharesInPercent: Set<String> = ["trainFraction"]
}

extension String {
    /// Without spaces at both ends.
    var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text = text.dropFirst() }
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return String(text)
    }
}
