import Datasets
import Engine
import Foundation
import Testing

@testable import Session

@Suite("Gradients by lag, and paths of states")
struct StatePathTests {
    @Test("the gradients at a state by lag are the products of the derivatives on the way: one tanh unit")
    func lags() throws {
        let weight: Float = 0.7
        let snapshot = try SequenceFixture.snapshot(
            #"{"dataset":"recall","samples":10,"lag":6}"#, #"[{"rnn":{"units":1}}]"#,
            tensors: [
                "layers.0.weight_ih_l0": [0.5, -0.4, 0.8], "layers.0.weight_hh_l0": [weight],
                "layers.0.bias_ih_l0": [0.1], "layers.0.bias_hh_l0": [0],
            ])
        var request = ViewRequest()
        request.lagStep = 6
        let lags = try #require(PictureMaker().makePicture(snapshot, request).lags)
        #expect(lags.lines.count == 1 && lags.lines[0].norms.count == 7)
        let network = try Network(snapshot.network, capacity: 1)
        network.load(parameters: snapshot.parameters)
        // Relative to the last state's gradient, sequence by sequence.
        let gradient = try NetworkGradient(snapshot.network, capacity: 1, ofLoss: true)
        gradient.load(parameters: snapshot.parameters)
        let shown = snapshot.data.shownSequences
        var sums = [Double](repeating: 0, count: 7)
        for row in 0..<lags.sequences {
            let inputs = shown.inputs.values(of: row)
            network.forward(inputs, count: 1)
            let states = network.cells(layer: 0)[0].states
            gradient.run(inputs, labels: [shown.labels[row]])
            var norm = abs(Double(gradient.gradient(layer: 0)[0]))
            for lag in 0..<7 {
                sums[lag] += norm
                let state = Double(states[6 - lag])
                norm *= abs(Double(weight)) * (1 - state * state)
            }
        }
        for (lag, norm) in lags.lines[0].norms.enumerated() {
            let expected = sums[lag] / Double(lags.sequences)
            #expect(abs(norm - expected) < 1e-5 * max(1e-3, expected), "lag \(lag)")
        }
    }

    @Test(
        "where each step has a target, the loss is that at the time cursor alone: states behind it have no part in it")
    func lagsAtStep() throws {
        let snapshot = try SequenceFixture.snapshot(SequenceFixture.grammar, SequenceFixture.wordsNetwork)
        var request = ViewRequest()
        request.lagStep = 2
        let lags = try #require(PictureMaker().makePicture(snapshot, request).lags)
        #expect(lags.lines.count == 1 && lags.lines[0].norms.count == 3)
        #expect(lags.lines[0].norms.allSatisfy { $0 > 0 })
    }

    @Test("the path of a state goes through the states of each step")
    func paths() throws {
        let snapshot = try SequenceFixture.snapshot(SequenceFixture.parity, #"[{"rnn":{"units":2}}]"#)
        let target = try #require(HiddenTarget(steps: ViewSettings(), outline: snapshot.outline))
        #expect(target.layer == 0 && !target.pca && target.units == [0, 1])
        var request = ViewRequest()
        request.sequence = SequenceChoice(row: 0)
        request.statePaths = target
        let picture = try #require(PictureMaker().makePicture(snapshot, request).statePaths)
        let network = try Network(snapshot.network, capacity: 1)
        network.load(parameters: snapshot.parameters)
        network.forward(snapshot.data.shownSequences.inputs.values(of: picture.rows[1]), count: 1)
        let states = network.cells(layer: 0)[0].states
        let steps = snapshot.data.stepCount(of: SequenceChoice(row: picture.rows[1]))
        #expect(picture.paths[1].count == steps)
        for (step, place) in picture.paths[1].enumerated() {
            let x = picture.xRange.lowerBound + place.x * picture.xRange.span
            #expect(abs(x - states[2 * step]) < 1e-5)
        }
        let wide = try SequenceFixture.snapshot(SequenceFixture.parity, #"[{"gru":{"units":5}}]"#)
        request.statePaths = HiddenTarget(steps: ViewSettings(), outline: wide.outline)
        let components = try #require(PictureMaker().makePicture(wide, request).statePaths)
        #expect(
            components.target.pca && components.explained.count == 2
                && components.explained[0] >= components.explained[1])
    }

    @Test("the path of a state has a place only in a layer that has its units")
    func otherWidth() throws {
        let wide = try SequenceFixture.snapshot(SequenceFixture.parity, #"[{"gru":{"units":5}}]"#)
        let narrow = try SequenceFixture.snapshot(SequenceFixture.parity, #"[{"gru":{"units":2}}]"#)
        var request = ViewRequest()
        for target in [
            HiddenTarget(layer: 0, units: [], pca: true), HiddenTarget(layer: 0, units: [0, 4], pca: false),
        ] {
            request.statePaths = target
            #expect(PictureMaker().makePicture(wide, request).statePaths != nil)
            #expect(PictureMaker().makePicture(narrow, request).statePaths == nil)
        }
    }
}
