import Engine

/// The output of `layercake describe` for a network of the literature.
public struct PublishedTable: Sendable {
    private let network: PublishedNetwork
    private let outline: Outline

    public init(_ network: PublishedNetwork) throws(EngineError) {
        self.network = network
        outline = try network.outline()
    }

    public var text: String {
        """
        \(network.title)

        \(ExperimentTable.layers(outline))

        source  \(network.source)
        """
    }

    public var json: JSON {
        .object([
            JSON.Member("title", .string(network.title)), JSON.Member("source", .string(network.source)),
            JSON.Member("input", .string(outline.input.description)),
            JSON.Member("layers", .array(outline.layers.map(ExperimentTable.json))),
            JSON.Member("parameters", .number(Double(outline.parameterCount))),
        ])
    }
}
