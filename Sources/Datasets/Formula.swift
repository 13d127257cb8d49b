import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A step of a formula in postfix: operands come before what is done with them.
public enum FormulaStep: Sendable, Hashable {
    case number(Double)
    /// A column by its index.
    case column(Int)
    /// An operator or a function by its name, of the last operands.
    case function(String, operands: Int)
}

/// A formula of named columns, compiled to postfix: numbers, columns, + − * / ^, |…|, parentheses and functions.
struct Formula: Sendable {
    enum Operation: Sendable {
        case number(Double)
        case column(Int)
        case negate, add, subtract, multiply, divide, power
        case call(FormulaFunction)
        case call2(FormulaFunction2)
    }

    private(set) var program: [Operation] = []
    /// The same for programs that compute it elsewhere.
    var steps: [FormulaStep] {
        program.map { step in
            switch step {
            case .number(let value): .number(value)
            case .column(let index): .column(index)
            case .negate: .function("negate", operands: 1)
            case .add: .function("add", operands: 2)
            case .subtract: .function("subtract", operands: 2)
            case .multiply: .function("multiply", operands: 2)
            case .divide: .function("divide", operands: 2)
            case .power: .function("power", operands: 2)
            case .call(let function): .function(function.name, operands: 1)
            case .call2(let function): .function(function.name, operands: 2)
            }
        }
    }
    /// The names of all functions and operators in `steps`.
    static let functionNames =
        ["negate", "add", "subtract", "multiply", "divide", "power"] + FormulaFunction.all.map(\.name).sorted()
        + FormulaFunction2.named.keys.sorted()
    /// The columns that occur.
    private(set) var used: Set<Int> = []

    /// - Throws: what was expected and found, with the column in the formula.
    /// - Parameter noun: the word for a column in messages.
    init(_ text: String, columns: ColumnPlaces, place: String, noun: String = "column") throws(DataError) {
        var parser = Parser(text, columns: columns, place: place, noun: noun)
        try parser.skipSpace()
        try parser.sum(depth: 0)
        guard parser.atEnd else { throw parser.error("expected an operator or the end") }
        program = parser.program
        used = parser.used
    }

    /// The column that the formula is, as in "`sex=male`"; nil for any other.
    var column: Int? {
        if program.count == 1, case .column(let index) = program[0] { return index }
        return nil
    }

    /// The value at one row.
    /// - Parameter column: the value of a column by its index.
    func evaluate(_ column: (Int) -> Double) -> Double {
        var stack: [Double] = []
        func binary(_ operation: (Double, Double) -> Double) {
            let right = stack.removeLast()
            stack[stack.count - 1] = operation(stack[stack.count - 1], right)
        }
        for step in program {
            switch step {
            case .number(let value): stack.append(value)
            case .column(let index): stack.append(column(index))
            case .negate: stack[stack.count - 1].negate()
            case .add: binary(+)
            case .subtract: binary(-)
            case .multiply: binary(*)
            case .divide: binary(/)
            case .power: binary(pow)
            case .call(let function): stack[stack.count - 1] = function.value(stack[stack.count - 1])
            case .call2(let function): binary(function.value)
            }
        }
        return stack[0]
    }

    /// Recursive descent, its depth bounded.
    private struct Parser {
        private let text: [Unicode.Scalar]
        private let original: String
        private let columns: ColumnPlaces
        private let place: String
        private var at = 0
        var program: [Operation] = []
        var used: Set<Int> = []

        private let noun: String
        /// The noun of names that are given together with their values.
        private static let variable = "variable"

        init(_ text: String, columns: ColumnPlaces, place: String, noun: String) {
            self.noun = noun
            original = text
            self.text = Array(text.unicodeScalars)
            self.columns = columns
            self.place = place
        }

        var atEnd: Bool { at >= text.count }
        private var next: Unicode.Scalar? { at < text.count ? text[at] : nil }

        func error(_ expected: String) -> DataError {
            let found = next.map { "found \(quoted(String($0)))" } ?? "found the end"
            return DataError(
                .malformed, place: place, message: "\(quoted(original)), column \(at + 1): \(expected), \(found)")
        }

        mutating func skipSpace() throws(DataError) {
            guard text.count <= 1000 else {
                throw DataError(
                    .malformed, place: place, message: "expected at most 1000 characters, found \(text.count)")
            }
            while let scalar = next, scalar == " " || scalar == "\t" { at += 1 }
        }

        private mutating func take(_ scalars: Unicode.Scalar...) throws(DataError) -> Unicode.Scalar? {
            guard let scalar = next, scalars.contains(scalar) else { return nil }
            at += 1
            try skipSpace()
            return scalar
        }

        mutating func sum(depth: Int) throws(DataError) {
            guard depth < 100 else { throw error("expected at most 100 levels of parentheses") }
            try product(depth: depth)
            while let sign = try take("+", "-", "−") {
                try product(depth: depth)
                program.append(sign == "+" ? .add : .subtract)
            }
        }

