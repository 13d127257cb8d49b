import Engine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Places in the plane whose neighbours are those of points in many dimensions.
///
/// Van der Maaten and Hinton, "Visualizing data using t-SNE", 2008, in its exact form: p from Gaussians of a fixed perplexity,
/// q from Student's t, the gradient of KL(P‖Q) with momentum, gains and early exaggeration. It starts from given places, so the
/// same points give the same picture.
struct TSNE {
    /// `[count, count]`, symmetric, 0 on the diagonal; its sum is 1.
    var affinities: [Float]
    private(set) var places: [SIMD2<Float>]
    private var velocities: [SIMD2<Float>]
    private var gains: [SIMD2<Float>]
    /// Steps taken.
    private(set) var steps = 0

    static let perplexity: Float = 30
    /// Steps with affinities four times as large, that let clusters form, and steps with a small momentum (the paper's).
    static let exaggerated = 50
    static let slow = 250
    static let exaggeration: Float = 4

    /// - Parameter places: where the points start, of any size: they are brought to a deviation of 1e−4 along x.
    init(affinities: [Float], start places: [SIMD2<Float>]) {
        let count = Float(max(1, places.count))
        let mean = places.reduce(SIMD2(0, 0), +) / count
        let deviation = (places.reduce(Float(0)) { $0 + ($1.x - mean.x) * ($1.x - mean.x) } / count).squareRoot()
        self.init(
            affinities: affinities,
            places: places.map { ($0 - mean) * (1e-4 / (deviation > 0 && deviation.isFinite ? deviation : 1)) })
    }

    init(affinities: [Float], places: [SIMD2<Float>]) {
        precondition(affinities.count == places.count * places.count, "an affinity for each pair")
        (self.affinities, self.places) = (affinities, places)
        velocities = places.map { _ in SIMD2(0, 0) }
        gains = places.map { _ in SIMD2(1, 1) }
    }

    /// Too few points have no neighbourhoods.
    static func perplexity(of count: Int) -> Float { min(perplexity, Float(count - 1) / 3) }

    /// The conditional affinities p(j|i) of some points to all: Gaussians whose entropy is the logarithm of the perplexity,
    /// by bisection.
    /// - Parameter points: `[count, dimensions]`.
    /// - Returns: `[rows, count]`, each row's sum 1.
    static func conditional(
        points: [Float], dimensions: Int, rows: Range<Int>, perplexity: Float
    ) -> [Float] {
        let count = points.count / dimensions
        var result = [Float](repeating: 0, count: rows.count * count)
        var distances = [Float](repeating: 0, count: count)
        for row in rows {
            squaredDistances(from: row, points, dimensions, &distances)
            // The smallest distance is taken off, which changes nothing and keeps the exponentials in range.
            var nearest = Float.infinity
            for other in 0..<count where other != row { nearest = min(nearest, distances[other]) }
            for other in 0..<count { distances[other] -= nearest }
            var (precision, low, high): (Float, Float, Float) = (1, 0, .infinity)
            let spread = distances.reduce(0, +) / Float(max(1, count))
            if spread > 0, spread.isFinite { precision = 1 / spread }
            let at = (row - rows.lowerBound) * count
            for _ in 0..<64 {
                var (sum, weighed): (Float, Float) = (0, 0)
                for other in 0..<count {
                    let share = other == row ? 0 : expf(-precision * distances[other])
                    result[at + other] = share
                    sum += share
                    weighed += share * distances[other]
                }
                let entropy = logf(sum) + precision * weighed / sum
                for other in 0..<count { result[at + other] /= sum }
                let difference = entropy - logf(perplexity)
                if abs(difference) < 1e-4 { break }
                if difference > 0 {
                    low = precision
                    precision = high.isFinite ? (low + high) / 2 : 2 * precision
                } else {
                    high = precision
                    precision = (low + high) / 2
                }
            }
        }
        return result
    }

    private static func squaredDistances(
        from row: Int, _ points: [Float], _ dimensions: Int, _ distances: inout [Float]
    ) {
        points.withUnsafeBufferPointer { points in
            let own = points.baseAddress! + row * dimensions
            for other in distances.indices {
                let far = points.baseAddress! + other * dimensions
                var sums = SIMD8<Float>(repeating: 0)
                var column = 0
                while column + 8 <= dimensions {
                    let difference =
                        UnsafeRawPointer(own + column).loadUnaligned(as: SIMD8<Float>.self)
                        - UnsafeRawPointer(far + column).loadUnaligned(as: SIMD8<Float>.self)
                    sums += difference * difference
                    column += 8
                }
                var sum = sums.sum()
                while column < dimensions {
                    sum += (own[column] - far[column]) * (own[column] - far[column])
                    column += 1
                }
                distances[other] = sum.isFinite ? sum : .greatestFiniteMagnitude / 1e6
            }
        }
    }

    /// (p(j|i) + p(i|j)) / 2n.
    static func symmetric(_ conditional: [Float], count: Int) -> [Float] {
        var joint = conditional
        for row in 0..<count {
            for column in 0..<count {
                joint[row * count + column] =
                    (conditional[row * count + column] + conditional[column * count + row]) / Float(2 * count)
            }
        }
        return joint
    }

    /// KL(P‖Q) = Σ p log(p / q).
    var divergence: Double {
        let count = places.count
        var (sum, cross) = (0.0, 0.0)
        for row in 0..<count {
            for column in 0..<count where column != row {
                let difference = places[row] - places[column]
                let student = 1 / (1 + Double(difference.x * difference.x + difference.y * difference.y))
                sum += student
                let p = Double(affinities[row * count + column])
                if p > 0 { cross += p * (log(p) - log(student)) }
            }
        }
        return cross + log(sum)
    }

