import CBLAS

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The Cholesky factor L of a symmetric positive definite matrix A = L·Lᵀ, in place of its lower half.
struct Cholesky {
    let size: Int
    /// Row-major `[size, size]`; above the diagonal it means nothing.
    private(set) var factor: [Double]
    /// The rows that depend on those before them; their unknowns are 0.
    private(set) var dependent: [Bool]

    /// Columns that are factored at once.
    private static let block = 96

    /// - Parameters:
    ///   - matrix: row-major, of which the lower half is read.
    ///   - tolerance: a row whose rest is at most this part of its own entry depends on those before.
    ///   - team: threads that share a large matrix; which of them does a part changes no bit.
    init(_ matrix: consuming [Double], size: Int, tolerance: Double = 0, team: ThreadTeam) {
        self.size = size
        factor = matrix
        dependent = [Bool](repeating: false, count: size)
        let least = (0..<size).map { tolerance * factor[$0 * size + $0] }
        var dependent = dependent
        factor.withUnsafeMutableBufferPointer { factor in
            let base = factor.baseAddress!
            for first in stride(from: 0, to: size, by: Self.block) {
                let end = min(first + Self.block, size)
                for column in first..<end {
                    let row = base + column * size
                    let rest = row[column] - cblas_ddot(Int32(column - first), row + first, 1, row + first, 1)
                    if rest > least[column] {
                        row[column] = rest.squareRoot()
                    } else {
                        dependent[column] = true
                        row[column] = 1
                        for other in first..<column { row[other] = 0 }
                    }
                    for below in column + 1..<max(end, column + 1) {
                        let other = base + below * size
                        let product = cblas_ddot(Int32(column - first), other + first, 1, row + first, 1)
                        other[column] = dependent[column] ? 0 : (other[column] - product) / row[column]
                    }
                }
                guard end < size else { break }
                let (width, rest) = (end - first, size - end)
                cblas_dtrsm(
                    CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, Int32(rest), Int32(width), 1,
                    base + first * size + first, Int32(size), base + end * size + first, Int32(size))
                for column in first..<end where dependent[column] {
                    for below in end..<size { base[below * size + column] = 0 }
                }
                let parts = (rest + Self.block - 1) / Self.block
                let address = UInt(bitPattern: base)
                team.run(parts: parts) { part, _ in
                    let base = UnsafeMutablePointer<Double>(bitPattern: address)!
                    let top = end + part * Self.block
                    let bottom = min(top + Self.block, size)
                    cblas_dgemm(
                        CblasRowMajor, CblasNoTrans, CblasTrans, Int32(bottom - top), Int32(bottom - end), Int32(width),
                        -1, base + top * size + first, Int32(size), base + end * size + first, Int32(size), 1,
                        base + top * size + end, Int32(size))
                }
            }
        }
        self.dependent = dependent
    }

    /// x of A·x = b.
    func solve(_ right: [Double]) -> [Double] {
        var x = right
        for row in 0..<size where dependent[row] { x[row] = 0 }
        x.withUnsafeMutableBufferPointer { x in
            factor.withUnsafeBufferPointer { factor in
                for half in [CblasNoTrans, CblasTrans] {
                    cblas_dtrsv(
                        CblasRowMajor, CblasLower, half, CblasNonUnit, Int32(size), factor.baseAddress!, Int32(size),
                        x.baseAddress!, 1)
                }
            }
        }
        for row in 0..<size where dependent[row] { x[row] = 0 }
        return x
    }
}
