import Datasets
import Engine
import Testing

@testable import Session

@Suite("Pictures")
struct ViewerPictureTests {
    private func picture(_ snapshot: Snapshot, _ change: (inout ViewRequest) -> Void) -> Picture {
        var request = ViewRequest()
        change(&request)
        return PictureMaker().makePicture(snapshot, request)
    }

    @Test("the boundary of the output x1/6 is x1/6 at the middle of every pixel, whatever x2")
    func boundary() throws {
        let snapshot = try ViewerFixture.plane(1 / 6, 0, 0)
        let boundary = try #require(
            picture(snapshot) { $0.boundary = ViewRequest.Size(columns: 4, rows: 2) }.boundary)
        let row: [Float] = [-0.75, -0.25, 0.25, 0.75]
        for (found, expected) in zip(boundary.field.values, row + row) { #expect(abs(found - expected) < 1e-5) }
        #expect(boundary.columns == [0, 1])
        #expect(boundary.xRange == -6...6)
    }

    @Test("the top row has the largest x2, and columns can be exchanged")
    func orientation() throws {
        let snapshot = try ViewerFixture.plane(0, 1 / 6, 0)
        let upright = try #require(picture(snapshot) { $0.boundary = .init(columns: 1, rows: 2) }.boundary)
        #expect(upright.field.values[0] > 0.49 && upright.field.values[1] < -0.49)
        let crossed = try #require(
            picture(snapshot) {
                $0.boundary = .init(columns: 2, rows: 1)
                $0.columns = [1, 0]
            }.boundary)
        #expect(crossed.field.values[0] < -0.49 && crossed.field.values[1] > 0.49)
    }

    @Test("a point is a mistake where the network's answer is another class, at the point itself and not its pixel")
    func mistakes() throws {
        var snapshot = try ViewerFixture.plane(1 / 6, 0, 0)
        let labels = snapshot.data.trainPoints.labels
        let made = picture(snapshot) { $0.boundary = .init(columns: 1, rows: 1) }
        let right = labels.indices.map { row in
            (snapshot.data.trainPoints.rows[2 * row] >= 0 ? 1 : 0) == labels[row]
        }
        #expect(made.mistakes.train == right.map { !$0 })
        snapshot.data.trainPoints.labels = labels.map { 1 - $0 }
        #expect(picture(snapshot) { $0.boundary = .init(columns: 1, rows: 1) }.mistakes.train == right)
        snapshot.network.task = .regression
        #expect(picture(snapshot) { $0.boundary = .init(columns: 1, rows: 1) }.mistakes.train.isEmpty)
    }

    @Test("a hidden neuron's own response takes the output's place")
    func neuron() throws {
        let snapshot = try ViewerFixture.plane(0, 0, 0)
        let boundary = try #require(
            picture(snapshot) {
                $0.boundary = .init(columns: 2, rows: 1)
                $0.neuron = .init(layer: 0, unit: 0)
            }.boundary)
        // ±3 in units of the largest.
        #expect(boundary.field.values.map { $0.rounded() } == [-1, 1])
        #expect(abs(boundary.scale.original(boundary.field.values[1]) - 3) < 1e-5)
    }

    @Test("tiles show each unit, features scaled by their largest value; a range past the end is cut")
    func tiles() throws {
        let snapshot = try ViewerFixture.plane(1 / 6, 0, 0)
        let made = picture(snapshot) {
            $0.tileSize = .init(columns: 2, rows: 2)
            $0.tiles = [.init(layer: -1, units: 0..<2), .init(layer: 0, units: 1..<9), .init(layer: 1, units: 0..<1)]
        }
        #expect(made.tiles.map(\.units) == [0..<2, 1..<2, 0..<1])
        #expect(made.tile(layer: -1, unit: 1) == [1, 1, -1, -1])
        #expect(made.tile(layer: 0, unit: 1) == [1, 1, -1, -1])
        #expect(made.tile(layer: 1, unit: 0) == [-0.5, 0.5, -0.5, 0.5])
        #expect(made.tile(layer: 0, unit: 0) == nil)
    }

    @Test("several outputs become the winning class and how far it is ahead")
    func classes() throws {
        let network = NetworkDescription(
            input: Shape(2), task: .classification(classes: 3), layers: [], loss: Choice("softmaxCrossEntropy"))
        let points = ViewerFixture.points + [DrawnPoint(x1: 3, x2: 3, label: .text("c"))]
        let snapshot = try ViewerFixture.snapshot(
            network, tensors: ["output.weight": [10, 0, -10, 0, 0, 0]], points: points)
        let boundary = try #require(picture(snapshot) { $0.boundary = .init(columns: 3, rows: 1) }.boundary)
        #expect(boundary.field.classes[0] == 1)
        #expect(boundary.field.classes[2] == 0)
        #expect(boundary.field.confidences[0] > 0.99)
        // In the middle all three are equal.
        #expect(boundary.field.confidences[1] < 1e-5)
        #expect(boundary.field.values.isEmpty)
    }

    @Test("a probability is shown from −1 to 1, and the scale tells it back")
    func probability() throws {
        let network = NetworkDescription(
            input: Shape(2), task: .classification(classes: 2), layers: [], loss: Choice("binaryCrossEntropy"))
        let snapshot = try ViewerFixture.snapshot(network, tensors: ["output.weight": [100, 0]])
        let boundary = try #require(picture(snapshot) { $0.boundary = .init(columns: 2, rows: 1) }.boundary)
        #expect(boundary.field.values == [-1, 1])
        #expect(boundary.scale.original(-1) == 0 && boundary.scale.original(1) == 1)
    }

    @Test("the view shows the hidden layer's plane, and the next layer's line crosses it where its output is 0")
    func hidden() throws {
        // Output x1 + x2 − 2: the line from (2, 0) to (0, 2).
        let snapshot = try ViewerFixture.plane(1, 1, -2)
        let hidden = try #require(picture(snapshot) { $0.hidden = HiddenTarget(layer: 0) }.hidden)
        #expect(hidden.size == ViewRequest.Size(columns: 41, rows: 41))
        // The identity: the grid's corner lies as far from the axes' ends as the margin says.
        let margin = Float(0.06 / 1.12)
        #expect(abs(hidden.gridEnd[0].x - margin) < 1e-3 && abs(hidden.gridEnd[0].y - margin) < 1e-3)
        #expect(hidden.gridStart[0] == SIMD2(0, 0) && hidden.gridStart[1680] == SIMD2(1, 1))
        let line = try #require(hidden.line)
        for end in line {
            let x = hidden.xRange.lowerBound + end.x * (hidden.xRange.upperBound - hidden.xRange.lowerBound)
            let y = hidden.yRange.lowerBound + end.y * (hidden.yRange.upperBound - hidden.yRange.lowerBound)
            #expect(abs(x + y - 2) < 1e-3)
        }
        #expect(hidden.trainStart.count == 3)
        #expect(abs(hidden.trainStart[0].x - 7 / 12) < 1e-5 && abs(hidden.trainStart[0].y - 8 / 12) < 1e-5)
        #expect(hidden.words.isEmpty)
    }

    @Test("a line is drawn only where the next layer has one unit and the view shows all of its inputs")
    func noLine() throws {
        let network = NetworkDescription(
            input: Shape(2), task: .classification(classes: 2),
            layers: [ViewerFixture.dense(3, "tanh"), ViewerFixture.dense(2, "tanh")])
        let snapshot = try ViewerFixture.snapshot(
            network, tensors: ["output.weight": [1, 1], "layers.1.weight": [1, 0, 0, 0, 1, 0]])
        func line(_ layer: LayerPath, _ stage: ViewSettings.Stage) -> Bool {
            picture(snapshot) { $0.hidden = HiddenTarget(layer: layer, stage: stage) }.hidden?.line != nil
        }
        #expect(!line(0, .activation))
        #expect(!line(1, .preActivation))
        // Both units are 0 everywhere, but the line is the next layer's alone.
        #expect(line(1, .activation))
    }

    @Test("with two softmax outputs the line is where they are equal")
    func softmaxLine() throws {
        let network = NetworkDescription(
            input: Shape(2), task: .classification(classes: 2), layers: [ViewerFixture.dense(2, "linear")],
            loss: Choice("softmaxCrossEntropy"))
        let snapshot = try ViewerFixture.snapshot(
            network,
            tensors: ["layers.0.weight": [1, 0, 0, 1], "output.weight": [1, 0, 0, 1], "output.bias": [1, 0]])
        // h1 + 1 = h2.
        let line = try #require(NextLayerLine(snapshot: snapshot, target: HiddenTarget(layer: 0)))
        #expect(line.x == 1 && line.y == -1 && line.constant == 1)
    }

    @Test("a dead unit and a constant one are said in words")
    func words() throws {
        let network = NetworkDescription(
            input: Shape(2), task: .classification(classes: 2), layers: [ViewerFixture.dense(2, "relu")])
        let snapshot = try ViewerFixture.snapshot(network, tensors: ["layers.0.bias": [-1, 0.25]])
        let hidden = try #require(picture(snapshot) { $0.hidden = HiddenTarget(layer: 0) }.hidden)
        #expect(hidden.words == ["unit 1 is dead: 0 everywhere", "unit 2 is constant: 0.25 everywhere"])
        let linear = NetworkDescription(
            input: Shape(2), task: .classification(classes: 2), layers: [ViewerFixture.dense(2, "linear")])
        let constant = try ViewerFixture.snapshot(linear, tensors: ["layers.0.bias": [-0.000002, 2]])
        let lines = try #require(picture(constant) { $0.hidden = HiddenTarget(layer: 0) }.hidden)
        #expect(lines.words == ["unit 1 is constant: −2e−6 everywhere", "unit 2 is constant: 2 everywhere"])
        #expect(hidden.gridEnd.allSatisfy { $0.x.isFinite && $0.y.isFinite })
    }

    @Test("three units can be seen through their principal components, and a frozen view keeps axes and basis")
    func components() throws {
        let network = NetworkDescription(
            input: Shape(2), task: .classification(classes: 2), layers: [ViewerFixture.dense(3, "linear")])
        var snapshot = try ViewerFixture.snapshot(network, tensors: ["layers.0.weight": [1, 0, 0, 1, 0, 0]])
        let maker = PictureMaker()
        var request = ViewRequest()
        request.hidden = HiddenTarget(layer: 0, pca: true)
        let first = try #require(maker.makePicture(snapshot, request).hidden)
        #expect(first.target.units.isEmpty)
        // The third unit is 0: two components explain everything.
        #expect(abs(first.explained.reduce(0, +) - 1) < 1e-4)
        snapshot.parameters = snapshot.parameters.map { $0 * 2 }
        snapshot.step = 1
        request.scaleFrozen = true
        let frozen = try #require(maker.makePicture(snapshot, request).hidden)
        #expect(frozen.xRange == first.xRange)
        // Twice as large on the same axes.
        let centre = (first.xRange.lowerBound + first.xRange.upperBound) / 2
        #expect(abs(frozen.gridEnd[0].x - 0.5) > 1.5 * abs(first.gridEnd[0].x - 0.5) || abs(centre) > 1)
        request.scaleFrozen = false
        let moving = maker.makePicture(snapshot, request)
        #expect(!moving.settled)
        #expect(moving.hidden!.xRange != first.xRange)
    }

    @Test(
        "one unit is as long down as across in the layer's plane and in the input's, as long as the spans differ less than threefold",
        arguments: [0.5, 1, 2.2])
    func proportions(aspect: Float) throws {
        let network = NetworkDescription(
            input: Shape(2), task: .classification(classes: 2), layers: [ViewerFixture.dense(2, "linear")])
        for (weight, shared) in [(Float(1), true), (2.5, true), (0.5, true), (9, false)] {
            let snapshot = try ViewerFixture.snapshot(network, tensors: ["layers.0.weight": [1, 0, 0, weight]])
            let hidden = try #require(
                picture(snapshot) {
                    $0.hidden = HiddenTarget(layer: 0)
                    $0.hiddenAspect = aspect
                }.hidden)
            let ratio = hidden.xRange.span / hidden.yRange.span / aspect
            #expect((abs(ratio - 1) < 1e-4) == shared, "\(weight)")
            let start = hidden.startXRange.span / hidden.startYRange.span / aspect
            #expect(abs(start - 1) < 1e-4)
            // The plane's corners are where they were.
            let corner = hidden.gridStart[0]
            let x = hidden.startXRange.lowerBound + corner.x * hidden.startXRange.span
            #expect(abs(x - snapshot.data.columns[0].range.lowerBound) < 1e-3)
            #expect((hidden.gridStart + hidden.gridEnd).allSatisfy { $0.x >= -1e-3 && $0.x <= 1.001 })
        }
    }

    @Test("a view can bend from another layer in place of the input plane")
    func bendsFromLayer() throws {
        let network = NetworkDescription(
            input: Shape(2), task: .classification(classes: 2),
            layers: [ViewerFixture.dense(2, "linear"), ViewerFixture.dense(2, "linear")])
        let snapshot = try ViewerFixture.snapshot(
            network, tensors: ["layers.0.weight": [0, 1, 1, 0], "layers.1.weight": [1, 1, 0, 1]])
        let first = try #require(picture(snapshot) { $0.hidden = HiddenTarget(layer: 0) }.hidden)
        let second = try #require(
            picture(snapshot) {
                $0.hidden = HiddenTarget(layer: 1)
                $0.hiddenStart = HiddenTarget(layer: 0)
            }.hidden)
        #expect(second.start == HiddenTarget(layer: 0) && second.target == HiddenTarget(layer: 1))
        #expect(second.gridStart == first.gridEnd && second.trainStart == first.trainEnd)
        #expect(second.startXRange == first.xRange)
    }

    @Test("above two units the view shows principal components, unless units are named or it is told not to")
    func componentsByDefault() throws {
        let network = NetworkDescription(
            input: Shape(2), task: .classification(classes: 2), layers: [ViewerFixture.dense(3, "tanh")])
        let outline = try network.outline()
        var view = ViewSettings()
        #expect(HiddenTarget(view: view, outline: outline).pca)
        view.units = [0, 2]
        #expect(HiddenTarget(view: view, outline: outline).units == [0, 2])
        view.pca = true
        #expect(HiddenTarget(view: view, outline: outline).pca)
        view = ViewSettings()
        view.pca = false
        #expect(HiddenTarget(view: view, outline: outline).units == [0, 1])
        view.pca = nil
        view.layer = 1
        #expect(!HiddenTarget(view: view, outline: outline).pca)
    }

    @Test("one unit is a strip, one input a curve over it")
    func lowDimensions() throws {
        let network = NetworkDescription(
            input: Shape(2), task: .classification(classes: 2), layers: [ViewerFixture.dense(1, "linear")])
        let plane = try ViewerFixture.snapshot(network, tensors: ["layers.0.weight": [1, 0], "output.weight": [1]])
        let strip = try #require(picture(plane) { $0.hidden = HiddenTarget(layer: 0) }.hidden)
        #expect(strip.strip)
        #expect(strip.gridEnd.allSatisfy { $0.y >= 0.24 && $0.y <= 0.76 })
        #expect(strip.line.map { abs($0[0].x - $0[1].x) < 1e-4 } == true)

        let single = NetworkDescription(input: Shape(1), task: .regression, layers: [])
        let curve = try ViewerFixture.snapshot(
            single, tensors: ["output.weight": [2], "output.bias": [1]], features: ["x1"],
            points: [DrawnPoint(x1: -1, x2: 0, label: .number(-1)), DrawnPoint(x1: 1, x2: 0, label: .number(3))])
        let made = picture(curve) { $0.boundary = .init(columns: 3, rows: 9) }
        if curve.data.columns.count == 1 {
            #expect(made.boundary?.curves == [[-11, 1, 13]])
        }
    }

    @Test("a choice that points past the end of a smaller network falls back")
    func fitting() throws {
        let outline = try ViewerFixture.plane(1, 0, 0).outline
        let target = HiddenTarget(layer: 7, units: [5, 1], pca: true).fitted(to: outline)
        #expect(target == HiddenTarget(layer: 1, units: [0]))
        #expect(HiddenTarget(layer: 0, units: [1]).fitted(to: outline).units == [1, 0])
    }

    @Test("the probe tells a neuron's value at a place, before and after its activation")
    func probe() throws {
        let network = NetworkDescription(
            input: Shape(2), task: .classification(classes: 2), layers: [ViewerFixture.dense(1, "relu")])
        let snapshot = try ViewerFixture.snapshot(
            network, tensors: ["layers.0.weight": [1, -1], "layers.0.bias": [0.5]])
        let probe = try #require(
            picture(snapshot) {
                $0.probe = SIMD2(1, 4)
                $0.probed = .init(layer: 0, unit: 0)
            }.probe)
        #expect(probe.preActivation == -2.5 && probe.activation == 0)
    }

    @Test("a grid over two of three columns holds the third at its mean")
    func threeColumns() throws {
        var data = try ViewerFixture.plane(0, 0, 0).data
        data.columns = [
            Column(name: "length", range: 0...4), Column(name: "width", range: 0...1, mean: 7),
            Column(name: "height", range: 10...20),
        ]
        let size = ViewRequest.Size(columns: 2, rows: 2)
        let pixels = ForwardPass.gridRows(data, columns: [2, 0], size: size, vertices: false)
        // From the top row down: length 3, then 1; height 12.5 and 17.5.
        #expect(pixels == [3, 7, 12.5, 3, 7, 17.5, 1, 7, 12.5, 1, 7, 17.5])
        let vertices = ForwardPass.gridRows(data, columns: [0, 2], size: size, vertices: true)
        #expect(vertices == [0, 7, 10, 4, 7, 10, 0, 7, 20, 4, 7, 20])
        #expect(ViewRequest.columns([5, 2], of: 3) == [2, 0])
        #expect(ViewRequest.columns([], of: 1) == [0])
    }
}
