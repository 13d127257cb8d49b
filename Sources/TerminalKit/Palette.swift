#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The nearest entry of the 256-colour palette to 0xRRGGBB, as the eye sees it (distance in Oklab): of the corners of the
/// 6 × 6 × 6 cube (16…231) around it and the nearest grey (232…255). The first sixteen are never used, because every
/// terminal's user may have changed them.
public func nearestOf256(_ color: UInt32) -> UInt8 {
    let parts = [color >> 16 & 255, color >> 8 & 255, color & 255].map { Int($0) }
    let grey = min(max((parts[0] + parts[1] + parts[2] - 9) / 30, 0), 23)
    let below = parts.map { $0 < 95 ? 0 : min(($0 - 55) / 40, 4) }
    var candidates = [232 + grey]
    for corner in 0..<8 {
        let (r, g, b) = (below[0] + (corner >> 2), below[1] + (corner >> 1 & 1), below[2] + (corner & 1))
        candidates.append(16 + 36 * r + 6 * g + b)
    }
    let wanted = oklab(color)
    func distance(_ index: Int) -> Float {
        let entry = upperPaletteLab[index - 16]
        let (l, a, b) = (wanted.l - entry.l, wanted.a - entry.a, wanted.b - entry.b)
        return l * l + a * a + b * b
    }
    return UInt8(candidates.min { distance($0) < distance($1) }!)
}

/// The colour 0xRRGGBB of entry 16…255 of the 256-colour palette.
func colorOf256(_ index: Int) -> UInt32 {
    if index >= 232 { return UInt32(8 + 10 * (index - 232)) * 0x010101 }
    func shade(_ level: Int) -> UInt32 { level == 0 ? 0 : UInt32(55 + 40 * level) }
    let cube = index - 16
    return shade(cube / 36) << 16 | shade(cube / 6 % 6) << 8 | shade(cube % 6)
}

/// The contrast of two colours 0xRRGGBB, 1 to 21 (WCAG 2.1).
public func contrastRatio(_ one: UInt32, _ other: UInt32) -> Float {
    func luminance(_ color: UInt32) -> Float {
        0.2126 * linear(color >> 16) + 0.7152 * linear(color >> 8) + 0.0722 * linear(color)
    }
    let (a, b) = (luminance(one), luminance(other))
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

/// The intensity 0…1 of a colour's lowest byte (sRGB).
private func linear(_ value: UInt32) -> Float {
    let v = Float(value & 255) / 255
    return v <= 0.04045 ? v / 12.92 : powf((v + 0.055) / 1.055, 2.4)
}

private let upperPaletteLab = (16..<256).map { oklab(colorOf256($0)) }

/// The nearest of the sixteen colours, as the eye sees it: distance in Oklab (Ottosson, 2020), where a difference in
/// lightness counts half, so that dark orange becomes a dark yellow or grey rather than red.
public func nearestOf16(_ color: UInt32) -> UInt8 {
    let wanted = oklab(color)
    var best: (index: UInt8, distance: Float) = (0, .infinity)
    for (index, entry) in paletteOf16Lab.enumerated() {
        let (l, a, b) = ((wanted.l - entry.l) / 2, wanted.a - entry.a, wanted.b - entry.b)
        let distance = l * l + a * a + b * b
        if distance < best.distance { best = (UInt8(index), distance) }
    }
    return best.index
}

/// The sixteen colours in the middle of what xterm, VGA, GNOME Terminal and Visual Studio Code make of them.
let paletteOf16: [UInt32] = [
    0x000000, 0xC31E1E, 0x16B33C, 0xC8A010, 0x1E50CD, 0xB432B4, 0x14AABE, 0xCDCDCD,
    0x6E6E6E, 0xFA5050, 0x3CE15A, 0xFAEB50, 0x5087FA, 0xEB64EB, 0x46DCEB, 0xFFFFFF,
]

/// The colour 0xRRGGBB that becomes entry 0…15 of the sixteen colours.
public func colorOf16(_ index: Int) -> UInt32 { paletteOf16[index] }

private let paletteOf16Lab = paletteOf16.map(oklab)

private func oklab(_ color: UInt32) -> (l: Float, a: Float, b: Float) {
    let (r, g, b) = (linear(color >> 16), linear(color >> 8), linear(color))
    let l = cbrtf(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    let m = cbrtf(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    let s = cbrtf(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    return (
        0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
        1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
        0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s
    )
}
