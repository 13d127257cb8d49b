/// What `layercake describe` prints: the stack as a table, then data, loss and optimizer.
public struct ExperimentTable {
    public var text: String

    public init(_ source: ExperimentSource) throws { fatalError("not built yet") }
}
