#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A language by its code: "de", or with a country "pt_BR".
public struct Language: Sendable, Hashable {
    public var code: String

    public init(_ code: String) { self.code = code }

    /// The user's languages, the best first, as gettext finds them: `LC_ALL`, `LC_MESSAGES` or `LANG` names a locale, and
    /// where that is not C, `LANGUAGE` may name others in its place, apart by colons.
    /// - Returns: without English, which all lessons have; what comes behind it is not wanted.
    public static func wanted(in environment: (String) -> String?) -> [Language] {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].compactMap(environment).first { !$0.isEmpty } ?? ""
        guard let own = Language(locale: locale) else { return [] }
        let wanted = (environment("LANGUAGE") ?? "").split(separator: ":").compactMap { Language(locale: String($0)) }
        var languages: [Language] = []
        for language in wanted.isEmpty ? [own] : wanted {
            // A country's own texts come before those of its language.
            for code in [language.code, String(language.code.prefix { $0 != "_" })] {
                if code == "en" || code.hasPrefix("en_") { return languages }
                if !languages.contains(Language(code)) { languages.append(Language(code)) }
            }
        }
        return languages
    }

    /// Those of the program's environment.
    public static let preferred: [Language] = wanted { name in getenv(name).map { String(cString: $0) } }

    /// "de_AT" of "de_AT.UTF-8@euro"; nil: no language is named.
    private init?(locale: String) {
        let code = locale.prefix { $0 != "." && $0 != "@" }
        guard !["", "C", "POSIX"].contains(code),
            code.allSatisfy({ $0.isASCII && ($0.isLetter || $0 == "_" || $0 == "-") })
        else { return nil }
        self.init(String(code.map { $0 == "-" ? "_" : $0 }))
    }
}
