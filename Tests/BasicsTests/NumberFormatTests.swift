import Testing

@testable import Basics

@Suite("Numbers as text")
struct NumberFormatTests {
    @Test("numbers with fixed decimals")
    func fixed() {
        #expect(formatFixed(0.5, decimals: 2) == "0.50")
        #expect(formatFixed(-1.58, decimals: 1) == "−1.6")
        #expect(formatFixed(-0.001, decimals: 2) == "0.00")
        #expect(formatFixed(1234.5678, decimals: 3) == "1,234.568")
        #expect(formatFixed(0.05, decimals: 4) == "0.0500")
        #expect(formatFixed(.nan, decimals: 2) == "–")
        #expect(formatFixed(-.infinity, decimals: 2) == "−∞")
        #expect(formatFixed(1e30, decimals: 2) == "1e30")
    }

    @Test("numbers with significant digits")
    func significant() {
        #expect(formatNumber(0) == "0")
        #expect(formatNumber(0.0003) == "0.0003")
        #expect(formatNumber(0.00031449) == "0.000314")
        #expect(formatNumber(0.03) == "0.03")
        #expect(formatNumber(0.1) == "0.1")
        #expect(formatNumber(9.999) == "10")
        #expect(formatNumber(12.34) == "12.3")
        #expect(formatNumber(-2.12) == "−2.12")
        #expect(formatNumber(6500) == "6,500")
        #expect(formatNumber(3.2e7) == "3.2e7")
        #expect(formatNumber(1e-7) == "1e−7")
        #expect(formatNumber(.nan) == "–")
    }

    @Test("powers of ten round to the next one where the digits do")
    func scientific() {
        #expect(formatScientific(9.6e-3, digits: 1) == "1e−2")
        #expect(formatScientific(9.6e-3, digits: 2) == "9.6e−3")
        #expect(formatScientific(9.96e-3, digits: 2) == "1e−2")
        #expect(formatScientific(9.4e-3, digits: 1) == "9e−3")
        #expect(formatScientific(1e-3, digits: 1) == "1e−3" && formatScientific(1e-3, digits: 2) == "1e−3")
        #expect(formatScientific(-9.6e4, digits: 1) == "−1e5")
        #expect(formatScientific(0, digits: 1) == "0")
        #expect(formatScientific(.infinity, digits: 1) == "∞" && formatScientific(.nan, digits: 1) == "–")
    }

    @Test("whole numbers and numbers with a prefix")
    func counts() {
        #expect(formatCount(0) == "0")
        #expect(formatCount(999) == "999")
        #expect(formatCount(6500) == "6,500")
        #expect(formatCount(-1_234_567) == "−1,234,567")
        #expect(formatCount(.min) == "−9,223,372,036,854,775,808")
        #expect(formatShort(850) == "850")
        #expect(formatShort(6500) == "6.5 k")
        #expect(formatShort(1_100_000) == "1.1 M")
        #expect(formatShort(12_300_000_000) == "12 G")
        #expect(formatShort(999_600) == "1.0 M")
        #expect(formatShort(3.25) == "3.2")
    }
}
