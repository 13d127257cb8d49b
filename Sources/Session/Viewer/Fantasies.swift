import Datasets
import Engine

/// Chains of what the network takes for likely, in sight.
public struct FantasyRequest: Sendable, Hashable {
    /// Chains side by side.
    public var chains: Int
    /// Steps from picture to picture; fewer of a large network.
    public var steps: Int
    /// Pixels 0…1 that all chains keep, `[channels, height, width]`; nil: free. Empty: all are.
    public var held: [Float?]
    /// A class for each chain, where classes are drawn too; nil: free. Empty: all are.
    public var classes: [Int?]
    /// Another number: the chains begin anew.
    public var number: Int

    public init(chains: Int, steps: Int, held: [Float?] = [], classes: [Int?] = [], number: Int = 0) {
        (self.chains, self.steps, self.held, self.classes, self.number) = (chains, steps, held, classes, number)
    }
}

/// The states of the chains.
public struct Fantasies: Sendable, Hashable {
    /// Of each chain the probabilities of the pixels, or their means, in the data's own units.
    public var images: [[Float]]
    /// The class that is on in each; nil: none are drawn.
    public var classes: [Int]?
    /// Steps since they began.
    public var steps: Int
    public init(images: [[Float]], classes: [Int]?, steps: Int) {
        (self.images, self.classes, self.steps) = (images, classes, steps)
    }
}

/// Runs the chains some steps further with each picture: without end while the weights change, and so many with the same ones.
/// The same weights, seed and wishes give the same pictures.
struct FantasyMaker {
    private struct Subject: Hashable {
        var revision: Int
        var generation: Int
        var chains: Int
        var number: Int
    }
    private var chains: GibbsChains?
    private var subject: Subject?
    private var version: Int?
    /// Steps since the weights or the wishes changed last.
    private var fresh = 0
    private var lastHeld: GibbsChains.Held?

    /// Multiplications of one picture.
    private static let work = 40_000_000
    private static let mostSteps = 20_000

    private(set) var settled = true

    /// - Returns: nil: the network's first layers do not draw the values before them.
    mutating func make(_ request: FantasyRequest, in snapshot: Snapshot) throws(EngineError) -> Fantasies? {
        let withLabels = Catalogue.drawsLabels(snapshot.experiment.training.procedure)
        if chains?.description != snapshot.network || chains?.count != request.chains
            || chains.map({ $0.classes > 0 }) != withLabels
        {
            chains = try GibbsChains(snapshot.network, chains: request.chains, withLabels: withLabels)
            (subject, version) = (nil, nil)
        }
        guard let chains else { return nil }
        if version != snapshot.parameterVersion {
            version = snapshot.parameterVersion
            chains.load(parameters: snapshot.parameters)
            fresh = 0
        }
        let wanted = GibbsChains.Held(
            inputs: request.held.contains { $0 != nil } ? networkValues(request.held, snapshot.data) : [],
            classes: request.classes)
        if wanted != lastHeld { (lastHeld, fresh) = (wanted, 0) }
        let subject = Subject(
            revision: snapshot.revision, generation: snapshot.generation, chains: request.chains, number: request.number
        )
        if subject != self.subject {
            self.subject = subject
            fresh = 0
            chains.begin(seed: snapshot.experiment.seed &+ UInt64(bitPattern: Int64(request.number)))
        }
        chains.hold(wanted)
        let steps = min(request.steps, max(1, Self.work / max(1, chains.multiplications)), Self.mostSteps - fresh)
        chains.run(steps: max(0, steps))
        fresh += max(0, steps)
        settled = fresh >= Self.mostSteps
        let (inputs, width) = (chains.inputs, chains.width)
        return Fantasies(
            images: (0..<chains.count).map {
                snapshot.data.pixels(ofNetworkValues: Array(inputs[$0 * width..<($0 + 1) * width]))
            }, classes: chains.labels, steps: chains.steps)
    }

    /// Pixels as the network takes them.
    private func networkValues(_ pixels: [Float?], _ data: PreparedData) -> [Float?] {
        let values = data.networkValues(ofPixels: pixels.map { $0 ?? 0 })
        return zip(pixels, values).map { $0 == nil ? nil : $1 }
    }
}

/// The values of a layer's units for many samples: a raster.
public struct ActivityRaster: Sendable, Hashable {
    public var layer: LayerPath
    /// The samples' rows in the shown set, by their classes.
    public var rows: [Int]
    /// Of each sample the units' values.
    public var values: [[Float]]
    public init(layer: LayerPath, rows: [Int], values: [[Float]]) {
        (self.layer, self.rows, self.values) = (layer, rows, values)
    }
}

/// The wish for one.
public struct RasterRequest: Sendable, Hashable {
    public var layer: LayerPath
    /// So many samples.
    public var samples: Int
    public init(layer: LayerPath, samples: Int) { (self.layer, self.samples) = (layer, samples) }
}

extension ActivityRaster {
    /// The first samples of each class, as many of one as of another.
    init(_ request: RasterRequest, _ snapshot: Snapshot, _ pass: ForwardPass) throws(EngineError) {
        layer = snapshot.outline.fitted(request.layer)
        let (data, count) = (snapshot.data, min(snapshot.data.shownImages.count, PreparedData.mostShownImages))
        var byClass: [Int: [Int]] = [:]
        for row in 0..<count { byClass[data.shownLabel(row) ?? 0, default: []].append(row) }
        let share = max(1, request.samples / max(1, byClass.count))
        rows = byClass.sorted { $0.key < $1.key }.flatMap { $0.value.prefix(share) }
        let units = snapshot.outline.unitCount(layer: layer)
        values = []
        for row in rows {
            pass.forward(Array(data.shownImages.inputs.values(of: row).prefix(snapshot.network.input.count)))
            values.append(Array(pass.values(layer: layer).prefix(units)))
        }
    }
}
