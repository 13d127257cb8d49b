import Engine
import Session
import Testing

@testable import PlaygroundUI

@Suite("Walking through values")
struct KnobWalkTests {
    private let rate = Knob(
        "learningRate", title: "learning rate", symbol: "η", summary: "",
        kind: .real(0...1000, steps: [0.01, 0.03, 0.1, 1]),
        default: .real(0.03))

    @Test("a real number goes to the next of its steps, also from between them, and stops at the ends")
    func real() {
        func next(_ value: Double, _ direction: Int) -> JSON? {
            KnobWalk.next(after: .number(value), of: rate, direction: direction, optional: false)
        }
        #expect(next(0.03, 1) == .number(0.1))
        #expect(next(0.05, 1) == .number(0.1))
        #expect(next(0.05, -1) == .number(0.03))
        #expect(next(1, 1) == nil)
        #expect(next(0.01, -1) == nil)
        #expect(KnobWalk.next(after: .number(0.01), of: rate, direction: -1, optional: true) == .null)
        #expect(KnobWalk.next(after: nil, of: rate, direction: 1, optional: true) == .number(0.03))
    }

    @Test("whole numbers walk up and come down through the same values")
    func integer() {
        let knob = Knob("n", title: "n", summary: "", kind: .integer(1...100_000), default: .integer(1))
        var up: [Double] = [1]
        while case .number(let next)? = KnobWalk.next(
            after: .number(up.last!), of: knob, direction: 1, optional: false)
        { up.append(next) }
        #expect(up.last == 100_000)
        #expect(up.count < 120)
        var down: [Double] = [100_000]
        while case .number(let next)? = KnobWalk.next(
            after: .number(down.last!), of: knob, direction: -1, optional: false)
        { down.append(next) }
        #expect(down.last == 1)
        #expect(down.reversed() == up)
    }

    @Test("choices go round")
    func choices() {
        let knob = Knob("w", title: "w", summary: "", kind: .word(["a", "b", "c"]), default: .text("a"))
        #expect(KnobWalk.next(after: .string("c"), of: knob, direction: 1, optional: false) == .string("a"))
        #expect(KnobWalk.next(after: .string("a"), of: knob, direction: -1, optional: false) == .string("c"))
    }

    @Test("what is typed is read as people write it")
    func parsing() {
        #expect(KnobWalk.parse(" 0.5 ", for: rate) == .number(0.5))
        #expect(KnobWalk.parse("−1", for: rate) == .number(-1))
        #expect(KnobWalk.parse("1e-3", for: rate) == .number(0.001))
        #expect(KnobWalk.parse("none", for: rate) == .null)
        #expect(KnobWalk.parse("fast", for: rate) == .string("fast"))
        let share = Knob("trainFraction", title: "", summary: "", kind: .real(0...1, steps: []), default: .real(0.5))
        #expect(KnobWalk.parse("70 %", for: share) == .number(0.7))
        #expect(KnobWalk.text(.number(0.7), of: share, none: "") == "70 %")
    }

    @Test("formulas show the numbers of this moment in place of their symbols, and marked symbols stay")
    func substitution() {
        let knobs = [rate]
        func put(_ formula: String) -> String {
            Explanation.substitute(formula, knobs: knobs) { _ in .number(0.1) }
        }
        #expect(put("w ← w − η g") == "w ← w − 0.1 g")
        #expect(put("Δ·η⁺, η") == "Δ·η⁺, 0.1")
    }

    @Test("what is left to the task is called the same everywhere, with what it comes to")
    func unset() throws {
        let table = try TableFixture()
        for (experiment, loss) in [(try table.app(), "auto: squared error")] {
            for panel in [PanelID.training, .stack] {
                let row = try #require(experiment.editing.rows[panel]?.first { $0.path == "output.loss" })
                #expect(row.value == loss && row.unset == loss)
            }
            let knob = try #require(experiment.experiment.knob(at: "output.loss"))
            #expect(experiment.valueText(of: "output.loss", knob) == loss)
            let varied = try #require(VariedSetting.all(of: experiment).first { $0.path == "output.loss" })
            #expect(varied.text(.null) == loss)
            // An own loss leaves the word for none as it was.
            var other = experiment
            other.set("output.loss", to: .string("hinge"))
            let row = try #require(other.editing.rows[.training]?.first { $0.path == "output.loss" })
            #expect(row.value != loss && row.unset == loss)
            let menu = MenuPopup.values(of: row, knob, in: other)
            #expect(menu.menu.items.last?.title == loss)
        }
        let app = try table.app()
        let stop = try #require(app.experiment.knob(at: "training.stop.epochs"))
        #expect(app.valueText(of: "training.stop.epochs", stop) == "never")
        #expect(app.editing.rows[.training]?.first { $0.path == "output.activation" }?.value == "auto: tanh")
        #expect(PlaygroundUITests.app([]).editing.rows[.training]?.first { $0.path == "output.loss" }?.value == "auto")
    }
}
