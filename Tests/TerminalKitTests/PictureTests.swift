import Foundation
import Testing

@testable import TerminalKit

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite("Pictures of canvases")
struct PictureTests {
    private static let colors = PictureColors(foreground: 0xFFFFFF, background: 0x000000)

    private func pixel(_ picture: PixelPicture, _ x: Int, _ y: Int) -> UInt32 {
        let at = (y * picture.width + x) * 3
        return picture.pixels[at..<at + 3].reduce(0) { $0 << 8 | UInt32($1) }
    }

    private func picture(_ text: String, _ style: Style = .plain) -> PixelPicture {
        var canvas = Canvas(width: columnWidth(text), height: 1)
        canvas.write(text, x: 0, y: 0, style: style)
        return PixelPicture(canvas, colors: Self.colors)
    }

    @Test("a half block has its two colours, edge to edge")
    func halves() {
        let half = picture("▀", Style(.rgb(0x112233), on: .rgb(0x445566)))
        #expect(half.width == 20 && half.height == 40)
        for x in 0..<20 {
            for y in 0..<40 { #expect(pixel(half, x, y) == (y < 20 ? 0x112233 : 0x445566)) }
        }
    }

    @Test("each dot of a braille cell stands in its own eighth of the cell")
    func braille() {
        for dots in 0..<256 {
            let cell = picture(String(Unicode.Scalar(UInt32(0x2800 + dots))!))
            for (bit, place) in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)].enumerated() {
                let isOn = pixel(cell, 5 + 10 * place.0, 5 + 10 * place.1) == 0xFFFFFF
                #expect(isOn == (dots >> bit & 1 == 1), "\(dots) \(bit)")
            }
        }
    }

    @Test("lines reach the cell's edges, where they meet their neighbours'")
    func lines() {
        let ends = [
            "─": "lr", "│": "tb", "┌": "rb", "┐": "lb", "└": "tr", "┘": "tl", "┼": "lrtb", "╭": "rb", "╯": "tl",
        ]
        for (name, expected) in ends {
            let cell = picture(name)
            let places: [(Character, Int, Int)] = [("l", 0, 20), ("r", 19, 20), ("t", 10, 0), ("b", 10, 39)]
            for (side, x, y) in places {
                #expect((pixel(cell, x, y) > 0x404040) == expected.contains(side), "\(name) \(side)")
            }
        }
    }

    @Test("a selected, a dim and an underlined cell look so")
    func styles() {
        #expect(pixel(picture(" ", Style(reverse: true)), 3, 3) == 0xFFFFFF)
        let dim = picture("█", Style(dim: true))
        #expect(pixel(dim, 3, 3) < 0xFFFFFF && pixel(dim, 3, 3) > 0x404040)
        #expect(pixel(picture(" ", Style(underline: true)), 10, 35) == 0xFFFFFF)
        #expect(ink(picture("m", Style(bold: true))) > ink(picture("m")) * 1.2)
    }

    private func ink(_ picture: PixelPicture) -> Double { picture.pixels.reduce(0) { $0 + Double($1) } }

    @Test("letters and signs are drawn, each in its own way")
    func letters() {
        let signs =
            "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~αβγδεζηθκλμπρστφχψωΔΠΣΦΩ∂∇∈√∞∫≈≠≤≥±×÷·−—…°′″“”‘’‹›⊕⊗∘∧∨⟨⟩←→↑↓↔↕⇥⏎✓✗ℓ²₁ᵀäéßç"
        let digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
        var seen: [[UInt8]: Unicode.Scalar] = [:]
        for scalar in (signs + digits).unicodeScalars {
            #expect(StrokeFont.strokes(of: scalar) != nil, "\(scalar)")
            let pixels = picture(String(scalar)).pixels
            #expect(pixels.contains { $0 > 200 }, "\(scalar)")
            if let other = seen.updateValue(scalar, forKey: pixels) { Issue.record("\(scalar) looks like \(other)") }
        }
        // A letter that the font lacks has its substitute, a wide one a frame.
        #expect(picture("ђ").pixels == picture("?").pixels)
        #expect(picture("猫").width == 40 && ink(picture("猫")) > 0)
    }

    @Test("as SVG the words are text, and the rest is shapes; it is well-formed")
    func vectors() {
        var canvas = Canvas(width: 20, height: 2)
        canvas.write("a <b> & c▀⠁┼", x: 0, y: 0, style: Style(.rgb(0xFF0000), bold: true))
        canvas.write("π  loss 0.25", x: 1, y: 1)
        let text = VectorPicture(canvas, colors: Self.colors, title: "1 < 2").text
        #expect(text == VectorPicture(canvas, colors: Self.colors, title: "1 < 2").text)
        #expect(text.contains("<title>1 &lt; 2</title>"))
        #expect(text.contains(#"textLength="90""#) && text.contains(">a &lt;b&gt; &amp; c</text>"))
        #expect(text.contains(">loss 0.25</text>") && text.contains(">π</text>"))
        #expect(text.contains("M90 0h10v10h-10z"), "the half block")
        let parser = XMLParser(data: Data(text.utf8))
        #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
    }

    @Test("a canvas is brought down to what a terminal has")
    func reduced() {
        var canvas = Canvas(width: 2, height: 1)
        canvas.write("─⠿", x: 0, y: 0, style: Style(.rgb(0x123456)))
        let ascii = canvas.reduced(to: Capabilities(colors: .none, glyphs: .ascii))
        #expect(ascii[0, 0] == Cell("-"))
        let palette = canvas.reduced(to: Capabilities(colors: .palette256, glyphs: .braille))
        #expect(palette[0, 0].style.foreground == .rgb(colorOf256(Int(nearestOf256(0x123456)))))
    }
}
