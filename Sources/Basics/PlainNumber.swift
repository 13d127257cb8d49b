/// A finite number as JSON and messages write it: "3" for 3.0, "1e-5" for 1e-05.
public func plainNumber(_ value: Double) -> String {
    if value == value.rounded(), abs(value) <= 0x1p53 { return value == 0 ? "0" : String(Int64(value)) }
    let text = "\(value)"
    guard let split = text.firstIndex(of: "e") else { return text }
    var mantissa = text[..<split]
    if mantissa.hasSuffix(".0") { mantissa = mantissa.dropLast(2) }
    let exponent = text[text.index(after: split)...]
    let digits = exponent.drop { $0 == "+" || $0 == "-" }.drop { $0 == "0" }
    return mantissa + "e" + (exponent.hasPrefix("-") ? "-" : "") + digits
}
