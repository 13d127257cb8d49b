import Testing

@testable import Session

@Suite("The networks through which a lesson's goals measure")
struct GoalNetworksTests {
    private func snapshot(units: Int = 4) throws -> Snapshot {
        try SequenceFixture.snapshot(SequenceFixture.recall, #"[{"rnn":{"units":\#(units)}}]"#)
    }

    private func rows(_ snapshot: Snapshot) -> [[Float]] { [snapshot.data.inputs(of: SequenceChoice(row: 0))] }

    @Test("kept between measurements, they measure as new ones do: after a step, and of another network")
    func kept() throws {
        let networks = GoalNetworks()
        var changed = try snapshot()
        changed.parameters = changed.parameters.map { $0 * 0.5 }
        for snapshot in [try snapshot(), changed, try snapshot(units: 6), try snapshot()] {
            for _ in 0..<2 {
                let fresh = GoalNetworks()
                let lags = try #require(networks.lagGradients(of: snapshot))
                #expect(lags == fresh.lagGradients(of: snapshot) && !lags.lines.isEmpty)
                let outputs = try #require(networks.outputs(of: snapshot, at: rows(snapshot)))
                #expect(outputs == fresh.outputs(of: snapshot, at: rows(snapshot)) && !outputs.isEmpty)
            }
        }
        #expect(networks.lagGradients(of: changed) != networks.lagGradients(of: try snapshot()))
    }

    @Test("data without steps have no gradients through time, and nothing comes out where nothing goes in")
    func none() throws {
        let snapshot = try Trainer(.standard).snapshot(
            revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
        let networks = GoalNetworks()
        #expect(networks.lagGradients(of: snapshot) == nil && networks.outputs(of: snapshot, at: []) == nil)
    }
}
