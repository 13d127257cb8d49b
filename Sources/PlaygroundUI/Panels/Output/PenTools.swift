import Basics
import Datasets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// One stroke of the pen at a place of the plane.
struct PenStroke {
    var x: Double
    var y: Double
    /// Of the plane.
    var width: Double
    var height: Double
    /// The class or the value that is drawn.
    var label: DrawnPoint.Label
    /// All classes of the data; empty: they have values.
    var labels: [DrawnPoint.Label]
    /// Test points are shown: those that are not are not meant.
    var meansTest: Bool
    /// The mouse is dragged; else it is a new stroke.
    var goesOn: Bool
    /// It is a key's, which takes a point and lets go of it; else the mouse's.
    var isKey: Bool

    /// From the place of the stroke, in widths of the plane.
    func distance(_ point: DrawnPoint) -> Double {
        if point.isTest, !meansTest { return .infinity }
        return max(abs(point.x1 - x), abs(point.x2 - y) * width / height) / width
    }

    /// A new point, its place in thousandths.
    func point(_ x: Double, _ y: Double) -> DrawnPoint {
        DrawnPoint(x1: Self.short(x), x2: Self.short(y), label: label)
    }

    static func short(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}

extension PenTool {
    static let put = PenTool(name: "put", words: "(enter) or a click puts a point") { points, _, stroke in
        // A slow stroke does not pile points up.
        let isNear = points.contains { $0.label == stroke.label && stroke.distance($0) < PointPen.reach / 2 }
        if !stroke.goesOn || !isNear { points.append(stroke.point(stroke.x, stroke.y)) }
        return nil
    }

    static let spray = PenTool(name: "spray", words: "(enter) or a click puts some points around the cursor") {
        points, pen, stroke in
        for _ in 0..<3 {
            let angle = pen.random() * 2 * .pi
            let radius = pen.random().squareRoot() * 2.5 * PointPen.reach * stroke.width
            points.append(stroke.point(stroke.x + radius * cos(angle), stroke.y + radius * sin(angle)))
        }
        return nil
    }

    static let drag = PenTool(
        name: "drag", words: "(enter) takes the nearest point and lets go of it; the mouse drags it",
        changesCount: false, meansAll: true
    ) { points, pen, stroke in
        var notice: Notice?
        if !stroke.goesOn {
            if pen.held != nil, stroke.isKey {
                pen.held = nil
            } else {
                let nearest = points.indices.min { stroke.distance(points[$0]) < stroke.distance(points[$1]) }
                pen.held = nearest.flatMap { stroke.distance(points[$0]) < 2 * PointPen.reach ? $0 : nil }
                if pen.held == nil { notice = "no point is near enough" }
            }
        }
        if let held = pen.held, points.indices.contains(held) {
            (points[held].x1, points[held].x2) = (PenStroke.short(stroke.x), PenStroke.short(stroke.y))
        }
        return notice
    }

    static let erase = PenTool(
        name: "erase", words: "(enter) or a click takes the points around the cursor away, of every class",
        meansAll: true
    ) {
        points, _, stroke in
        var notice: Notice?
        let before = points
        points.removeAll { stroke.distance($0) < PointPen.reach }
        // A class without a point would be another task.
        for label in stroke.labels where !points.contains(where: { $0.label == label }) {
            if let last = before.last(where: { $0.label == label }) {
                points.append(last)
                notice = "the last point of a class stays"
            }
        }
        if points.allSatisfy(\.isTest) {
            points = before
            notice = "the last training point stays"
        }
        return notice
    }
}

extension PointPen {
    /// The next of a row of numbers in 0..<1 that looks random (Weyl's sequence, mixed).
    fileprivate mutating func random() -> Double {
        sprayed &+= 0x9E37_79B9_7F4A_7C15
        var bits = sprayed
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((bits ^ (bits >> 31)) >> 11) * 0x1p-53
    }
}
