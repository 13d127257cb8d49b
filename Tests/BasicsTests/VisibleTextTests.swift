import Testing

@testable import Basics

struct VisibleTextTests {
    @Test("no control character and no bidirectional one is shown as it is")
    func substitutes() {
        var hidden = Array(0...0x1F) + Array(0x7F...0x9F)
        hidden += [0x200E, 0x200F, 0x061C, 0x2028, 0x2029] + Array(0x202A...0x202E) + Array(0x2066...0x2069)
        for value in hidden {
            let scalar = Unicode.Scalar(value)!
            let shown = visible(scalar)
            #expect(shown != scalar && visible(shown) == shown, "U+\(String(value, radix: 16))")
        }
        #expect(visibleText("a\u{1B}[31m\u{9B}2J\u{202E}b\n") == "a␛[31m�2J�b␊")
        #expect(visibleLines("a\n\tb") == "a\n␉b")
    }

    @Test("everything else is shown as it is")
    func others() {
        let text = "x₁·x₂ ≤ ½ — länge, 日本語, 👩‍💻, e\u{301}, کلمه\u{200C}ها"
        #expect(visibleText(text) == text)
    }

    @Test("a message quotes at most sixty characters")
    func length() {
        #expect(quoted("abc") == "“abc”")
        #expect(quoted(String(repeating: "x", count: 60)).unicodeScalars.count == 62)
        #expect(quoted(String(repeating: "x", count: 61)) == "“\(String(repeating: "x", count: 60))…”")
        #expect(shortened(String(repeating: "\u{1B}", count: 100), to: 3) == "␛␛␛…")
        #expect(listed(["a", "b"]) == "a, b")
        #expect(listed((0..<1000).map(String.init)).hasSuffix("29, … (1000 in all)"))
        #expect(listed(Array(repeating: String(repeating: "x", count: 100), count: 30)).unicodeScalars.count < 500)
    }
}
