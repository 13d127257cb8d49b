import Engine

/// A network that runs backwards, planned once per description, with a snapshot's parameters. Lives in the viewer's thread.
struct GradientNetwork {
    private let capacity: Int
    private let ofLoss: Bool
    private let ofParameters: Bool
    private var network: NetworkGradient?
    /// The version of the parameters in `network`; nil: none.
    private var version: Int?

    /// - Parameters:
    ///   - ofLoss: its gradients are the loss's, not those of goals.
    ///   - ofParameters: those at the parameters are wanted too.
    init(capacity: Int, ofLoss: Bool = false, ofParameters: Bool = false) {
        (self.capacity, self.ofLoss, self.ofParameters) = (capacity, ofLoss, ofParameters)
    }

    /// - Returns: nil: the network cannot be planned, or there is no memory.
    mutating func loaded(_ snapshot: Snapshot) -> NetworkGradient? {
        if network?.description != snapshot.network {
            network = try? NetworkGradient(
                snapshot.network, capacity: capacity, ofLoss: ofLoss, ofParameters: ofParameters)
            version = nil
        }
        guard let network, network.outline.flatCount == snapshot.parameters.count else { return nil }
        if version != snapshot.parameterVersion {
            version = snapshot.parameterVersion
            network.load(parameters: snapshot.parameters)
        }
        return network
    }
}
