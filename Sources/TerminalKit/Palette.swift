#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The nearest entry of the 256-colour palette to 0xRRGGBB: of the 6 × 6 × 6 cube (16…231) or the greys (232…255).
/// The first sixteen are never used, because every terminal's user may have changed them.
public func nearestOf256(_ color: UInt32) -> UInt8 {
    let (red, green, blue) = channels(color)
    func level(_ value: Int) -> Int { value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40 }
    func shade(_ level: Int) -> Int { level == 0 ? 0 : 55 + 40 * level }
    let (r, g, b) = (level(red), level(green), level(blue))
    let grey = min(max(((red + green + blue) / 3 - 3) / 10, 0), 23)
    let tone = 8 + 10 * grey
    let toCube = distance((red, green, blue), (shade(r), shade(g), shade(b)))
    let toGrey = distance((red, green, blue), (tone, tone, tone))
    return UInt8(toGrey < toCube ? 232 + grey : 16 + 36 * r + 6 * g + b)
}

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

private let paletteOf16Lab = paletteOf16.map(oklab)

private func channels(_ color: UInt32) -> (Int, Int, Int) {
    (Int(color >> 16 & 255), Int(color >> 8 & 255), Int(color & 255))
}

/// Squared distance with the red weight that depends on the mean red ("redmean", Riemersma).
private func distance(_ a: (Int, Int, Int), _ b: (Int, Int, Int)) -> Int {
    let mean = (a.0 + b.0) / 2
    let (r, g, blue) = (a.0 - b.0, a.1 - b.1, a.2 - b.2)
    return (((512 + mean) * r * r) >> 8) + 4 * g * g + (((767 - mean) * blue * blue) >> 8)
}

private func oklab(_ color: UInt32) -> (l: Float, a: Float, b: Float) {
    func linear(_ value: Int) -> Float {
        let v = Float(value) / 255
        return v <= 0.04045 ? v / 12.92 : powf((v + 0.055) / 1.055, 2.4)
    }
    let (red, green, blue) = channels(color)
    let (r, g, b) = (linear(red), linear(green), linear(blue))
    let l = cbrtf(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    let m = cbrtf(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    let s = cbrtf(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    return (
        0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
        1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
        0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s
    )
}
