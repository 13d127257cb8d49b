/// The first two principal components of a cloud of points: the directions along which it varies most.
///
/// Jolliffe, "Principal Component Analysis", 2nd edition, 2002. Found by subspace iteration with a Rayleigh–Ritz step
/// (Saad, "Numerical Methods for Large Eigenvalue Problems", 2011, chapter 5) without ever forming the covariance.
public struct PrincipalComponents: Sendable, Hashable {
    /// The cloud's mean, one value per dimension.
    public var mean: [Float]
    /// Two orthonormal directions.
    public var axes: [[Float]]
    /// The shares of the whole variance along them, 0…1.
    public var explained: [Float]

    /// - Parameters:
    ///   - points: `[count, dimensions]`, row by row.
    ///   - previous: the last frame's components; signs are matched to them, so that the picture does not flip. The first component
    ///     is the one with the larger share of the variance all the same.
    public init(points: [Float], dimensions: Int, previous: PrincipalComponents? = nil) {
        precondition(
            dimensions >= 2 && points.count % dimensions == 0, "components need points of two or more dimensions")
        let count = points.count / dimensions
        mean = Self.mean(points, count: count, dimensions: dimensions)
        var centred = points
        var total: Float = 0
        for at in centred.indices {
            centred[at] -= mean[at % dimensions]
            total += centred[at] * centred[at]
        }
        let previous = previous.flatMap { $0.mean.count == dimensions ? $0 : nil }
        let width = min(dimensions, 4)
        var basis = Self.startingBasis(dimensions: dimensions, width: width, previous: previous)
        var variances = [Float](repeating: 0, count: width)
        if total > 0 && total.isFinite {
            // One pass is exact where the basis spans everything.
            for _ in 0..<(width == dimensions ? 1 : 100) {
                let images = basis.map { Self.scatter(centred, count: count, times: $0) }
                let before = variances
                let (values, rotation) = symmetricEigenvectors(basis.map { axis in images.map { Self.dot(axis, $0) } })
                variances = values
                basis = rotation.map { Self.combined(basis, $0) }
                let change = zip(before, variances).prefix(2).reduce(0) { max($0, abs($1.0 - $1.1)) }
                if change <= 1e-6 * variances[0] || width == dimensions { break }
                basis = Self.orthonormal(rotation.map { Self.combined(images, $0) })
            }
        }
        axes = Array(basis.prefix(2))
        explained = variances.prefix(2).map { total > 0 ? max(0, $0) / total : 0 }
        if let previous { match(previous) } else { axes = axes.map(Self.facingForward) }
    }

    /// The scores of points: (x − mean) · axis.
    /// - Parameter points: `[count, dimensions]`.
    public func project(_ points: [Float]) -> [SIMD2<Float>] {
        let dimensions = mean.count
        return (0..<points.count / max(1, dimensions)).map { row in
            var score = SIMD2<Float>(0, 0)
            for column in 0..<dimensions {
                let value = points[row * dimensions + column] - mean[column]
                score += value * SIMD2(axes[0][column], axes[1][column])
            }
            return score
        }
    }

    /// Flips the axes so that they lie as close to the previous ones as they can.
    private mutating func match(_ previous: PrincipalComponents) {
        for index in 0..<2 where Self.dot(axes[index], previous.axes[index]) < 0 {
            axes[index] = axes[index].map { -$0 }
        }
    }

    /// The largest coordinate points forward: the same picture for the same cloud.
    private static func facingForward(_ axis: [Float]) -> [Float] {
        let largest = axis.max { abs($0) < abs($1) } ?? 0
        return largest < 0 ? axis.map { -$0 } : axis
    }

    private static func mean(_ points: [Float], count: Int, dimensions: Int) -> [Float] {
        var sums = [Float](repeating: 0, count: dimensions)
        for row in 0..<count {
            for column in 0..<dimensions { sums[column] += points[row * dimensions + column] }
        }
        return sums.map { $0 / Float(max(1, count)) }
    }

    private static func startingBasis(dimensions: Int, width: Int, previous: PrincipalComponents?) -> [[Float]] {
        var start = previous?.axes ?? []
        for index in start.count..<width {
            // Any directions will do that favour no coordinate; sines of different speeds are never parallel.
            start.append((0..<dimensions).map { Float(($0 * (2 * index + 1) * 37 + index * 11) % 97) / 97 - 0.45 })
        }
        return orthonormal(start)
    }

    /// Xᵀ(X·v) for the centred points X.
    private static func scatter(_ centred: [Float], count: Int, times vector: [Float]) -> [Float] {
        let dimensions = vector.count
        var image = [Float](repeating: 0, count: dimensions)
        let points = centred.span
        let axis = vector.span
        for row in 0..<count {
            var score: Float = 0
            for column in 0..<dimensions { score += points[row * dimensions + column] * axis[column] }
            for column in 0..<dimensions { image[column] += score * points[row * dimensions + column] }
        }
        return image
    }

    /// Σ weight · vector.
    private static func combined(_ vectors: [[Float]], _ weights: [Float]) -> [Float] {
        vectors[0].indices.map { column in
            zip(weights, vectors).reduce(Float(0)) { $0 + $1.0 * $1.1[column] }
        }
    }

    /// Gram–Schmidt, twice for the sake of rounding; a vector that vanishes is replaced by a coordinate axis.
    private static func orthonormal(_ vectors: [[Float]]) -> [[Float]] {
        var basis: [[Float]] = []
        for vector in vectors {
            var candidates = [vector]
            candidates += (0..<vector.count).map { axis in (0..<vector.count).map { $0 == axis ? 1 : 0 } }
            for candidate in candidates {
                var rest = candidate
                let size = dot(rest, rest).squareRoot()
                for _ in 0..<2 {
                    for axis in basis {
                        let share = dot(rest, axis)
                        for at in rest.indices { rest[at] -= share * axis[at] }
                    }
                }
                let length = dot(rest, rest).squareRoot()
                guard length > 1e-5 * size, length.isFinite, length > 0 else { continue }
                basis.append(rest.map { $0 / length })
                break
            }
        }
        return basis
    }

    private static func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
}

/// All eigenvalues, the largest first, with their eigenvectors, of a small symmetric matrix: Jacobi's rotations
/// (Golub and Van Loan, "Matrix Computations", 4th edition, section 8.5).
func symmetricEigenvectors(_ matrix: [[Float]]) -> (values: [Float], vectors: [[Float]]) {
    let size = matrix.count
    var a = matrix
    var v = (0..<size).map { row in (0..<size).map { Float($0 == row ? 1 : 0) } }
    for _ in 0..<24 {
        var rest: Float = 0
        for p in 0..<size { for q in 0..<p { rest += a[p][q] * a[p][q] } }
        if rest == 0 || !rest.isFinite { break }
        for p in 0..<size {
            for q in p + 1..<max(p + 1, size) where a[p][q] != 0 {
                let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
                let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
                let c = 1 / (t * t + 1).squareRoot()
                let s = t * c
                for k in 0..<size {
                    (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q])
                }
                for k in 0..<size {
                    (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k])
                    (v[p][k], v[q][k]) = (c * v[p][k] - s * v[q][k], s * v[p][k] + c * v[q][k])
                }
            }
        }
    }
    let order = (0..<size).sorted { a[$0][$0] > a[$1][$1] }
    return (order.map { a[$0][$0] }, order.map { v[$0] })
}
