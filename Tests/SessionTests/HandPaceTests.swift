import Testing

@testable import Session

@Suite("Numbers that a hand sets again and again")
struct HandPaceTests {
    @Test("they are measured once a frame at most, and the last ones always")
    func pace() {
        var pace = HandPace()
        var measured = 0
        // Two hundred events in a second.
        for event in 0..<200 {
            let time = 10 + Double(event) / 200
            if pace.rest(at: time) == 0 {
                pace.done(at: time)
                measured += 1
            }
            if pace.measures(at: time) { measured += 1 }
        }
        #expect((40...62).contains(measured), "\(measured)")
        let owed = pace.isOwed
        #expect(pace.measures(at: 11) || owed)
        #expect(pace.measures(at: 20) && !pace.isOwed && pace.rest(at: 20) == nil)
        #expect(!pace.measures(at: 20.001) && pace.isOwed)
        #expect(pace.rest(at: 20.001).map { $0 > 0 && $0 < 0.02 } == true && pace.rest(at: 21) == 0)
        pace.done(at: 21)
        #expect(!pace.isOwed)
    }

    @Test("of settings of the same numbers that follow each other the last one counts, of others each")
    func counting() {
        func values(_ commands: [TrainerCommand]) -> [[Float]] {
            TrainerCommand.counting(among: commands).map { command in
                switch command {
                case .setParameters(_, let values): values
                case .goBack(let epoch): [Float(epoch)]
                default: []
                }
            }
        }
        let drag = (0..<50).map { TrainerCommand.setParameters([1, 2], [Float($0), 0]) }
        #expect(values(drag) == [[49, 0]])
        #expect(values([drag[0], .setParameters([3], [7]), drag[1]]) == [[0, 0], [7], [1, 0]])
        #expect(
            values([drag[0], .pause, drag[1], .goBack(epoch: 1), .goBack(epoch: 2)]) == [[0, 0], [], [1, 0], [2]])
    }
}
