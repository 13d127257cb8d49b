import Testing

@testable import TerminalKit

@Suite("Numbers in columns and on axes")
struct NumberTests {
    @Test("a number of which decimals show zeros alone is a power of ten, as short as its columns")
    func tiny() {
        #expect(formatTiny(3.24e-7, decimals: 4, columns: 6) == "3.2e−7")
        #expect(formatTiny(3.24e-7, decimals: 4, columns: 5) == "3e−7")
        #expect(formatTiny(-3.24e-12, decimals: 4, columns: 6) == "−3e−12")
        #expect(formatTiny(4.9e-5, decimals: 4, columns: 6) == "4.9e−5")
        for shown in [5.1e-5, 0.3, -12, 0, .nan, .infinity] {
            #expect(formatTiny(shown, decimals: 4, columns: 6) == nil)
        }
    }

    @Test("texts stand at the left or at the right of so many columns, and longer ones stay whole")
    func padded() {
        #expect(padLeft("−5", 4) == "  −5")
        #expect(padRight("ab", 4) == "ab  ")
        #expect(padRight("漢字", 5) == "漢字 " && padLeft("漢字", 3) == "漢字")
    }

    @Test("ticks stand at 1, 2 or 5 times a power of ten, with labels of equal precision")
    func ticks() {
        let loss = Axis(from: 0, to: 0.5)
        #expect(loss.labels == ["0.0", "0.2", "0.4"])
        #expect(loss.position(0.25) == 0.5)
        #expect(Axis(from: -6, to: 6, count: 2).labels == ["−5", "0", "5"])
        #expect(Axis(from: 0.013, to: 0.487, count: 4, rounded: true).labels == ["0.0", "0.2", "0.4", "0.6"])
        #expect(Axis(from: 0, to: 260, count: 3).labels == ["0", "100", "200"])
        let flat = Axis(from: 3, to: 3)
        #expect(flat.lower < 3 && flat.upper > 3 && flat.ticks.contains(3))
        #expect(Axis(from: .nan, to: .infinity).ticks.allSatisfy { $0.isFinite })
        #expect(niceStep(0.3) == 0.5)
        #expect(niceStep(0.2) == 0.2)
        #expect(niceStep(7) == 10)
    }

    @Test("a logarithmic axis has its ticks at powers of ten, over less than two decades at 1, 2 and 5 times a power")
    func logarithmic() {
        #expect(Axis(logarithmicFrom: 0.0135, to: 0.51, count: 8).labels == ["0.02", "0.05", "0.1", "0.2", "0.5"])
        #expect(Axis(logarithmicFrom: 0.0135, to: 0.51, count: 3).labels == ["0.02", "0.1", "0.5"])
        #expect(Axis(logarithmicFrom: 3, to: 60, count: 8).labels == ["5", "10", "20", "50"])
        #expect(Axis(logarithmicFrom: 0.31, to: 0.38).labels == ["0.32", "0.34", "0.36", "0.38"])
        // Two numbers at least give the scale of any span.
        for step in 0..<60 {
            let low = 1e-6 * (0..<step).reduce(1.0) { power, _ in power * 1.37 }
            for ratio in [1.1, 1.4, 2, 2.6, 4, 7, 9.9, 10, 14, 30, 70, 99, 100, 101, 400, 1e4] {
                for count in 2...6 {
                    let axis = Axis(logarithmicFrom: low, to: low * ratio, count: count)
                    let words: Comment = "\(low) × \(ratio), \(count): \(axis.labels)"
                    #expect((2...count + 3).contains(axis.ticks.count), words)
                    #expect(axis.ticks.allSatisfy { (-1e-6...1 + 1e-6).contains(axis.position($0)) }, words)
                    #expect(Set(axis.labels).count == axis.labels.count, words)
                }
            }
        }
        let axis = Axis(logarithmicFrom: 0.0008, to: 0.5)
        #expect(axis.labels == ["0.001", "0.01", "0.1"])
        #expect(abs(axis.position(0.02) - 0.5) < 1e-9)
        #expect(Axis(logarithmicFrom: 1e-9, to: 1, count: 4).ticks.count <= 4)
        #expect(Axis(logarithmicFrom: 0, to: 0).ticks.allSatisfy { $0.isFinite && $0 > 0 })
    }

    @Test("a scripted terminal gives its events, keeps its canvases, and resumes after being suspended")
    func scripted() {
        let terminal = ScriptedTerminal(width: 10, height: 2)
        terminal.press("space", "ctrl-c")
        terminal.type("a")
        terminal.resize(width: 20, height: 5)
        #expect(terminal.nextEvent(milliseconds: 0) == .key(Key("space")!))
        #expect(terminal.nextEvent(milliseconds: 0) == .key(Key("ctrl-c")!))
        terminal.suspend()
        #expect(terminal.nextEvent(milliseconds: 0) == .resumed)
        #expect(terminal.nextEvent(milliseconds: 0) == .key(Key("a")!))
        #expect(terminal.width == 10)
        #expect(terminal.nextEvent(milliseconds: 0) == .resize(width: 20, height: 5))
        #expect(terminal.width == 20)
        #expect(terminal.nextEvent(milliseconds: -1) == nil)
        var canvas = Canvas(width: 20, height: 5)
        canvas.write("hello", x: 1, y: 1)
        #expect(terminal.present(canvas) > 0)
        #expect(terminal.present(canvas) == 0)
        #expect(terminal.lines[1] == " hello")
        #expect(terminal.canvases.count == 2)
    }
}
