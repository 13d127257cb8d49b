/// Numbers in rows of axes, in double.
struct Numbers: Sendable, Hashable {
    var axes: [Int]
    var values: [Double]

    init(_ axes: [Int], _ values: [Double]) { (self.axes, self.values) = (axes, values) }

    func map(_ function: (Double) -> Double) -> Numbers { Numbers(axes, values.map(function)) }

    /// The distance of neighbours on each axis.
    var strides: [Int] {
        var strides = axes
        var stride = 1
        for axis in axes.indices.reversed() {
            strides[axis] = stride
            stride *= axes[axis]
        }
        return strides
    }

    func transposed(_ order: [Int]) -> Numbers {
        let (strides, own) = (strides, order.map { axes[$0] })
        return Numbers(own, Numbers.places(own, order.map { strides[$0] }).map { values[$0] })
    }

    /// The places of all elements in order, by the strides of the axes.
    static func places(_ axes: [Int], _ strides: [Int]) -> [Int] {
        var places = [0]
        for (count, stride) in zip(axes, strides) {
            places = places.flatMap { place in (0..<count).map { place + $0 * stride } }
        }
        return places
    }

    /// The places in these numbers of the elements of wider axes, by ONNX's broadcasting.
    func places(in wide: [Int]) -> [Int] {
        let (missing, own) = (wide.count - axes.count, strides)
        return Self.places(wide, wide.indices.map { $0 < missing || axes[$0 - missing] == 1 ? 0 : own[$0 - missing] })
    }

    static func broadcast(_ one: [Int], _ other: [Int]) -> [Int] {
        let count = max(one.count, other.count)
        func axis(_ axes: [Int], _ index: Int) -> Int {
            index < count - axes.count ? 1 : axes[index - count + axes.count]
        }
        return (0..<count).map { max(axis(one, $0), axis(other, $0)) }
    }

    func with(_ other: Numbers, _ function: (Double, Double) -> Double) -> Numbers {
        if axes == other.axes { return Numbers(axes, zip(values, other.values).map(function)) }
        let wide = Self.broadcast(axes, other.axes)
        return Numbers(
            wide, zip(places(in: wide), other.places(in: wide)).map { function(values[$0], other.values[$1]) })
    }

    /// Axes before, at and behind one of them.
    func around(_ axis: Int) -> (before: Int, count: Int, behind: Int) {
        (axes[..<axis].reduce(1, *), axes[axis], axes[(axis + 1)...].reduce(1, *))
    }
}
