/// What the viewer makes of one snapshot for one request. (The plot panels' author extends it.)
public struct Picture: Sendable {
    public var revision: Int
    public var generation: Int
    public var step: Int
    public init(revision: Int, generation: Int, step: Int) {
        self.revision = revision
        self.generation = generation
        self.step = step
    }
}
