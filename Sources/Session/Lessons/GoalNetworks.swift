import Datasets
import Engine
import Synchronization

/// The networks through which goals measure: planned once for all measurements of the same network.
///
/// A value of the screen may be copied with it; a measurement does not depend on the ones before.
public final class GoalNetworks: Sendable {
    private struct Planned {
        let forward = ForwardPass(samples: Network.leastCapacity)
        let backward = GradientNetworks()
        var lags: Lags?
    }

    /// A measurement that several conditions ask for.
    private struct Lags {
        /// The parameters' and the document's versions.
        var versions: [Int]
        var gradients: LagGradients?
    }

    private let planned = Mutex(Planned())

    public init() {}

    /// A snapshot's outputs, each `[count]`; nil: its network cannot be planned, there is no memory, or a row has no values.
    /// - Parameter rows: the samples as they go in.
    func outputs(of snapshot: Snapshot, at rows: [[Float]]) -> [[Float]]? {
        guard let width = rows.first?.count, width > 0 else { return nil }
        return planned.withLock { planned in
            guard planned.forward.load(snapshot), let inputs = try? FixedInputs(rows.flatMap(\.self), width: width)
            else { return nil }
            return try? planned.forward.outputs(at: inputs)
        }
    }

    /// The gradients through time at the last answer of each sequence; nil: the data have no steps, or the network no states.
    func lagGradients(of snapshot: Snapshot) -> LagGradients? {
        guard let steps = snapshot.data.sequence?.steps else { return nil }
        let versions = [snapshot.parameterVersion, snapshot.revision, snapshot.generation]
        return planned.withLock { planned in
            if let known = planned.lags, known.versions == versions { return known.gradients }
            let gradients = LagGradientMaker().measure(at: steps - 1, in: snapshot, planned.backward)
            planned.lags = Lags(versions: versions, gradients: gradients)
            return gradients
        }
    }
}
