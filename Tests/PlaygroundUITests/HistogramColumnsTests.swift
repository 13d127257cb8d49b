import Testing

@testable import PlaygroundUI

@Suite("Histograms")
struct HistogramColumnsTests {
    @Test("fewer columns than bins share the counts evenly")
    func narrow() {
        let even = HistogramColumns.fitting([Double](repeating: 3, count: 41), columns: 10)
        #expect(even.count == 10)
        #expect(even.allSatisfy { abs($0 - 12.3) < 1e-9 })
        #expect(HistogramColumns.fitting([1, 2, 3, 4], columns: 2) == [3, 7])
        #expect(HistogramColumns.fitting([2, 4, 6], columns: 2) == [4, 8])
    }

    @Test("more columns than bins leave the counts as they are")
    func wide() {
        #expect(HistogramColumns.fitting([1, 2, 3], columns: 9) == [1, 2, 3])
    }
}
