import Engine

/// The networks that run backwards: one for all views that ask for the same gradients, with a snapshot's parameters.
///
/// The results of a pass hold until the next view asks for the same network. Lives in the viewer's thread.
final class GradientNetworks {
    /// The gradients that a network computes.
    struct Kind: Hashable {
        /// The loss's; else those of goals.
        var ofLoss: Bool
        /// Those at the parameters too.
        var ofParameters = false

        static let ofGoals = Kind(ofLoss: false)
        static let ofLoss = Kind(ofLoss: true)
        static let ofLossAtParameters = Kind(ofLoss: true, ofParameters: true)
    }

    private struct Loaded {
        var network: NetworkGradient
        /// Of its parameters; nil: none.
        var version: Int?
    }

    private var networks: [Kind: Loaded] = [:]
    /// Those that were asked for since the last `releaseOthers`.
    private var wanted: Set<Kind> = []

    /// The networks that are planned.
    var kinds: Set<Kind> { Set(networks.keys) }

    /// Keeps a network until the next `releaseOthers`, where it is planned.
    func keep(_ kind: Kind) { wanted.insert(kind) }

    /// Frees the networks that nobody asked for since the last call.
    func releaseOthers() {
        networks = networks.filter { wanted.contains($0.key) }
        wanted = []
    }

    /// - Parameter capacity: the most samples of one pass.
    /// - Returns: nil: the network cannot be planned, or there is no memory.
    func loaded(_ snapshot: Snapshot, _ kind: Kind, capacity: Int) -> NetworkGradient? {
        wanted.insert(kind)
        if !isPlanned(snapshot.network, kind, capacity) {
            // The old one goes before the new one is made.
            networks[kind] = nil
            guard
                let made = try? NetworkGradient(
                    snapshot.network, capacity: capacity, ofLoss: kind.ofLoss, ofParameters: kind.ofParameters)
            else { return nil }
            networks[kind] = Loaded(network: made)
        }
        guard var own = networks[kind], own.network.outline.flatCount == snapshot.parameters.count else { return nil }
        if own.version != snapshot.parameterVersion {
            own.version = snapshot.parameterVersion
            own.network.load(parameters: snapshot.parameters)
            networks[kind] = own
        }
        return own.network
    }

    private func isPlanned(_ description: NetworkDescription, _ kind: Kind, _ capacity: Int) -> Bool {
        guard let network = networks[kind]?.network else { return false }
        return network.description == description && network.capacity >= capacity
    }
}
