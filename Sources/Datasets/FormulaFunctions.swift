#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A function of one value in formulas, with its derivative.
struct FormulaFunction: Sendable {
    let name: String
    /// Other names that formulas may use.
    var also: [String] = []
    let value: @Sendable (Double) -> Double
    /// dy/dx of x and y.
    let derivative: @Sendable (_ x: Double, _ y: Double) -> Double
    /// The derivative as it is written, of the names of x and y.
    let derivativeText: @Sendable (_ x: String, _ y: String) -> String

    static let abs = FormulaFunction(name: "abs") {
        Swift.abs($0)
    } derivative: { x, _ in
        x > 0 ? 1 : x < 0 ? -1 : 0
    } derivativeText: { x, _ in
        "sign \(x)"
    }

    static let all: [FormulaFunction] = [
        FormulaFunction(name: "sin") {
            sin($0)
        } derivative: { x, _ in
            cos(x)
        } derivativeText: { x, _ in
            "cos \(x)"
        },
        FormulaFunction(name: "cos") {
            cos($0)
        } derivative: { x, _ in
            -sin(x)
        } derivativeText: { x, _ in
            "−sin \(x)"
        },
        FormulaFunction(name: "tan") {
            tan($0)
        } derivative: { _, y in
            1 + y * y
        } derivativeText: { _, y in
            "(1 + \(y)²)"
        },
        FormulaFunction(name: "tanh") {
            tanh($0)
        } derivative: { _, y in
            1 - y * y
        } derivativeText: { _, y in
            "(1 − \(y)²)"
        },
        FormulaFunction(name: "exp") {
            exp($0)
        } derivative: { _, y in
            y
        } derivativeText: { _, y in
            y
        },
        FormulaFunction(name: "log", also: ["ln"]) {
            log($0)
        } derivative: { x, _ in
            1 / x
        } derivativeText: { x, _ in
            "1/\(x)"
        },
        FormulaFunction(name: "sqrt") {
            sqrt($0)
        } derivative: { _, y in
            1 / (2 * y)
        } derivativeText: { _, y in
            "1/(2 \(y))"
        },
        abs,
        FormulaFunction(name: "asinh") {
            asinh($0)
        } derivative: { x, _ in
            1 / sqrt(x * x + 1)
        } derivativeText: { x, _ in
            "1/√(\(x)² + 1)"
        },
        FormulaFunction(name: "sign") {
            $0 > 0 ? 1 : $0 < 0 ? -1 : 0
        } derivative: { _, _ in
            0
        } derivativeText: { _, _ in
            "0"
        },
        FormulaFunction(name: "sigmoid") {
            1 / (1 + exp(-$0))
        } derivative: { _, y in
            y * (1 - y)
        } derivativeText: { _, y in
            "\(y)(1 − \(y))"
        },
        FormulaFunction(name: "relu") {
            max(0, $0)
        } derivative: { x, _ in
            x > 0 ? 1 : 0
        } derivativeText: { x, _ in
            "1 if \(x) > 0"
        },
    ]

    /// By all their names.
    static let named = Dictionary(
        uniqueKeysWithValues: all.flatMap { function in ([function.name] + function.also).map { ($0, function) } })
}

/// A function of two values in formulas. Its derivative is 1 for the value that it takes and 0 for the other.
struct FormulaFunction2: Sendable {
    let name: String
    let value: @Sendable (Double, Double) -> Double

    static let all: [FormulaFunction2] = [
        FormulaFunction2(name: "min") { min($0, $1) }, FormulaFunction2(name: "max") { max($0, $1) },
    ]

    static let named = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}
