import Session
import TerminalKit
import Testing

@testable import PlaygroundUI

@Suite("Mouse")
struct MouseTests {
    /// Where a text stands on the screen.
    private func place(_ text: String, in app: App) throws -> (x: Int, y: Int) {
        for (y, line) in app.draw().lines.enumerated() {
            if let range = line.range(of: text) {
                return (line.distance(from: line.startIndex, to: range.lowerBound), y)
            }
        }
        throw Missing(text: text)
    }

    private struct Missing: Error { var text: String }

    private func click(_ text: String, in app: inout App, offset: Int = 0) throws {
        let (x, y) = try place(text, in: app)
        app.handle(.mouse(Mouse(.press, x: x + offset, y: y)), at: 100)
    }

    @Test("a click on a feature turns it on and gives its panel the focus")
    func feature() throws {
        var app = app([])
        try click("x1·x2", in: &app)
        #expect(app.focus == .features)
        #expect(app.experiment.features == ["x1", "x2", "x1*x2"])
    }

    @Test("a click on a row selects it, and its arrows change the value")
    func arrows() throws {
        var app = app(["3"])
        try click("▸", in: &app)
        #expect(app.experiment.value(at: "training.optimizer.sgd.learningRate") == .number(0.1))
        try click("◂", in: &app)
        #expect(app.experiment.value(at: "training.optimizer.sgd.learningRate") == .number(0.03))
        try click("batch size", in: &app)
        #expect(app.focus == .data)
        #expect(app.selectedRow(of: .data)?.path == "training.batchSize")
    }

    @Test("a hint is a button")
    func hint() throws {
        var app = app([])
        let playing = app.playing
        try click("space", in: &app)
        #expect(app.playing != playing)
    }

    @Test("the wheel walks through a panel's rows")
    func wheel() throws {
        var app = app(["3"])
        let before = app.selection[.training] ?? 0
        let (x, y) = try place("learning rate", in: app)
        app.handle(.mouse(Mouse(.scrollDown, x: x, y: y)))
        #expect(app.selection[.training] == before + 1)
    }

    @Test("a click beside a menu closes it")
    func menu() {
        var app = app([":"])
        app.handle(.mouse(Mouse(.press, x: 0, y: 39)))
        #expect(app.popup == nil)
    }

    @Test("a title that is folded opens its panel")
    func folded() throws {
        var app = app([], size: (80, 24))
        try click("Training", in: &app)
        #expect(app.focus == .training)
        #expect(app.layout.area(.training)?.open == true)
    }
}

extension String {
    /// The first place of another string, without Foundation.
    fileprivate func range(of other: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(other) { return start..<index(start, offsetBy: other.count) }
            start = index(after: start)
        }
        return nil
    }
}
