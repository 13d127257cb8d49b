extension Canvas {
    /// The canvas as a terminal with these capabilities shows it.
    public func reduced(to capabilities: Capabilities) -> Canvas {
        var resolver = CellResolver(capabilities: capabilities)
        var reduced = self
        for y in 0..<height {
            for x in 0..<width where self[x, y].scalar.value != 0 {
                let isWide = x + 1 < width && self[x + 1, y].scalar.value == 0
                let shown = resolver.resolve(self[x, y], wide: isWide)
                let style = Style(
                    shown.pictureColor(shown.foreground), on: shown.pictureColor(shown.background),
                    bold: shown.attributes.contains(.bold), dim: shown.attributes.contains(.dim),
                    underline: shown.attributes.contains(.underline), reverse: shown.attributes.contains(.reverse))
                reduced[x, y] = Cell(Unicode.Scalar(shown.scalar) ?? " ", style)
            }
        }
        return reduced
    }
}

extension ShownCell {
    /// The colours that a palette's first sixteen entries usually have.
    private static let usual: [UInt32] = [
        0x000000, 0xCD3131, 0x0DBC79, 0xE5E510, 0x2472C8, 0xBC3FBC, 0x11A8CD, 0xCCCCCC, 0x666666, 0xF14C4C, 0x23D18B,
        0xF5F543, 0x3B8EEA, 0xD670D6, 0x29B8DB, 0xFFFFFF,
    ]

    fileprivate func pictureColor(_ code: UInt32) -> Color {
        if code & Self.direct != 0 { return .rgb(code & 0xFFFFFF) }
        guard code & Self.indexed != 0 else { return .standard }
        let index = Int(code & 0xFF)
        return .rgb(index < 16 ? Self.usual[index] : colorOf256(index))
    }
}
