/// The one place that decides how text from outside is shown: from files, links, arguments and devices. A control
/// character could steer a terminal, and a bidirectional one could turn what stands beside it around: neither is ever
/// shown as it is.

/// The scalar itself, or its visible substitute: "␛" for a C0 control, "�" for a C1 control, a line or paragraph
/// separator, a bidirectional mark or another character without a shape. One cell wide, as is what it stands for.
public func visible(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    let value = scalar.value
    if value >= 0x20 && value < 0x7F { return scalar }
    if value < 0x20 { return Unicode.Scalar(0x2400 + value)! }
    if value == 0x7F { return "\u{2421}" }
    // Letters, and the signs that screens are drawn with.
    if value >= 0xA0 && value < 0x300 || value >= 0x2070 && value < 0x3000 { return scalar }
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: return "\u{FFFD}"
    // The soft hyphen and the joiners only shape the letters beside them.
    case .format where value != 0xAD && value != 0x200C && value != 0x200D: return "\u{FFFD}"
    default: return scalar
    }
}

/// Text on one line without control characters.
public func visibleText(_ text: some StringProtocol) -> String {
    var shown = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { shown.append(visible(scalar)) }
    return String(shown)
}

/// Text of several lines without any control characters but the line feeds between them.
public func visibleLines(_ text: some StringProtocol) -> String {
    var shown = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { shown.append(scalar == "\n" ? scalar : visible(scalar)) }
    return String(shown)
}

/// The most characters that a message quotes of what it found.
public let mostQuoted = 60

/// The most characters of a key path or an argument that a message names as the place of a mistake.
public let mostNamed = 120

/// Visible text of at most `limit` characters; "…" stands for the rest.
public func shortened(_ text: some StringProtocol, to limit: Int = mostQuoted) -> String {
    let scalars = text.unicodeScalars
    guard let end = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex),
        end < scalars.endIndex
    else { return visibleText(text) }
    return visibleText(text[..<end]) + "…"
}

/// Text from outside as a message quotes it: visible, in quotes, at most sixty characters.
public func quoted(_ text: some StringProtocol) -> String { "“\(shortened(text))”" }

/// The first of many names, as a message offers them.
public func listed(_ names: [String]) -> String {
    var shown: [String] = []
    var length = 0
    for name in names.prefix(30) where length < 400 {
        shown.append(shortened(name))
        length += shown[shown.count - 1].unicodeScalars.count + 2
    }
    return shown.joined(separator: ", ") + (shown.count < names.count ? ", … (\(names.count) in all)" : "")
}
