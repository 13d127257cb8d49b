import Engine

/// Finds the fragment that a link to the page carries, whatever others have made of the link: HTML's `&amp;`, "?" in
/// place of "#", percent-encoding once or twice, and the wrappers of mail filters and search engines, which carry the
/// link as a value of their own query or in their path.
enum LinkText {
    /// Whether text is meant as a link and not as a name or a path.
    static func looksLikeLink(_ text: String) -> Bool {
        let link = cleaned(text)
        if hasScheme(link) || hasEncodedScheme(link) || link == "#" || isPage(link) { return true }
        guard let mark = link.firstIndex(where: { $0 == "#" || $0 == "?" }) else { return false }
        let rest = link[link.index(after: mark)...]
        if link[mark] == "#" { return rest.contains("=") || rest.lowercased().contains("%3d") }
        // A file's name may have a question mark, too.
        if mark == link.startIndex { return hasKnownKey(rest) }
        return rest.split(separator: "=").contains { hasScheme($0) || hasEncodedScheme($0) }
    }

    /// The text behind the "#" of the page's link: empty for the page's bare address; nil where neither a key of the page
    /// nor the bare address is found.
    static func fragment(of link: String) -> Substring? {
        let link = cleaned(link)
        var left = mostLooks
        if let found = settings(in: link, looks: &left) { return found }
        if link == "#" || link.isEmpty { return "" }
        // A wrapped bare address is one, too.
        return isBareAddress(link) || wrapped(in: link).contains { isBareAddress(cleaned(unescaped($0))) } ? "" : nil
    }

    /// Links within a link that are looked at: more than filters put into one another.
    private static let mostLooks = 32

    private static func settings(in link: String, looks left: inout Int) -> Substring? {
        guard left > 0 else { return nil }
        left -= 1
        let (address, query, fragment) = parts(link)
        if hasKnownKey(fragment) { return fragment }
        for inner in wrapped(in: link) where inner != link {
            if let found = settings(in: cleaned(inner), looks: &left) { return found }
        }
        // "?" in place of "#".
        if hasKnownKey(query), isPage(address) || !hasScheme(address) { return query }
        // Without any mark: ".../dataset=xor&noise=5".
        let path = address.split(separator: "/").last ?? ""
        if isPage(address), hasKnownKey(path) { return path }
        // Encoded as a whole: "/%23dataset%3Dxor", "#dataset%3Dxor".
        let decoded = percentDecoded(link[...], strict: false) ?? link
        return decoded == link ? nil : settings(in: cleaned(decoded), looks: &left)
    }

    /// Address, query and fragment; the marks between belong to none.
    private static func parts(_ link: String) -> (address: Substring, query: Substring, fragment: Substring) {
        let hash = link.firstIndex(of: "#") ?? link.endIndex
        let mark = link[..<hash].firstIndex(of: "?") ?? hash
        return (link[..<mark], link[mark..<hash].dropFirst(), link[hash...].dropFirst())
    }

    /// The links that a link carries in its query or in its path, likeliest first.
    private static func wrapped(in link: String) -> [String] {
        let (address, query, _) = parts(link)
        var found: [String] = []
        for pair in query.split(separator: "&") {
            let value = pair.firstIndex(of: "=").map { pair[pair.index(after: $0)...] } ?? pair
            if hasScheme(value) {
                // Not encoded: all that follows belongs to it.
                found.append(String(link[value.startIndex...]))
                break
            } else if let inner = encodedLink(value) {
                found.append(inner)
            }
        }
        if let inner = proofpointPath(link) { found.append(inner) }
        // ".../web/2020/https://...", ".../RU=https%3a%2f%2f.../"
        let lower = address.lowercased()
        for scheme in ["https://", "http://", "https%3a%2f%2f", "http%3a%2f%2f"] {
            guard let place = lower.ranges(of: scheme).last?.lowerBound, place > lower.startIndex else { continue }
            let offset = lower.unicodeScalars.distance(from: lower.startIndex, to: place)
            let scalars = link.unicodeScalars
            guard let from = scalars.index(scalars.startIndex, offsetBy: offset, limitedBy: scalars.endIndex) else {
                continue
            }
            found.append(String(link[from...].prefix { scheme.contains("%") ? $0 != "/" : true }))
        }
        return found
    }

    /// A link in a value of a query: percent-encoded (as often as it was), in Proofpoint's own encoding, or in base64.
    private static func encodedLink(_ value: Substring) -> String? {
        let decoded = unescaped(String(value))
        if hasScheme(decoded) { return decoded }
        // https-3A__playground.tensorflow.org_-23dataset-3Dxor
        if value.lowercased().hasPrefix("http"), value.contains("-3A__") {
            return unescaped(String(value.map { $0 == "-" ? "%" : $0 == "_" ? "/" : $0 }))
        }
        // "a1aHR0cHM6Ly9..." : "aHR0c" is "http".
        if let place = value.ranges(of: "aHR0c").first?.lowerBound, let text = base64Decoded(value[place...]) {
            return text
        }
        return nil
    }

