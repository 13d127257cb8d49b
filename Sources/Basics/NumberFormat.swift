// Numbers as text for people, without Foundation's formatter; `plainNumber` writes those that could be typed. The minus sign is
// U+2212; the ASCII ladder turns it into "-".

/// A number with so many digits after the point: `formatFixed(-1.25, decimals: 1)` is "−1.2" (halves to even).
/// Not finite: "–" (no screen shows a bare NaN) and "∞".
public func formatFixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "–" : value < 0 ? "−∞" : "∞" }
    let decimals = min(max(decimals, 0), 15)
    var power = 1.0
    for _ in 0..<decimals { power *= 10 }
    let scaled = (abs(value) * power).rounded(.toNearestOrEven)
    // Beyond 2^53 a Double has no digits behind the point, and beyond 2^63 no place in an Int.
    guard scaled < 9.0e18 else { return formatScientific(value, digits: 3) }
    let whole = Int(scaled)
    let divisor = Int(power)
    var text = formatCount(whole / divisor)
    if decimals > 0 {
        let fraction = String(whole % divisor)
        text += "." + String(repeating: "0", count: decimals - fraction.count) + fraction
    }
    return value < 0 && whole != 0 ? "−" + text : text
}

/// A whole number with thousands separators: "6,500".
public func formatCount(_ value: Int) -> String {
    var text = ""
    var rest = String(value.magnitude)[...]
    while rest.count > 3 {
        text = "," + rest.suffix(3) + text
        rest = rest.dropLast(3)
    }
    return (value < 0 ? "−" : "") + rest + text
}

/// A number with so many significant digits, as short as reads well: "0.0003", "0.5", "12.3", "6,500", "3.2e7", "1e−7".
public func formatNumber(_ value: Double, digits: Int = 3) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : formatFixed(value, decimals: 0) }
    let exponent = decimalExponent(value, digits: digits)
    if exponent < -5 || exponent > 6 { return formatScientific(value, digits: digits) }
    let text = formatFixed(value, decimals: max(0, digits - 1 - exponent))
    guard text.contains(".") else { return text }
    var end = text[...]
    while end.last == "0" { end = end.dropLast() }
    if end.last == "." { end = end.dropLast() }
    return String(end)
}

/// A setting's value: a whole number with all its digits, others in seven.
public func formatSetting(_ value: Double) -> String {
    value == value.rounded() && abs(value) <= 0x1p53 ? formatCount(Int(value)) : formatNumber(value, digits: 7)
}

/// A large number with a unit prefix, three digits: "850", "6.5 k", "1.1 M", "12 G". Below 1,000 it has no fraction, or
/// one digit below 10.
public func formatShort(_ value: Double) -> String {
    guard value.isFinite else { return formatFixed(value, decimals: 0) }
    var scaled = abs(value)
    var prefix = 0
    let prefixes = ["", " k", " M", " G", " T", " P"]
    while scaled >= 999.5 && prefix < prefixes.count - 1 {
        scaled /= 1000
        prefix += 1
    }
    let whole = scaled == scaled.rounded() && prefix == 0
    let text = formatFixed(scaled, decimals: scaled < 9.95 && !whole ? 1 : 0) + prefixes[prefix]
    return value < 0 ? "−" + text : text
}

/// A finite number other than 0 as a power of ten: "3e−4".
public func formatScientific(_ value: Double, digits: Int) -> String {
    guard value.isFinite, value != 0 else { return formatFixed(value, decimals: 0) }
    let exponent = decimalExponent(value, digits: digits)
    var size = value
    for _ in 0..<abs(exponent) { size = exponent > 0 ? size / 10 : size * 10 }
    return formatNumber(size, digits: digits) + "e" + (exponent < 0 ? "−" : "") + String(abs(exponent))
}

/// The exponent of the first digit after rounding to `digits`: 2 for 123, −4 for 0.0003, 1 for 9.99 with two digits.
private func decimalExponent(_ value: Double, digits: Int) -> Int {
    var exponent = 0
    var size = abs(value)
    while size >= 10 {
        size /= 10
        exponent += 1
    }
    while size < 1 {
        size *= 10
        exponent -= 1
    }
    var half = 5.0
    for _ in 0..<max(1, digits) { half /= 10 }
    return size + half >= 10 ? exponent + 1 : exponent
}
