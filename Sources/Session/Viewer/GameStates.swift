import Engine

/// Where a layer puts states of a game.
public struct StateCloud: Sendable, Hashable {
    public var cloud: ClassCloud
    /// For each state the action of the largest output.
    public var actions: [Int]
    /// The states are remembered ones; else those of random play.
    public var areRemembered: Bool
    /// The last of `cloud.places` is the state of the game on the screen.
    public var hasPresent: Bool
}

/// Makes the clouds. Lives in the viewer's thread.
struct GameStates {
    private var clouds = CloudMaker()

    private static let most = 400

    /// - Parameter present: the state of the game on the screen; nil: none is there.
    mutating func cloud(
        _ snapshot: Snapshot, _ target: HiddenTarget, present: [Float]?, _ pass: ForwardPass
    ) throws(EngineError) -> StateCloud? {
        let width = snapshot.outline.input.count
        var states = snapshot.game?.memory?.states ?? []
        let areRemembered = !states.isEmpty
        if !areRemembered {
            let samples = snapshot.data.train
            states = (0..<min(samples.count, Self.most)).flatMap { samples.inputs.values(of: $0) }
        }
        guard width > 0, states.count >= 3 * width, states.count % width == 0 else { return nil }
        let shown = present.flatMap { $0.count == width ? $0 : nil }
        if let shown { states += shown }
        let inputs = try FixedInputs(states, width: width)
        let cloud = try clouds.cloud(snapshot, target, inputs, pass)
        let outputs = try pass.outputs(at: inputs)
        let actions = (0..<inputs.count).map { state in
            outputs.map { $0[state] }.answeredClass ?? 0
        }
        return StateCloud(
            cloud: cloud, actions: actions, areRemembered: areRemembered, hasPresent: shown != nil)
    }
}
