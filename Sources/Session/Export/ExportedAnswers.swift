import Datasets
import Engine

extension ExportedTraining {
    /// Test samples (training samples where there are none) as the graph takes them, and the network's answers: `x`, `lengths`
    /// where sequences have some, and `y`.
    func answers() throws(ExperimentError) -> Safetensors {
        let isTest = data.test.count > 0
        let (samples, points) = isTest ? (data.test, data.testPoints) : (data.train, data.trainPoints)
        let (input, count) = (network.description.input, min(samples.count, Self.mostAnswers))
        var file = Safetensors()
        func add(_ name: String, _ axes: [Int], _ values: [Float]) {
            file.tensors.append(Safetensors.Tensor(name: name, axes: axes, values: values))
        }
        let inputs = (0..<count).flatMap { samples.inputs.values(of: $0) }
        let width = samples.inputs.width
        if case .columns(let columns) = data.schema.kind {
            add("x", [count, columns.count], Array(points.rows.prefix(count * columns.count)))
        } else if data.schema.isImage {
            let place = width / max(1, data.featureMeans.count)
            let raw = inputs.enumerated().map { index, value in
                let channel = index % width / place
                return value * data.featureScales[channel] + data.featureMeans[channel]
            }
            add("x", [count] + input.axes, raw)
        } else {
            add("x", [count] + input.axes, (0..<count).flatMap { inputs[$0 * width..<$0 * width + input.count] })
            if width > input.count { add("lengths", [count], (0..<count).map { inputs[($0 + 1) * width - 1] }) }
        }
        do throws(EngineError) {
            let engine = try Network(network.description, capacity: 512)
            engine.load(parameters: network.flat)
            let outputs = try engine.outputs(at: FixedInputs(inputs, width: width))
            var isValue = false
            if case .regression = network.description.task { isValue = true }
            let (scale, mean) = isValue ? (data.targetScale, data.targetMean) : (1, 0)
            add(
                "y", [count] + network.outputLayer.output.axes,
                (0..<count).flatMap { sample in outputs.map { $0[sample] * scale + mean } })
        } catch { throw ExperimentError(error) }
        return file
    }

    private static let mostAnswers = 1000
}
