/// The largest magnitude that `init(bounded:)` gives: sums of such numbers, and products with a screen's width, fit an Int.
@usableFromInline let integerBound = 0x1p50

extension FixedWidthInteger {
    /// The whole part of a computed number, whatever was computed: NaN is 0, and what lies beyond ±2⁵⁰, or beyond the
    /// type's own range, is that bound.
    @inlinable
    public init(bounded value: Double) {
        // Of Double's conversions the one to Int alone is an instruction.
        self.init(clamping: value.isNaN ? 0 : Int(Swift.min(Swift.max(value, -integerBound), integerBound)))
    }

    @inlinable
    public init(bounded value: Float) { self.init(bounded: Double(value)) }
}
