import Basics
import Session
import TerminalKit

/// The class regions of the hidden-feature view: every patch of the warped grid filled with its vertices' colour, so
/// that the regions fold with the plane.
struct HiddenRaster {
    let width: Int
    let height: Int
    /// `[height, width]`, top row first.
    private(set) var colors: [UInt32?]
    /// For each pixel the patch's mean value (one output) or its class.
    private(set) var kinds: [Int?]

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        colors = Array(repeating: nil, count: width * height)
        kinds = Array(repeating: nil, count: width * height)
    }

    /// - Parameters:
    ///   - places: the vertices, normalized.
    ///   - every: patches of so many vertices' distance: in a small picture a coarser grid looks the same.
    mutating func fill(
        places: [SIMD2<Float>], size: ViewRequest.Size, every: Int, color: (Int) -> UInt32, kind: (Int) -> Int
    ) {
        guard size.rows > 1 else { return }
        let scale = SIMD2(Float(width), Float(height))
        let pixels = places.map { SIMD2($0.x, 1 - $0.y) * scale }
        for row in stride(from: 0, to: size.rows - every, by: every) {
            for column in stride(from: 0, to: size.columns - every, by: every) {
                let a = row * size.columns + column
                let c = a + every * size.columns
                let middle = a + every / 2 * (size.columns + 1)
                let (ink, kind) = (color(middle), kind(middle))
                triangle(pixels[a], pixels[a + every], pixels[c], ink, kind)
                triangle(pixels[a + every], pixels[c + every], pixels[c], ink, kind)
            }
        }
    }

    /// Sets the pixels whose middles lie inside, and always the one below the triangle's own middle, so that a fold
    /// thinner than a pixel still leaves a trace.
    private mutating func triangle(
        _ a: SIMD2<Float>, _ b: SIMD2<Float>, _ c: SIMD2<Float>, _ color: UInt32, _ kind: Int
    ) {
        let low = pointwiseMin(a, pointwiseMin(b, c))
        let high = pointwiseMax(a, pointwiseMax(b, c))
        guard low.x.isFinite, low.y.isFinite, high.x.isFinite, high.y.isFinite,
            high.x >= 0, high.y >= 0, low.x < Float(width), low.y < Float(height)
        else { return }
        let middle = (a + b + c) / 3
        set(middle, color, kind)
        let left = max(0, Int(bounded: max(0, low.x).rounded(.down)))
        let right = min(width - 1, Int(bounded: min(high.x, Float(width))))
        let top = max(0, Int(bounded: max(0, low.y).rounded(.down)))
        let bottom = min(height - 1, Int(bounded: min(high.y, Float(height))))
        guard left <= right, top <= bottom else { return }
        func side(_ p: SIMD2<Float>, _ q: SIMD2<Float>, _ point: SIMD2<Float>) -> Float {
            (q.x - p.x) * (point.y - p.y) - (q.y - p.y) * (point.x - p.x)
        }
        for y in top...bottom {
            for x in left...right {
                let point = SIMD2(Float(x) + 0.5, Float(y) + 0.5)
                let (s, t, u) = (side(a, b, point), side(b, c, point), side(c, a, point))
                if (s >= 0 && t >= 0 && u >= 0) || (s <= 0 && t <= 0 && u <= 0) {
                    colors[y * width + x] = color
                    kinds[y * width + x] = kind
                }
            }
        }
    }

    private mutating func set(_ place: SIMD2<Float>, _ color: UInt32, _ kind: Int) {
        guard place.x >= 0, place.y >= 0, place.x < Float(width), place.y < Float(height) else { return }
        let at = Int(bounded: place.y) * width + Int(bounded: place.x)
        colors[at] = color
        kinds[at] = kind
    }
}
