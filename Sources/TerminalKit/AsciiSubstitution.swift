/// The ASCII character that stands for another one where only ASCII can be shown, cell for cell, so that nothing moves.
public func asciiSubstitute(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    let value = scalar.value
    if value < 0x7F { return scalar }
    if value >= 0x2800 && value < 0x2900 { return asciiGlyph(brailleDots: UInt8(value - 0x2800)) }
    if value >= 0x2500 && value < 0x2580 { return boxSubstitute(value) }
    return substitutes[value] ?? "?"
}

/// Text as `asciiSubstitute` shows it.
public func asciiText(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
        result.append(contentsOf: repeatElement(asciiSubstitute(scalar), count: columnWidth(scalar)))
    }
    return String(result)
}

private func boxSubstitute(_ value: UInt32) -> Unicode.Scalar {
    switch value {
    case 0x2500, 0x2501, 0x2504, 0x2505, 0x2508, 0x2509, 0x254C, 0x254D, 0x2574, 0x2576, 0x2578, 0x257A: "-"
    case 0x2502, 0x2503, 0x2506, 0x2507, 0x250A, 0x250B, 0x254E, 0x254F, 0x2551, 0x2575, 0x2577: "|"
    case 0x2550: "="
    case 0x2571: "/"
    case 0x2572: "\\"
    case 0x2573: "x"
    default: "+"
    }
}

private let substitutes: [UInt32: Unicode.Scalar] = {
    let pairs: [(String, String)] = [
        ("−–—‐‑‒―", "-"), ("…·∙⋅", "."), ("•", "*"), ("“”„«»", "\""), ("‘’‚′", "'"), ("″", "\""), ("×", "x"),
        ("÷", "/"),
        ("½¼¾∕⁄", "/"), ("²₂", "2"), ("³₃", "3"), ("¹₁", "1"), ("⁰₀°", "0"), ("⁴₄", "4"), ("⁵₅", "5"), ("⁶₆", "6"),
        ("⁷₇", "7"), ("⁸₈", "8"), ("⁹₉", "9"), ("⁺₊", "+"), ("⁻₋¬", "-"), ("±", "+"), ("≈∼", "~"), ("≠", "#"),
        ("≤", "<"),
        ("≥", ">"), ("√", "v"), ("∞", "8"), ("∂∆", "d"), ("∇", "V"), ("∑Σ", "S"), ("∏Π", "P"), ("∫", "S"), ("∈", "e"),
        ("αⲁ", "a"), ("β", "b"), ("γ", "g"), ("δ", "d"), ("ε", "e"), ("ζ", "z"), ("η", "n"), ("θ", "t"), ("λ", "l"),
        ("µμ", "u"), ("π", "p"), ("ρ", "r"), ("σ", "s"), ("τ", "t"), ("φ", "f"), ("χ", "x"), ("ψ", "y"), ("ω", "w"),
        ("Δ", "D"), ("Ω", "O"), ("←◂◀⇤⟵", "<"), ("→▸▶⇥⟶►", ">"), ("↑▴▲⇧", "^"), ("↓▾▼", "v"), ("↔", "-"), ("↕", "|"),
        ("⏎↵", "<"), ("⌫", "<"), ("●⬤◉", "*"), ("○◌◯", "o"), ("◆◇", "*"), ("■▪█▇▆", "#"), ("□▫", "o"), ("★☆", "*"),
        ("✓✔", "v"), ("✗✘✕", "x"), ("▀▔", "'"), ("▄▃▂▅", "."), ("▁", "_"), ("▌▍▎▏▐▕│", "|"), ("▉▊▋", "#"), ("░", ":"),
        ("▒", "*"), ("▓", "#"), ("▘▝", "'"), ("▖▗", "."), ("▚", "\\"), ("▞", "/"), ("▙▟▛▜", "#"), ("∶", ":"),
        ("ä", "a"), ("ö", "o"), ("ü", "u"), ("Ä", "A"), ("Ö", "O"), ("Ü", "U"), ("ß", "s"), ("é", "e"), ("è", "e"),
        ("à", "a"), ("ç", "c"), ("ñ", "n"),
        ("\u{A0}\u{2007}\u{2009}\u{202F}", " "), ("⏸‖", "="), ("⏵", ">"), ("⏹", "#"), ("⟨", "<"), ("⟩", ">"),
        ("⊕", "+"),
        ("⊗", "x"), ("∘", "o"), ("¶", "P"), ("§", "S"), ("©", "c"), ("⋆", "*"), ("∝", "~"), ("∧", "^"), ("∨", "v"),
        ("⌊⌈", "["), ("⌋⌉", "]"), ("⁽", "("), ("⁾", ")"), ("‹", "<"), ("›", ">"), ("↦▷", ">"), ("↖↘", "\\"),
        ("↗↙", "/"),
        ("↺", "o"), ("△", "^"), ("▽", "v"), ("▬", "="), ("€", "E"), ("£", "L"), ("¥", "Y"), ("ℓˡ", "l"), ("ₐ", "a"),
        ("ᵈ", "d"), ("ᵉ", "e"), ("ᵢⁱı", "i"), ("ⱼ", "j"), ("ₖκ", "k"), ("ᵐ", "m"), ("ⁿₙν", "n"), ("ˢ", "s"),
        ("ₜᵗ", "t"),
        ("ₓˣ", "x"), ("ᶻ", "z"), ("ᵀΘ", "T"), ("Γ", "G"), ("Λ", "L"), ("Φ", "F"), ("Ψ", "Y"), ("áâãå", "a"), ("č", "c"),
        ("êë", "e"), ("ìíîï", "i"), ("òóôõ", "o"), ("š", "s"), ("ùúû", "u"), ("ýÿŷ", "y"), ("ž", "z"), ("ÀÁÂÃÅ", "A"),
        ("ÇČ", "C"), ("ÈÉÊË", "E"), ("ÌÍÎÏ", "I"), ("Ñ", "N"), ("ÒÓÔÕ", "O"), ("Š", "S"), ("ÙÚÛ", "U"), ("Ý", "Y"),
        ("Ž", "Z"),
    ]
    var table: [UInt32: Unicode.Scalar] = [:]
    for (from, to) in pairs {
        for scalar in from.unicodeScalars { table[scalar.value] = to.unicodeScalars.first! }
    }
    return table
}()