        private mutating func product(depth: Int) throws(DataError) {
            try signed(depth: depth)
            while let sign = try take("*", "·", "×", "/") {
                try signed(depth: depth)
                program.append(sign == "/" ? .divide : .multiply)
            }
        }

        /// A minus binds less than a power: −x² is −(x²).
        private mutating func signed(depth: Int) throws(DataError) {
            guard depth < 100 else { throw error("expected at most 100 signs and parentheses") }
            if try take("-", "−") != nil {
                try signed(depth: depth + 1)
                program.append(.negate)
            } else if try take("+") != nil {
                try signed(depth: depth + 1)
            } else {
                try power(depth: depth)
            }
        }

        private mutating func power(depth: Int) throws(DataError) {
            try atom(depth: depth)
            while let exponent = try take("²", "³") {
                program += [.number(exponent == "²" ? 2 : 3), .power]
            }
            if try take("^") != nil {
                try signed(depth: depth + 1)
                program.append(.power)
            }
        }

        private mutating func atom(depth: Int) throws(DataError) {
            guard let scalar = next else { throw error("expected a number, a variable or \"(\"") }
            if try take("(") != nil {
                try sum(depth: depth + 1)
                guard try take(")") != nil else { throw error("expected \")\"") }
            } else if try take("|") != nil {
                try sum(depth: depth + 1)
                guard try take("|") != nil else { throw error("expected \"|\"") }
                program.append(.call(.abs))
            } else if ("0"..."9").contains(scalar) || scalar == "." {
                try number()
            } else if scalar == "`" {
                try quotedColumn()
            } else if scalar.properties.isAlphabetic || scalar == "_" {
                try name(depth: depth)
            } else {
                throw error("expected a number, a variable or \"(\"")
            }
        }

        private mutating func digits() {
            while let digit = next, ("0"..."9").contains(digit) { at += 1 }
        }

        private mutating func number() throws(DataError) {
            let start = at
            digits()
            if next == "." {
                at += 1
                digits()
            }
            if next == "e" || next == "E" {
                let mark = at
                at += 1
                if next == "+" || next == "-" { at += 1 }
                if let digit = next, ("0"..."9").contains(digit) { digits() } else { at = mark }
            }
            var word = ""
            word.unicodeScalars.append(contentsOf: text[start..<at])
            guard let value = Double(word) ?? Double("0" + word), value.isFinite else {
                at = start
                throw error("expected a number")
            }
            program.append(.number(value))
            try skipSpace()
        }

        private mutating func quotedColumn() throws(DataError) {
            let start = at
            at += 1
            var word = ""
            // A backtick in a name is written twice.
            while let scalar = next, scalar != "`" || (at + 1 < text.count && text[at + 1] == "`") {
                word.unicodeScalars.append(scalar)
                at += scalar == "`" ? 2 : 1
            }
            guard next == "`" else { throw error("expected a closing \"`\"") }
            at += 1
            guard let index = columns[word] else {
                throw DataError(
                    .malformed, place: place,
                    message: "\(quoted(original)), column \(start + 1): expected one of the \(noun)s "
                        + "\(listed(columns.names)), found \(quoted(word))" + offer(word, among: columns.names))
            }
            push(index)
            try skipSpace()
        }

        private mutating func push(_ column: Int) {
            program.append(.column(column))
            used.insert(column)
        }

        private mutating func name(depth: Int) throws(DataError) {
            let start = at
            var word = ""
            while let scalar = next, scalar.properties.isAlphabetic || scalar == "_" || ("0"..."9").contains(scalar) {
                word.unicodeScalars.append(scalar)
                at += 1
            }
            try skipSpace()
            if let index = columns[word] { return push(index) }
            if word == "pi" || word == "π" { return program.append(.number(.pi)) }
            if word == "e" { return program.append(.number(M_E)) }
            if let function = FormulaFunction.named[word] {
                try argument(of: word, depth: depth)
                guard try take(")") != nil else { throw error("expected \")\"") }
                program.append(.call(function))
            } else if let function = FormulaFunction2.named[word] {
                try argument(of: word, depth: depth)
                guard try take(",") != nil else { throw error("expected \",\" and a second value for \(word)") }
                try sum(depth: depth + 1)
                guard try take(")") != nil else { throw error("expected \")\"") }
                program.append(.call2(function))
            } else {
                at = start
                let known = columns.names + FormulaFunction.named.keys.sorted() + ["min", "max", "pi"]
                throw DataError(
                    .malformed, place: place,
                    message: "\(quoted(original)), column \(start + 1): expected a \(noun) "
                        + "(\(columns.names.isEmpty ? "none is given" : listed(columns.names))) or a function, found \(quoted(word))"
                        + (noun == Self.variable
                            ? "; a variable needs a value behind the formula: \(shortened(word))=1"
                            : offer(word, among: known)))
            }
        }

        private mutating func argument(of word: String, depth: Int) throws(DataError) {
            guard try take("(") != nil else { throw error("expected \"(\" after \(word)") }
            try sum(depth: depth + 1)
        }
    }
}
