import Testing

@testable import TerminalKit

@Suite("Keys and mouse")
struct KeyTests {
    @Test("a label read back is the same key")
    func labelsRoundTrip() {
        var keys: [Key] = "aZ-?/<5é".unicodeScalars.map { Key(.character($0)) }
        let codes: [Key.Code] = [
            .up, .down, .left, .right, .home, .end, .pageUp, .pageDown, .enter, .escape, .tab, .backTab, .backspace,
            .delete, .insert, .function(1), .function(12), .character(" "),
        ]
        keys += codes.map { Key($0) }
        keys += [
            Key(.character("c"), control: true), Key(.character("x"), alt: true), Key(.left, control: true),
            Key(.up, shift: true), Key(.character("-"), control: true),
            Key(.right, control: true, shift: true, alt: true),
            Key(.character(" "), control: true),
        ]
        for key in keys {
            #expect(Key(key.label) == key, "\(key.label)")
            #expect(Key(key.label(glyphs: .ascii)) == key, "\(key.label(glyphs: .ascii))")
            #expect(key.label(glyphs: .ascii).utf8.allSatisfy { $0 < 0x80 } || key.code == .character("é"))
        }
    }

    @Test("labels are what hints and help write")
    func labels() {
        #expect(Key(.character(" ")).label == "space")
        #expect(Key(.character("c"), control: true).label == "ctrl-c")
        #expect(Key(.left).label == "←")
        #expect(Key(.tab).label == "⇥")
        #expect(Key(.tab).label(glyphs: .ascii) == "tab")
        #expect(Key(.function(1)).label == "F1")
        #expect(Key("left") == Key(.left))
        #expect(Key("A") == Key(.character("A")))
        #expect(Key("Ctrl-C") == Key(.character("c"), control: true))
        #expect(Key("shift-tab") == Key(.backTab))
        #expect(Key("") == nil)
        #expect(Key("hyper-x") == nil)
        #expect(Key("leftish") == nil)
    }

    /// Events of what a terminal sends, when curses knows of it only what `known` replaces.
    func decode(_ text: String) -> [InputDecoder.Result] {
        var tokens = text.unicodeScalars.map { InputToken.character($0) }
        var decoder = InputDecoder(read: { _ in tokens.isEmpty ? nil : tokens.removeFirst() })
        return Array(sequence(state: (), next: { _ in decoder.next() }))
    }

    func decode(tokens list: [InputToken]) -> [InputDecoder.Result] {
        var tokens = list
        var decoder = InputDecoder(read: { _ in tokens.isEmpty ? nil : tokens.removeFirst() })
        return Array(sequence(state: (), next: { _ in decoder.next() }))
    }

    @Test("characters, control characters, Alt and the escape key become keys")
    func characters() {
        #expect(decode("aé") == [.event(.key(Key("a")!)), .event(.key(Key("é")!))])
        #expect(
            decode("\u{3}\u{1A}\r\t\u{7F}")
                == ["ctrl-c", "ctrl-z", "enter", "tab", "backspace"].map {
                    .event(.key(Key($0)!))
                })
        #expect(decode("\u{1B}x") == [.event(.key(Key("alt-x")!))])
        #expect(decode("\u{1B}") == [.event(.key(Key(.escape)))])
        #expect(decode("\u{0}") == [.event(.key(Key("ctrl-space")!))])
    }

    @Test("sequences that curses does not know are understood or swallowed, never typed")
    func sequences() {
        #expect(decode("\u{1B}[1;5Cq") == [.event(.key(Key("ctrl-right")!)), .event(.key(Key("q")!))])
        #expect(decode("\u{1B}[3;2~") == [.event(.key(Key("shift-delete")!))])
        #expect(decode("\u{1B}OA") == [.event(.key(Key("up")!))])
        #expect(decode("\u{1B}[?62;c\u{1B}[200;7u") == [.nothing, .nothing])
        #expect(decode("\u{1B}P1$r0m\u{1B}\\z") == [.nothing, .event(.key(Key("z")!))])
    }

    @Test("the terminal's answer about its background is no key")
    func backgroundAnswer() {
        #expect(decode("\u{1B}]11;rgb:ffff/ffff/ffff\u{1B}\\a") == [.background(light: true), .event(.key(Key("a")!))])
        #expect(decode("\u{1B}]11;rgb:1e1e/1e1e/1e1e\u{7}") == [.background(light: false)])
    }

    @Test("mouse reports give kind, place from zero, and button")
    func mouse() {
        func report(_ text: String) -> [InputDecoder.Result] {
            decode(tokens: [.sgrMouse] + text.unicodeScalars.map { InputToken.character($0) })
        }
        #expect(report("0;10;5M") == [.event(.mouse(Mouse(.press, x: 9, y: 4)))])
        #expect(report("2;300;5m") == [.event(.mouse(Mouse(.release, x: 299, y: 4, button: 3)))])
        #expect(report("32;11;5M") == [.event(.mouse(Mouse(.drag, x: 10, y: 4)))])
        #expect(report("35;11;5M") == [.event(.mouse(Mouse(.move, x: 10, y: 4)))])
        #expect(report("64;1;1M") == [.event(.mouse(Mouse(.scrollUp, x: 0, y: 0)))])
        #expect(report("65;1;1M") == [.event(.mouse(Mouse(.scrollDown, x: 0, y: 0)))])
        #expect(report("0;;M") == [.nothing])
        #expect(decode("\u{1B}[<0;2;3M") == [.event(.mouse(Mouse(.press, x: 1, y: 2)))])
        let old = decode(tokens: [.x10Mouse, .character(" "), .character("!"), .character("\"")])
        #expect(old == [.event(.mouse(Mouse(.press, x: 0, y: 1)))])
    }

    @Test("pasted text is one event, its line ends are line feeds, and keys in it are left out")
    func paste() {
        let tokens: [InputToken] =
            [.pasteStart] + "a\rq".unicodeScalars.map { .character($0) } + [.key(Key(.up)), .pasteEnd, .character("x")]
        #expect(decode(tokens: tokens) == [.event(.paste("a\nq")), .event(.key(Key("x")!))])
    }
}
