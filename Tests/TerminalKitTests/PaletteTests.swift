import Testing

@testable import TerminalKit

@Suite("Palettes and capabilities")
struct PaletteTests {
    @Test("every entry of the 256 colours is its own nearest, or one of the same colour")
    func exactEntries() {
        for index in 16..<256 {
            let nearest = Int(nearestOf256(colorOf256(index)))
            #expect(colorOf256(nearest) == colorOf256(index), "entry \(index)")
        }
    }

    @Test("every one of the sixteen colours is its own nearest")
    func exactSixteen() {
        for (index, color) in paletteOf16.enumerated() { #expect(Int(nearestOf16(color)) == index) }
    }

    @Test("the data's orange, blue and white keep their hue in the small palettes")
    func dataColors() {
        #expect(colorOf256(Int(nearestOf256(0xF59322))) == 0xFF8700)
        #expect(colorOf256(Int(nearestOf256(0x0877BD))) == 0x0087D7)
        #expect(nearestOf16(0xF59322) == 3)
        #expect([4, 6, 12].contains(nearestOf16(0x0877BD)))
        #expect([7, 15].contains(nearestOf16(0xE8EAEB)))
    }

    func detect(_ environment: [String: String], colors: Int = 8, direct: Bool = false) -> Capabilities.Colors {
        Capabilities.detect(
            environment: { environment[$0] }, isUTF8: true,
            description: TerminalDescription(colors: colors, directColor: direct)
        ).colors
    }

    @Test("colours come from NO_COLOR, COLORTERM, TERM and terminfo, in that order")
    func colors() {
        #expect(detect(["TERM": "xterm-256color"], colors: 256) == .palette256)
        #expect(detect(["TERM": "xterm-256color", "COLORTERM": "truecolor"], colors: 256) == .truecolor)
        #expect(detect(["TERM": "xterm-256color", "COLORTERM": "24bit", "NO_COLOR": "1"], colors: 256) == .none)
        #expect(detect(["TERM": "xterm-256color", "NO_COLOR": ""], colors: 256) == .palette256)
        #expect(detect(["TERM": "tmux-256color"], colors: 256, direct: true) == .truecolor)
        #expect(detect(["TERM": "xterm-direct"], colors: 1 << 24) == .truecolor)
        #expect(detect(["TERM": "xterm-kitty"], colors: 256) == .truecolor)
        #expect(detect(["TERM": "xterm"], colors: 8) == .palette16)
        #expect(detect(["TERM": "linux"], colors: 8) == .palette16)
        #expect(detect(["TERM": "vt100"], colors: -1) == .none)
        #expect(detect(["TERM": "dumb", "COLORTERM": "truecolor"], colors: -1) == .none)
        #expect(detect([:], colors: -1) == .none)
    }

    @Test("GNU screen has 256 colours whatever is promised, tmux under the same name what is promised")
    func screenColors() {
        for (term, count) in [("screen", 8), ("screen-256color", 256), ("screen.xterm-256color", 256)] {
            #expect(detect(["TERM": term, "COLORTERM": "truecolor"], colors: count) == .palette256)
            #expect(detect(["TERM": term, "STY": "1.tty", "COLORTERM": "truecolor"], colors: count) == .palette256)
            #expect(detect(["TERM": term, "TMUX": "/tmp/1", "COLORTERM": "truecolor"], colors: count) == .truecolor)
        }
        #expect(detect(["TERM": "screen-256color", "TMUX": "/tmp/1"], colors: 256) == .palette256)
        #expect(detect(["TERM": "screen", "NO_COLOR": "1"], colors: 8) == .none)
    }

    @Test("glyphs come from the locale, and what the user asks for wins")
    func glyphs() {
        func glyphs(_ term: String, utf8: Bool, asked: Capabilities.Glyphs? = nil) -> Capabilities.Glyphs {
            Capabilities.detect(
                environment: { $0 == "TERM" ? term : nil }, isUTF8: utf8, description: nil, glyphs: asked
            ).glyphs
        }
        #expect(glyphs("xterm", utf8: true) == .braille)
        #expect(glyphs("xterm", utf8: false) == .ascii)
        #expect(glyphs("linux", utf8: true) == .block)
        #expect(glyphs("xterm", utf8: false, asked: .block) == .block)
        let asked = Capabilities.detect(
            environment: { $0 == "NO_COLOR" ? "1" : nil }, isUTF8: true, description: nil, colors: .palette16)
        #expect(asked.colors == .palette16)
    }

    @Test("a light background is known from COLORFGBG and from the terminal's answer")
    func lightBackgrounds() {
        #expect(lightBackground(colorFGBG: "0;15") == true)
        #expect(lightBackground(colorFGBG: "15;default;0") == false)
        #expect(lightBackground(colorFGBG: "15;default") == nil)
        #expect(lightBackground(colorFGBG: nil) == nil)
        #expect(lightBackground(reply: "11;rgb:ffff/ffff/ffff") == true)
        #expect(lightBackground(reply: "11;rgb:1e/1e/2e") == false)
        #expect(lightBackground(reply: "11;rgba:fd00/f600/e300/ffff") == true)
        #expect(lightBackground(reply: "10;rgb:ffff/ffff/ffff") == nil)
        #expect(lightBackground(reply: "11;rgb:zz/0/0") == nil)
    }
}