    /// .../v3/__https://playground.tensorflow.org/*dataset=xor__;Iw!!...: each "*" stands for the next of the characters
    /// behind ";", "**A" for two of them, "**B" for three, and so on.
    private static func proofpointPath(_ link: String) -> String? {
        guard let start = link.ranges(of: "/v3/__").first?.upperBound,
            let end = link[start...].ranges(of: "__;").last
        else { return nil }
        let letters = base64Decoded(link[end.upperBound...].prefix { $0 != "!" }) ?? ""
        let lengths = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        var rest = letters[...]
        var text = ""
        var scan = link[start..<end.lowerBound]
        while let character = scan.popFirst() {
            guard character == "*" else {
                text.append(character)
                continue
            }
            var count = 1
            if scan.first == "*", let length = scan.dropFirst().first.flatMap({ lengths.firstIndex(of: $0) }) {
                count = length + 2
                scan = scan.dropFirst(2)
            }
            text += rest.prefix(count)
            rest = rest.dropFirst(count)
        }
        return text
    }

    // MARK: - Recognizing

    private static func hasScheme(_ text: some StringProtocol) -> Bool {
        let start = text.prefix(8).lowercased()
        return start.hasPrefix("http://") || start.hasPrefix("https://")
    }

    private static func hasEncodedScheme(_ text: some StringProtocol) -> Bool {
        let start = text.prefix(20).lowercased()
        return start.hasPrefix("http") && (start.contains("%3a%2f%2f") || start.contains("%253a%252f%252f"))
    }

    private static func hasKnownKey(_ pairs: Substring) -> Bool {
        pairs.split(separator: "&").contains { pair in
            PlaygroundLink.isKnown(
                percentDecoded(pair.prefix { $0 != "=" }, strict: false) ?? "") && pair.contains("=")
        }
    }

    /// Whether an address, without or with a scheme, is the page's or a copy's.
    private static func isPage(_ link: some StringProtocol) -> Bool {
        var rest = link.lowercased()[...]
        for scheme in ["http://", "https://"] where rest.hasPrefix(scheme) {
            return rest.dropFirst(scheme.count).contains("playground")
        }
        rest = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        return rest.hasSuffix("playground.tensorflow.org")
    }

    /// The page's address without any setting; what counts visitors may stand in it.
    private static func isBareAddress(_ link: String) -> Bool {
        let (address, query, fragment) = parts(link)
        guard fragment.isEmpty, isPage(address), !address.contains(where: { $0 == "=" || $0 == "%" }) else {
            return false
        }
        return query.split(separator: "&").allSatisfy { pair in
            pair.hasPrefix("utm_") || ["fbclid", "gclid", "hl"].contains(pair.prefix { $0 != "=" })
        }
    }

    // MARK: - Decoding

    /// Without what copying leaves around a link, the line breaks of a mail, invisible characters and HTML's entities.
    private static func cleaned(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        var isLineStart = true
        for scalar in text.unicodeScalars {
            let isSpace = scalar.properties.isWhitespace
            if isLineStart, isSpace { continue }
            isLineStart = scalar == "\n" || scalar == "\r"
            switch scalar.properties.generalCategory {
            case .control, .format: continue
            default: scalars.append(scalar)
            }
        }
        let around: Set<Character> = ["<", ">", "\"", "'", "“", "”", "‘", "’", "`"]
        var rest = String(scalars)[...]
        while let first = rest.first, around.contains(first) || first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, around.contains(last) || last.isWhitespace { rest.removeLast() }
        return entitiesDecoded(rest)
    }

    /// `&amp;`, as often as it was escaped, and numbers such as `&#61;` and `&#x3D;`.
    private static func entitiesDecoded(_ text: Substring) -> String {
        let names: [String: Character] = ["amp": "&", "num": "#", "equals": "=", "comma": ",", "quest": "?"]
        var decoded = ""
        var rest = text
        while let character = rest.popFirst() {
            decoded.append(character)
            guard character == "&" else { continue }
            // "&amp;amp;" is "&amp;" escaped once more.
            while true {
                let word = rest.prefix(12).prefix { $0 != ";" }
                guard word.endIndex < rest.endIndex, rest[word.endIndex] == ";" else { break }
                var meant = names[word.lowercased()]
                if word.hasPrefix("#") {
                    let digits = word.dropFirst()
                    let value =
                        digits.lowercased().hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
                    meant = value.flatMap { Unicode.Scalar($0) }.map { Character($0) }
                }
                guard let meant else { break }
                decoded.removeLast()
                decoded.append(meant)
                rest = rest[rest.index(after: word.endIndex)...]
                guard meant == "&" else { break }
            }
        }
        return decoded
    }