    /// The divergence's derivative at each place: 4 Σ (f · pᵢⱼ − qᵢⱼ) (yᵢ − yⱼ) / (1 + ‖yᵢ − yⱼ‖²).
    /// - Parameter exaggeration: f.
    func gradient(exaggeration: Float = 1) -> [SIMD2<Float>] {
        let count = places.count
        let (x, y) = (places.map(\.x), places.map(\.y))
        var student = [Float](repeating: 0, count: count * count)
        var result = [SIMD2<Float>](repeating: SIMD2(0, 0), count: count)
        x.withUnsafeBufferPointer { x in
            y.withUnsafeBufferPointer { y in
                student.withUnsafeMutableBufferPointer { student in
                    affinities.withUnsafeBufferPointer { affinities in
                        var sum = 0.0
                        for row in 0..<count {
                            let base = row * count
                            var rowSum: Float = 0
                            for column in 0..<count {
                                let (dx, dy) = (x[row] - x[column], y[row] - y[column])
                                let value = 1 / (1 + dx * dx + dy * dy)
                                student[base + column] = value
                                rowSum += value
                            }
                            sum += Double(rowSum) - 1
                        }
                        let scale = Float(1 / max(sum, 1e-30))
                        for row in 0..<count {
                            let base = row * count
                            var total = SIMD2<Float>(0, 0)
                            for column in 0..<count {
                                let value = student[base + column]
                                let pull = (exaggeration * affinities[base + column] - value * scale) * value
                                total += pull * SIMD2(x[row] - x[column], y[row] - y[column])
                            }
                            result[row] = 4 * total
                        }
                    }
                }
            }
        }
        return result
    }

    /// One step down the gradient.
    mutating func step() {
        let exaggeration = steps < Self.exaggerated ? Self.exaggeration : 1
        let momentum: Float = steps < Self.slow ? 0.5 : 0.8
        // Belkina and others, "Automated optimized parameters for t-SNE", 2019.
        let rate = max(Float(places.count) / Self.exaggeration / 4, 50)
        let slopes = gradient(exaggeration: exaggeration)
        var mean = SIMD2<Float>(0, 0)
        for at in places.indices {
            for axis in 0..<2 {
                // Jacobs, "Increased rates of convergence through learning rate adaptation", 1988.
                let turns = (slopes[at][axis] > 0) == (velocities[at][axis] > 0)
                gains[at][axis] = turns ? max(0.01, gains[at][axis] * 0.8) : gains[at][axis] + 0.2
            }
            velocities[at] = momentum * velocities[at] - rate * gains[at] * slopes[at]
            places[at] += velocities[at]
            mean += places[at]
        }
        mean /= Float(max(1, places.count))
        for at in places.indices { places[at] -= mean }
        steps += 1
    }
}

/// t-SNE of a layer's values, a little further with each picture. While the network learns the neighbourhoods are measured
/// again and again, some points' at a time, and the places follow.
struct TSNEProgress {
    private struct Subject: Hashable {
        var target: HiddenTarget
        var revision: Int
        var generation: Int
    }
    /// Neighbourhoods that are being measured.
    private struct Measuring {
        var points: [Float]
        var dimensions: Int
        var conditional: [Float] = []
        var version: Int
    }
    private var subject: Subject?
    private var measuring: Measuring?
    private var tsne: TSNE?
    /// Of the parameters that the affinities are of.
    private var version: Int?
    private var stepsLeft = 0
    private(set) var settled = true

    /// More points are not placed.
    static let mostPoints = 500
    private static let rowsPerPicture = 64
    private static let stepsPerPicture = 6
    /// Steps for the first affinities, and for new ones.
    private static let firstSteps = 750
    private static let laterSteps = 300

    var steps: Int { tsne?.steps ?? 0 }

    /// - Parameters:
    ///   - points: makes the layer's values `[count, dimensions]`, when they are needed.
    ///   - start: makes the places from which it begins.
    mutating func advance(
        _ target: HiddenTarget, of snapshot: Snapshot, dimensions: Int,
        points: () throws(EngineError) -> [Float], start: ([Float]) -> [SIMD2<Float>]
    ) throws(EngineError) -> [SIMD2<Float>] {
        let subject = Subject(target: target, revision: snapshot.revision, generation: snapshot.generation)
        if subject != self.subject {
            self = TSNEProgress()
            self.subject = subject
        }
        if measuring == nil, version != snapshot.parameterVersion {
            measuring = Measuring(
                points: try points(), dimensions: dimensions, version: snapshot.parameterVersion)
        }
        if var measuring {
            let count = measuring.points.count / measuring.dimensions
            let first = measuring.conditional.count / max(1, count)
            let rows = first..<min(count, first + Self.rowsPerPicture)
            measuring.conditional += TSNE.conditional(
                points: measuring.points, dimensions: measuring.dimensions, rows: rows,
                perplexity: TSNE.perplexity(of: count))
            if rows.upperBound == count {
                let affinities = TSNE.symmetric(measuring.conditional, count: count)
                version = measuring.version
                stepsLeft = max(stepsLeft, tsne == nil ? Self.firstSteps : Self.laterSteps)
                if tsne == nil {
                    tsne = TSNE(affinities: affinities, start: start(measuring.points))
                } else {
                    tsne!.affinities = affinities
                }
                self.measuring = nil
            } else {
                self.measuring = measuring
            }
        }
        for _ in 0..<min(stepsLeft, Self.stepsPerPicture) where tsne != nil {
            tsne!.step()
            stepsLeft -= 1
        }
        settled = measuring == nil && stepsLeft == 0 && version == snapshot.parameterVersion
        return tsne?.places ?? start(self.measuring!.points)
    }
}
