/// The meaning of a cell's text.
enum CellText {
    struct Meaning {
        var kind: CellReader.Kind
        var number = 0.0
        var hasFraction = false
        var isGrouped = false
        /// The sign beside it.
        var unit: Unit?
    }

    /// A sign beside a number that leaves it a number: "$1,000", "12,50 €", "5 %".
    enum Unit: String, Sendable { case percent = "%", dollar = "$", euro = "€", pound = "£", yen = "¥" }

    /// - Parameter decimal: the decimal sign; the other one of "." and "," may stand between groups of three digits.
    static func kind(_ text: UnsafeBufferPointer<UInt8>, decimal: UInt8) -> Meaning {
        let text = trimmed(text)
        if isMissing(text) { return Meaning(kind: .missing) }
        if text.count == 1, text[0] == UInt8(ascii: "?") || text[0] == UInt8(ascii: "-") { return Meaning(kind: .mark) }
        if let number = number(text, decimal: decimal) {
            return Float(number.number).isFinite ? number : Meaning(kind: .infinite)
        }
        return Meaning(kind: isInfinity(text) ? .infinite : .text)
    }

    private static func isInfinity(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard text.count <= 9 else { return false }
        var word = lowercased(text)
        if word.first == UInt8(ascii: "-") || word.first == UInt8(ascii: "+") { word.removeFirst() }
        return equals(word, "inf") || equals(word, "infinity")
    }

    static func trimmed(_ text: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
        var (start, end) = (0, text.count)
        while start < end, isBlank(text[start]) { start += 1 }
        while end > start, isBlank(text[end - 1]) { end -= 1 }
        return UnsafeBufferPointer(rebasing: text[start..<end])
    }

    /// Nothing, NA, N/A, nan, null, or a spreadsheet's error.
    private static func isMissing(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        switch text.count {
        case 0: return true
        case 2: return equals(text, "NA")
        case 3: return equals(text, "N/A") || equals(text, "n/a") || equals(lowercased(text), "nan")
        case 4: return equals(lowercased(text), "null") || equals(text, "#N/A")
        default:
            guard text[0] == UInt8(ascii: "#") else { return false }
            return equals(text, "#DIV/0!") || equals(text, "#VALUE!") || equals(text, "#REF!") || equals(text, "#NUM!")
                || equals(text, "#NAME?") || equals(text, "#NULL!")
        }
    }

    private static func lowercased(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        text.map { (65...90).contains($0) ? $0 | 0x20 : $0 }
    }

