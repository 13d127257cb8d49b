import CKernels
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The levels that this processor has, with the plainest first.
let kernelLevels: [lc_level] = [LC_LEVEL_BASELINE, LC_LEVEL_V3, LC_LEVEL_V4].filter { lc_kernels_at($0) != nil }

func kernels(_ level: lc_level) -> lc_kernels { lc_kernels_at(level)!.pointee }

extension lc_level: @retroactive CustomTestStringConvertible {
    public var testDescription: String { String(cString: lc_level_name(self)) }
}

/// Rows of floats as the kernels want them: 64-byte aligned, the stride a multiple of the lanes.
final class Rows {
    let units: Int
    let stride: Int
    let base: UnsafeMutablePointer<Float>

    init(_ units: Int, stride: Int, fill: (_ unit: Int, _ lane: Int) -> Float = { _, _ in 0 }) {
        self.units = units
        self.stride = stride
        let bytes = max(units * stride, Int(LC_LANES)) * 4
        base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64).bindMemory(
            to: Float.self, capacity: bytes / 4)
        for unit in 0..<units {
            for lane in 0..<stride { base[unit * stride + lane] = fill(unit, lane) }
        }
    }

    /// A flat span of values.
    convenience init(_ values: [Float]) { self.init(1, stride: values.count) { values[$1] } }

    deinit { base.deallocate() }

    subscript(unit: Int, lane: Int) -> Float { base[unit * stride + lane] }
    subscript(index: Int) -> Double { Double(base[index]) }
    var values: [Float] { (0..<units * stride).map { base[$0] } }
}

/// Random values for tests: the same in every run.
struct Dice {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func bits() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    mutating func below(_ count: Int) -> Int { Int(bits() >> 33) % count }
    mutating func real(_ low: Float = -1, _ high: Float = 1) -> Float {
        low + (high - low) * Float(bits() >> 40) * 0x1p-24
    }
}

func batch(count: Int, stride: Int, seed: UInt64 = 1, counter: UInt64 = 1, flags: Int32 = 0) -> lc_batch {
    lc_batch(count: Int32(count), stride: Int32(stride), seed: seed, counter: counter, flags: flags, first: 0)
}

/// One operation, run at `level`.
func run(
    _ code: lc_opcode, at level: lc_level, _ batch: lc_batch, m: Int, whole: Int? = nil, n: Int = 0, kind: Int32 = 0,
    flags: Int32 = 0,
    p: [Float] = [], a: Rows, b: Rows? = nil, c: Rows? = nil, d: Rows? = nil, e: Rows? = nil, f: Rows? = nil,
    window: lc_window = lc_window()
) {
    var knobs: (Float, Float, Float, Float) = (0, 0, 0, 0)
    if p.count > 0 { knobs.0 = p[0] }
    if p.count > 1 { knobs.1 = p[1] }
    var op = lc_op(
        code: Int32(code.rawValue), kind: kind, flags: flags, m: Int32(m), n: Int32(n), whole: Int32(whole ?? m),
        p: knobs, a: a.base,
        b: b?.base, c: c?.base, d: d?.base, e: e?.base, f: f?.base, g: nil, h: nil, window: window, steps: lc_steps())
    var batch = batch
    kernels(level).run(&op, 1, &batch)
    // The rows are used through pointers that the compiler does not follow.
    withExtendedLifetime((a, b, c, d, e, f)) {}
}

/// Operations as a pass has them: those that may be done together are marked.
func joined(_ operations: [lc_op]) -> [lc_op] {
    var marked = operations
    lc_find_joins(&marked, Int32(marked.count))
    return marked
}

/// `actual` against the Double result, relative to the largest of the values that went into it.
func isClose(_ actual: Float, _ expected: Double, scale: Double = 1, tolerance: Double = 4e-6) -> Bool {
    abs(Double(actual) - expected) <= tolerance * max(abs(expected), scale)
}

/// `#expect` for inner loops: the macro costs some ten microseconds a time.
func check(
    _ holds: Bool, _ comment: @autoclosure () -> String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
    if !holds { Issue.record(Comment(rawValue: comment()), sourceLocation: sourceLocation) }
}