    /// Percent-encoding undone until it is a link or there is none left.
    private static func unescaped(_ text: String) -> String {
        var text = text
        for _ in 0..<4 where !hasScheme(text) {
            guard let decoded = percentDecoded(text[...], strict: false), decoded != text else { break }
            text = decoded
        }
        return text
    }

    /// Percent-encoding undone once.
    /// - Parameter strict: nil where a "%" is not followed by two hexadecimal digits; otherwise it stays as it is.
    static func percentDecoded(_ text: Substring, strict: Bool) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2, rest.prefix(2).allSatisfy(isHexadecimal),
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
                continue
            }
            if byte == UInt8(ascii: "%"), strict { return nil }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool { Character(Unicode.Scalar(byte)).isHexDigit }

    /// Base64 with either alphabet, with padding or without; nil for what is no UTF-8 text then.
    private static func base64Decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var (bits, count) = (UInt32(0), 0)
        for byte in text.utf8 {
            let value: UInt8
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = byte - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = byte - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0") + 52
            case UInt8(ascii: "+"), UInt8(ascii: "-"): value = 62
            case UInt8(ascii: "/"), UInt8(ascii: "_"): value = 63
            case UInt8(ascii: "="): continue
            default: return nil
            }
            (bits, count) = (bits << 6 | UInt32(value), count + 6)
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
                bits &= (1 << UInt32(count)) - 1
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

/// The `key=value` pairs of a link's fragment, typed.
struct LinkFields {
    /// In the link's order; the page takes the last of a key that stands twice.
    let all: [(key: String, value: String)]

    init(_ fragment: Substring) throws(ExperimentError) {
        var pairs: [(key: String, value: String)] = []
        for pair in fragment.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = try Self.decode(parts[0])
            pairs.append((key, parts.count > 1 ? try Self.decode(parts[1]) : ""))
        }
        all = pairs
    }

    private static func decode(_ text: Substring) throws(ExperimentError) -> String {
        guard let decoded = LinkText.percentDecoded(text, strict: true) else {
            throw PlaygroundLink.mistake(String(text), "“%” must be followed by two hexadecimal digits")
        }
        return decoded
    }

    /// The value without spaces around it; nil where there is none.
    func value(_ key: String) -> String? {
        guard let value = all.last(where: { $0.key == key })?.value else { return nil }
        let words = value.split(whereSeparator: \.isWhitespace)
        return words.isEmpty ? nil : words.joined(separator: " ")
    }

    func word(_ key: String, of words: [String]) throws(ExperimentError) -> String? {
        guard let value = value(key) else { return nil }
        guard words.contains(value) else {
            throw PlaygroundLink.mistake(
                key, "expected one of \(words.joined(separator: ", ")), found \(quoted(value))")
        }
        return value
    }

    func toggle(_ key: String) throws(ExperimentError) -> Bool? {
        try word(key, of: ["true", "false"]).map { $0 == "true" }
    }

    func number(_ key: String, in range: ClosedRange<Double>) throws(ExperimentError) -> Double? {
        guard let value = value(key) else { return nil }
        guard let number = Double(value), range.contains(number) else {
            let bounds = "\(JSONPrinter.number(range.lowerBound)) to \(JSONPrinter.number(range.upperBound))"
            throw PlaygroundLink.mistake(key, "expected a number from \(bounds), found \(quoted(value))")
        }
        return number
    }

    func integer(_ key: String, in range: ClosedRange<Int>) throws(ExperimentError) -> Int? {
        guard let value = value(key) else { return nil }
        guard let number = Double(value), number == number.rounded(), let whole = Int(exactly: number),
            range.contains(whole)
        else {
            throw PlaygroundLink.mistake(
                key,
                "expected a whole number from \(range.lowerBound) to \(range.upperBound), found \(quoted(value))")
        }
        return whole
    }

    /// The units of the hidden layers; `networkShape=` alone is a network without any.
    func shape() throws(ExperimentError) -> [Int]? {
        guard let text = all.last(where: { $0.key == "networkShape" })?.value else { return nil }
        guard text.contains(where: { !$0.isWhitespace }) else { return [] }
        var units: [Int] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let digits = part.filter { !$0.isWhitespace }
            guard let count = Int(digits), (1...4096).contains(count) else {
                throw PlaygroundLink.mistake(
                    "networkShape",
                    "expected whole numbers from 1 to 4096 with commas between, found \(quoted(text))")
            }
            units.append(count)
        }
        return units
    }

    var seed: UInt64? { value("seed").map(PlaygroundSeed.number) }
}