    private static func equals(_ text: some Sequence<UInt8>, _ word: StaticString) -> Bool {
        text.elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    /// true and false in any case.
    static func boolean(_ text: [UInt8]) -> Bool? {
        text.withUnsafeBufferPointer { text in
            if text.count == 4, equals(lowercased(text), "true") { return true }
            return text.count == 5 && equals(lowercased(text), "false") ? false : nil
        }
    }

    /// The unit at the beginning of some bytes in UTF-8 or Windows-1252, and its length.
    private static func unit(_ byte: (Int) -> UInt8, at p: Int) -> (unit: Unit, length: Int)? {
        switch (byte(p), byte(p + 1), byte(p + 2)) {
        case (UInt8(ascii: "%"), _, _): (.percent, 1)
        case (UInt8(ascii: "$"), _, _): (.dollar, 1)
        case (0xE2, 0x82, 0xAC): (.euro, 3)
        case (0xC2, 0xA3, _): (.pound, 2)
        case (0xC2, 0xA5, _): (.yen, 2)
        case (0x80, _, _): (.euro, 1)
        case (0xA3, _, _): (.pound, 1)
        case (0xA5, _, _): (.yen, 1)
        default: nil
        }
    }

    /// The length of a blank: a space, or one that does not break, in UTF-8 or Windows-1252; 0: there is none.
    private static func blank(_ byte: (Int) -> UInt8, at p: Int) -> Int {
        switch (byte(p), byte(p + 1), byte(p + 2)) {
        case (0x20, _, _), (0xA0, _, _): 1
        case (0xC2, 0xA0, _): 2
        case (0xE2, 0x80, 0xAF), (0xE2, 0x80, 0x89): 3
        default: 0
        }
    }

    /// An optional sign, digits, perhaps in groups of three, a decimal sign and digits, an exponent: "-1,234.5e3". A unit may
    /// stand before it or behind it. No hexadecimal numbers, no names.
    static func number(_ text: UnsafeBufferPointer<UInt8>, decimal: UInt8) -> Meaning? {
        var p = 0
        func byte(_ p: Int) -> UInt8 { p < text.count ? text[p] : 0 }
        var digits: [UInt8] = []
        var meaning = Meaning(kind: .number)
        func takeSign() {
            guard digits.isEmpty else { return }
            if byte(p) == UInt8(ascii: "-") || byte(p) == UInt8(ascii: "+") {
                digits.append(byte(p))
                p += 1
            } else if byte(p) == 0xE2, byte(p + 1) == 0x88, byte(p + 2) == 0x92 {
                digits.append(UInt8(ascii: "-"))
                p += 3
            }
        }
        takeSign()
        if let (unit, length) = unit(byte, at: p), unit != .percent {
            meaning.unit = unit
            p += length
            p += blank(byte, at: p)
            takeSign()
        }
        guard byte(p) &- 48 <= 9 || byte(p) == decimal else { return nil }
        let first = byte(p)
        func takeDigits() -> Int {
            let start = p
            while byte(p) &- 48 <= 9 {
                digits.append(byte(p))
                p += 1
            }
            return p - start
        }
        var count = takeDigits()
        // "1.234", "1 234", "1'234"; never "0.234".
        let comma = decimal == UInt8(ascii: ",") ? UInt8(ascii: ".") : UInt8(ascii: ",")
        func separator(at p: Int) -> Int {
            let length = byte(p) == comma || byte(p) == UInt8(ascii: "'") ? 1 : blank(byte, at: p)
            return length > 0 && byte(p + length) &- 48 <= 9 ? length : 0
        }
        if (1...3).contains(count), first != UInt8(ascii: "0"), case let length = separator(at: p), length > 0 {
            let mark = byte(p)
            meaning.isGrouped = true
            while byte(p) == mark, separator(at: p) == length {
                p += length
                guard takeDigits() == 3 else { return nil }
            }
        }
        if byte(p) == decimal {
            p += 1
            digits.append(UInt8(ascii: "."))
            let decimals = takeDigits()
            meaning.hasFraction = decimals > 0
            count += decimals
        }
        guard count > 0 else { return nil }
        if byte(p) | 0x20 == UInt8(ascii: "e") {
            p += 1
            digits.append(UInt8(ascii: "e"))
            if byte(p) == UInt8(ascii: "-") || byte(p) == UInt8(ascii: "+") {
                digits.append(byte(p))
                p += 1
            }
            guard takeDigits() > 0 else { return nil }
        }
        if p < text.count, meaning.unit == nil, case let place = p + blank(byte, at: p),
            let (unit, length) = unit(byte, at: place)
        {
            meaning.unit = unit
            p = place + length
        }
        guard p == text.count, let value = Double(String(decoding: digits, as: UTF8.self)) else { return nil }
        meaning.number = value
        return meaning
    }

    // MARK: - Encodings

    static func isUTF8(_ text: [UInt8]) -> Bool { String(validating: text, as: UTF8.self) != nil }

    /// Where the bytes from 0x80 to 0x9F stand in Unicode; the five that Windows-1252 leaves out stay as they are.
    private static let windows1252: [UInt32] = [
        0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,
        0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
        0x0153, 0x9D, 0x017E, 0x0178,
    ]

    static func decoded(_ text: [UInt8], isUTF8: Bool) -> String {
        if isUTF8 { return String(decoding: text, as: UTF8.self) }
        var string = String.UnicodeScalarView()
        for byte in text {
            let code = (0x80..<0xA0).contains(byte) ? windows1252[Int(byte) - 0x80] : UInt32(byte)
            string.append(Unicode.Scalar(code) ?? "\u{FFFD}")
        }
        return String(string)
    }
}
