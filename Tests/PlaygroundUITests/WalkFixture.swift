import Datasets
import Engine
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

/// An app with images and a network of random weights, and the viewer's pictures as they would come.
struct WalkFixture {
    var app: App

    /// - Parameters: layers, output: the network's, as in a document.
    init(
        layers: String, data: String = #"{"dataset":"lines","samples":60}"#, size: (Int, Int) = (120, 40),
        output: String = #"{"loss":"softmaxCrossEntropy"}"#, capabilities: Capabilities = Capabilities(),
        state: Snapshot.State = .training,
        parameters: ((Outline) -> [Float])? = nil
    ) throws {
        let experiment = try Experiment(
            json: JSON(
                parsing:
                    #"{"data":\#(data),"layers":\#(layers),"output":\#(output)}"#))
        let data = try prepare(experiment.data, features: experiment.features, directory: nil)
        let network = experiment.network(for: data)
        let outline = try network.outline()
        var random = Random(seed: 5)
        let drawn = (0..<outline.flatCount).map { _ in Float(random.uniform() - 0.4) }
        let snapshot = Snapshot(
            revision: 1, generation: 1, experiment: experiment, network: network, outline: outline, data: data,
            parameters: parameters?(outline) ?? drawn, state: state, step: 0, epoch: 0, evaluation: nil,
            history: History(), learningRate: 0.03, stepsPerSecond: 0, epochsPerSecond: 0, threads: 1, seconds: 0,
            message: nil)
        app = App(experiment: experiment)
        app.capabilities = capabilities
        app.handle(.resize(width: size.0, height: size.1))
        app.receive(snapshot: snapshot, picture: nil, failure: nil)
        show()
    }

    var snapshot: Snapshot { app.snapshot! }
    var text: String { app.draw().lines.joined(separator: "\n") }
    var numbers: WalkNumbers? { app.walkScene?.numbers }

    mutating func show() {
        app.receive(snapshot: nil, picture: PictureMaker().makePicture(app.snapshot!, app.viewRequest), failure: nil)
    }

    mutating func press(_ keys: String..., at time: Double = 0) throws {
        for key in keys {
            app.handle(.key(try #require(Key(key))), at: time)
            show()
        }
    }

    /// The network after its pass over the chosen image.
    func network() throws -> Network {
        let network = try Network(snapshot.network, capacity: 1)
        network.load(parameters: snapshot.parameters)
        let pixels = app.plotContext?.imageChoice?.drawn ?? snapshot.data.shownImage(app.plots.image)
        network.forward(pixels, count: 1)
        return network
    }

    /// The lecture's image in the corner of an empty one, and its kernel.
    static func lecture(flips: Bool, size: (Int, Int) = (120, 40)) throws -> WalkFixture {
        var fixture = try WalkFixture(
            layers:
                #"[{"conv2d":{"filters":1,"kernel":2,"kernels":"0 1/4; 1/2 1","flip":\#(flips),"activation":"linear"}}]"#,
            size: size
        ) { outline in
            var parameters = [Float](repeating: 0, count: outline.flatCount)
            let weight = outline.kernels(layer: 0)!.tensor
            for (place, value) in ([0, 0.25, 0.5, 1] as [Float]).enumerated() {
                parameters[weight.offset + place] = value
            }
            return parameters
        }
        try fixture.press("5", "d", "4")
        fixture.app.changeDrawing { drawing in
            let image: [[Float]] = [[0, 80, 40], [20, 40, 0], [0, 0, 40]]
            for (row, values) in image.enumerated() {
                for (column, value) in values.enumerated() { drawing.pixels[row * 8 + column] = value }
            }
        }
        try fixture.press("X", "home")
        return fixture
    }
}
