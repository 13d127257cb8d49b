import Testing

@testable import TerminalKit

@Suite("What a terminal sends")
struct InputDecoderTests {
    /// Sends pieces with a silence between them.
    private func decode(
        _ pieces: [String], milliseconds silence: Int = 70, expectsAnswer: Bool = true
    ) -> [InputDecoder.Result] {
        var tokens: [InputToken?] = Array(
            pieces.map { $0.unicodeScalars.map { InputToken.character($0) as InputToken? } }.joined(separator: [nil]))
        var decoder = InputDecoder(read: { milliseconds in
            if tokens.first == .some(nil) {
                tokens.removeFirst()
                if milliseconds < silence { return nil }
            }
            return tokens.isEmpty ? nil : tokens.removeFirst()
        })
        decoder.expectsAnswer = expectsAnswer
        var results: [InputDecoder.Result] = []
        while true {
            if let result = decoder.next() {
                if result != .nothing { results.append(result) }
            } else if tokens.isEmpty {
                return results
            }
        }
    }

    private static let answer = Array("\u{1B}]11;rgb:ffff/fefe/fdfd\u{1B}\\".unicodeScalars)

    private func text(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        String(String.UnicodeScalarView(scalars))
    }

    @Test("an answer about the background is put together from any two or three pieces")
    func pieces() {
        let answer = Self.answer
        for first in 1..<answer.count {
            for second in first..<answer.count {
                let pieces = [answer[..<first], answer[first..<second], answer[second...]].filter { !$0.isEmpty }
                // Behind its first character an escape key waits, too.
                let silence = first == 1 ? 40 : 70
                #expect(
                    decode(pieces.map { text($0) } + ["q"], milliseconds: silence)
                        == [.background(light: true), .event(.key(Key("q")!))], "\(first), \(second)")
            }
        }
    }

    @Test("a key between the pieces is a key, and so is one after a piece whose rest never comes")
    func keysBetween() {
        let begun = text(Self.answer[..<14])
        #expect(decode([begun, "q"]) == [.event(.key(Key("q")!))])
        #expect(decode([begun, "\u{1B}", "q"]) == [.event(.key(Key(.escape))), .event(.key(Key("q")!))])
        #expect(
            decode(["\u{1B}", "q"], expectsAnswer: false) == [.event(.key(Key(.escape))), .event(.key(Key("q")!))])
    }

    @Test("a number that no terminal sends is no number, wherever it stands")
    func numbers() {
        for number in ["-9223372036854775808", "9223372036854775807", "99999999999999999999", "-1", "65536"] {
            #expect(decode(["\u{1B}[1;\(number)A"]) == [.event(.key(Key("up")!))], "\(number)")
            #expect(decode(["\u{1B}[\(number)~"]).isEmpty)
            for report in ["\(number);1;1", "0;\(number);1", "0;1;\(number)"] {
                #expect(decode(["\u{1B}[<\(report)M"]).isEmpty, "\(report)")
            }
            #expect(decode(["\u{1B}]11;rgb:\(number)/0/0\u{7}"]).isEmpty)
        }
    }

    @Test("a long sequence is swallowed whole, and the next one inside of it begins anew")
    func longSequences() {
        #expect(decode(["\u{1B}[" + String(repeating: "1;", count: 500) + "yq"]) == [.event(.key(Key("q")!))])
        #expect(decode(["\u{1B}[12\u{1B}[A"]) == [.event(.key(Key("up")!))])
        #expect(decode([String(repeating: "\u{1B}[", count: 20_000) + "A"]) == [.event(.key(Key("up")!))])
    }

    @Test("whatever comes, in any pieces, the decoder goes on and reports places that can be")
    func anything() {
        let parts = [
            "\u{1B}", "[", "]", "O", "P", "<", "?", ";", "M", "m", "~", "A", "11;rgb:", "ffff/", "\u{7}", "\\", "0",
            "1",
            "35", "64", "65535", "-9223372036854775808", "9223372036854775807", "200~", "201~", "q", "é", "語", "\u{9B}",
            "\u{0}", "\r", " ", "!", "\u{10FFFF}",
        ]
        let others: [InputToken] = [.sgrMouse, .x10Mouse, .pasteStart, .pasteEnd, .other, .key(Key(.up))]
        var seed: UInt64 = 1
        func random(_ count: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % count
        }
        for round in 0..<5_000 {
            var tokens: [InputToken?] = []
            for _ in 0..<random(40) {
                switch random(12) {
                case 0: tokens.append(nil)
                case 1: tokens.append(others[random(others.count)])
                default: tokens += parts[random(parts.count)].unicodeScalars.map { .character($0) }
                }
            }
            let count = tokens.count
            var calls = 0
            var decoder = InputDecoder(read: { _ in tokens.isEmpty ? nil : tokens.removeFirst() })
            decoder.expectsAnswer = round % 2 == 0
            while !tokens.isEmpty && calls <= count + 1 {
                calls += 1
                guard case .event(.mouse(let mouse)) = decoder.next() else { continue }
                #expect(
                    (0...0xFFFF).contains(mouse.x) && (0...0xFFFF).contains(mouse.y) && (1...3).contains(mouse.button))
            }
            #expect(tokens.isEmpty, "round \(round)")
        }
    }
}
