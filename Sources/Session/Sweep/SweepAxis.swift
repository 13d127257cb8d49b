import Basics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// One setting that a sweep varies, and its values: KEY=V1,V2,… or KEY=LO..HI:N[:log].
public struct SweepAxis: Sendable, Hashable {
    /// A key path, as in `--set`.
    public let key: String
    public let values: [JSON]

    init(key: String, values: [JSON]) { (self.key, self.values) = (key, values) }

    /// - Throws: what of the text is not as expected; whether the values suit the setting is checked with the cells.
    public init(parsing text: String, for experiment: Experiment) throws(ExperimentError) {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw Self.mistake(
                quoted(text),
                "expected KEY=V1,V2,… or KEY=LO..HI:N[:log], as in training.optimizer.sgd.learningRate=0.001..1:8:log")
        }
        key = String(text[..<equals])
        let rest = String(text[text.index(after: equals)...])
        let kind = experiment.knob(at: key)?.kind
        if let range = try SweepRange(parsing: rest, key: key) {
            var isWhole = false
            if case .integer = kind { isWhole = true }
            values = range.values(whole: isWhole)
        } else {
            values = Self.split(rest).map { part in
                let value = (try? JSON(parsing: part)) ?? .string(part)
                // A setting that takes a text takes 5 and true as texts.
                switch (kind, value) {
                case (.text, .number), (.text, .bool), (.text, .null): return .string(part)
                default: return value
                }
            }
        }
        var known: Set<JSON> = []
        for value in values where !known.insert(value).inserted {
            throw Self.mistake(key, "\(value.words) stands there twice; leave one out")
        }
    }

    static func mistake(_ place: String, _ message: String) -> ExperimentError {
        ExperimentError(.arguments, place: "--vary: \(shortened(place, to: mostNamed))", message: message)
    }

    /// The parts between commas that are in no list, object or text.
    private static func split(_ text: String) -> [String] {
        var parts = [""]
        var (depth, inText, escaped) = (0, false, false)
        for character in text {
            if inText {
                if escaped {
                    escaped = false
                } else if character == "\\" {
                    escaped = true
                } else if character == "\"" {
                    inText = false
                }
            } else {
                switch character {
                case "\"": inText = true
                case "[", "{": depth += 1
                case "]", "}": depth -= 1
                case "," where depth == 0:
                    parts.append("")
                    continue
                default: break
                }
            }
            parts[parts.count - 1].append(character)
        }
        return parts
    }
}

/// LO..HI:N[:log]: N values from LO to HI, equally far apart, or each the same multiple of the one before.
private struct SweepRange {
    let low: Double
    let high: Double
    let count: Int
    let isLogarithmic: Bool

    /// nil: the text is no range but a list of values.
    init?(parsing text: String, key: String) throws(ExperimentError) {
        // "1..5" has no other dots at its middle than the two; a number may end or begin with one.
        guard let middle = text.ranges(of: "..").first?.lowerBound,
            let low = Double(text[..<middle])
        else { return nil }
        let parts = text[text.index(middle, offsetBy: 2)...].split(separator: ":", omittingEmptySubsequences: false)
        let example = "expected LO..HI:N[:log], as in 0.001..1:8:log, found \(quoted(text))"
        guard (2...3).contains(parts.count), let high = Double(parts[0]), let count = Int(parts[1]),
            parts.count == 2 || parts[2] == "log"
        else { throw SweepAxis.mistake(key, example) }
        guard (2...10_000).contains(count) else {
            throw SweepAxis.mistake(key, "expected 2 to 10000 values, found \(count)")
        }
        guard low.isFinite, high.isFinite, low != high else {
            throw SweepAxis.mistake(key, "a range needs two different numbers, found \(quoted(text))")
        }
        isLogarithmic = parts.count == 3
        guard !isLogarithmic || (low > 0 && high > 0) else {
            throw SweepAxis.mistake(key, "a logarithmic range needs numbers above 0, found \(quoted(text))")
        }
        (self.low, self.high, self.count) = (low, high, count)
    }

    /// Values between the ends have six significant digits, so that they read well and can be typed. Where only whole
    /// numbers fit they are rounded, and those that then are the same stand once.
    func values(whole: Bool) -> [JSON] {
        var values: [Double] = []
        for index in 0..<count {
            let part = Double(index) / Double(count - 1)
            // Neither the ends' difference nor their quotient need be numbers that there are.
            var value =
                isLogarithmic ? exp(log(low) * (1 - part) + log(high) * part) : low * (1 - part) + high * part
            if index == 0 { value = low }
            if index == count - 1 { value = high }
            if whole { value = value.rounded() } else if index > 0, index < count - 1 { value = Self.short(value) }
            if value != values.last { values.append(value) }
        }
        return values.map { .number($0) }
    }

    /// Six significant digits.
    private static func short(_ value: Double) -> Double {
        // A number for whose digits there is no power of ten stays as it is.
        guard value.isNormal, abs(value) < 1e300, abs(value) > 1e-290 else { return value }
        let power = 5 - Int(log10(abs(value)).rounded(.down))
        // Powers of ten are exact up to 10^22; dividing by one gives the nearest number to the decimal.
        return power >= 0
            ? (value * pow(10, Double(power))).rounded() / pow(10, Double(power))
            : (value / pow(10, Double(-power))).rounded() * pow(10, Double(-power))
    }
}
