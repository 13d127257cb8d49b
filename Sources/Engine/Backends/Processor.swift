import CKernels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The processor's vector instructions, and the kernels compiled for them.
public enum Processor {
    /// The environment variable that chooses another level than the best.
    public static let variable = "LAYERCAKE_SIMD"

    /// The kernels' table, chosen once.
    /// - Throws: `LAYERCAKE_SIMD` names no level, or one that this processor lacks.
    static func kernels() throws(EngineError) -> UnsafePointer<lc_kernels> { try chosen.get() }

    /// The level in use: "v4" (AVX-512), "v3" (AVX2 and FMA) or "baseline".
    /// - Throws: as `kernels()`; a program calls this once at its start, to say it in time.
    public static func simdLevel() throws(EngineError) -> String {
        String(cString: lc_level_name(try kernels().pointee.level))
    }

    /// The levels, from the lowest.
    public static let levels = [LC_LEVEL_BASELINE, LC_LEVEL_V3, LC_LEVEL_V4].map { String(cString: lc_level_name($0)) }

    /// The place in `levels` of the level that would be chosen now: nothing is chosen by it.
    /// - Throws: as `kernels()`.
    public static func wishedLevel() throws(EngineError) -> Int {
        let table = try choose(getenv(variable).map { String(cString: $0) }).get()
        return levels.firstIndex(of: String(cString: lc_level_name(table.pointee.level)))!
    }

    /// The version of the linked OpenBLAS, as it reports it.
    public static var blasName: String { String(cString: lc_blas_name()) }

    nonisolated(unsafe) private static let chosen: Result<UnsafePointer<lc_kernels>, EngineError> = choose(
        getenv(variable).map { String(cString: $0) })

    /// - Parameter best: the processor's highest level.
    static func choose(_ wish: String?, best: lc_level = lc_best_level()) -> Result<
        UnsafePointer<lc_kernels>, EngineError
    > {
        let levels = [LC_LEVEL_V4, LC_LEVEL_V3, LC_LEVEL_BASELINE]
        let names = levels.map { String(cString: lc_level_name($0)) }
        guard let wish, !wish.isEmpty else {
            guard let table = lc_kernels_at(best) else {
                return .failure(EngineError(place: "processor", message: "the build contains no kernels for it"))
            }
            return .success(table)
        }
        guard let index = names.firstIndex(of: wish) else {
            return .failure(
                EngineError(
                    place: variable, message: "expected \(names.joined(separator: ", ")), found \(quoted(wish))"))
        }
        guard levels[index].rawValue <= best.rawValue, let table = lc_kernels_at(levels[index]) else {
            let best = String(cString: lc_level_name(best))
            return .failure(
                EngineError(
                    place: variable,
                    message: "this processor or build has no \(wish); its best is \(best), leave the variable unset"))
        }
        return .success(table)
    }
}
