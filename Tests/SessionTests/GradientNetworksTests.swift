import Datasets
import Engine
import Testing

@testable import Session

@Suite("Networks that run backwards for the views")
struct GradientNetworksTests {
    private func snapshot(seed: Int = 1) throws -> Snapshot {
        try SequenceFixture.snapshot(SequenceFixture.recall, #"[{"lstm":{"units":\#(3 + seed)}}]"#)
    }

    @Test("views that ask for the same gradients share a network, planned for the larger of their batches")
    func sharing() throws {
        let networks = GradientNetworks()
        let snapshot = try snapshot()
        let first = try #require(networks.loaded(snapshot, .ofLoss, capacity: 1))
        // A vector of samples takes as much memory as one sample.
        #expect(first.capacity == 16 && networks.loaded(snapshot, .ofLoss, capacity: 16) === first)
        let second = try #require(networks.loaded(snapshot, .ofLoss, capacity: 17))
        #expect(second !== first && second.capacity == 32)
        #expect(networks.loaded(snapshot, .ofLoss, capacity: 1) === second && networks.kinds == [.ofLoss])
        #expect(networks.loaded(snapshot, .ofGoals, capacity: 1) !== second)
        let other = try self.snapshot(seed: 2)
        #expect(networks.loaded(other, .ofLoss, capacity: 1)?.description == other.network)
    }

    @Test("another network's parameters are not left in it")
    func parameters() throws {
        let networks = GradientNetworks()
        var snapshot = try snapshot()
        let inputs = snapshot.data.shownSequences.inputs.values(of: 0)
        func answer() throws -> [Float] {
            let network = try #require(networks.loaded(snapshot, .ofLoss, capacity: 1))
            network.run(inputs, labels: [1])
            return network.values(layer: network.outline.output)
        }
        let first = try answer()
        snapshot.parameters = snapshot.parameters.map { $0 + 0.5 }
        #expect(try answer() != first)
    }

    @Test("a network is freed with the first picture that asks for nothing of it")
    func release() throws {
        let networks = GradientNetworks()
        let snapshot = try snapshot()
        let first = Weak(networks.loaded(snapshot, .ofLoss, capacity: 1))
        networks.releaseOthers()
        #expect(first.network != nil)
        networks.keep(.ofLoss)
        networks.releaseOthers()
        #expect(first.network != nil && networks.kinds == [.ofLoss])
        networks.releaseOthers()
        #expect(first.network == nil && networks.kinds.isEmpty)
    }

    @Test("a health that is not due yet keeps its network")
    func health() throws {
        let networks = GradientNetworks()
        var snapshot = try snapshot()
        var meter = HealthMeter()
        _ = meter.measure(snapshot, networks)
        networks.releaseOthers()
        snapshot.parameters[0] += 1
        _ = meter.measure(snapshot, networks)
        networks.releaseOthers()
        #expect(networks.kinds == [.ofLoss])
    }
}

private final class Weak {
    weak var network: NetworkGradient?
    init(_ network: NetworkGradient?) { self.network = network }
}
