import Engine
import Session
import TerminalKit

extension WalkID {
    static let tensorUpdate = WalkID("tensorUpdate")
}

extension Walk {
    /// The update of any number of a layer whose weights are no matrix: kernels, recurrent cells, attention, norms.
    static let tensorUpdate = Walk(
        id: .tensorUpdate,
        suits: { outline, path in
            outline[path].map { !$0.isBlock && outline.weightMatrix(layer: path) == nil } == true
                && !outline.trainedTensors(of: path).isEmpty
        },
        modes: [.motion], phase: .update, unitWord: "tensor",
        units: { $0.outline.trainedTensors(of: $0.state.layer).count },
        steps: { $0.tensor?.count ?? 1 }, line: { $0.tensor?.axes.last ?? 1 },
        place: { scene in scene.tensor.map { scene.name(of: $0) } ?? "" },
        lights: { [WalkLight(layer: $0.state.layer, isOwn: true)] },
        draw: { canvas, rect, numbers in
            guard let tensor = numbers.scene.tensor else { return 0 }
            return WeightStep(numbers).draw(
                into: &canvas, rect, place: tensor.offset + numbers.scene.state.step,
                title: numbers.scene.name(of: tensor), isBias: false)
        },
        words: { scene in
            func label(_ id: String) -> String {
                scene.context.bindings.label(id, glyphs: scene.context.capabilities.glyphs)
            }
            let (next, before) = (label("walk.right"), label("walk.left"))
            return "Update: " + (scene.step?.optimizer.summary ?? "")
                + " \(next) \(before) take the next number, \(label("walk.unitNext")) the next tensor; \(label("walk.take")) does the update of all of them and takes the next batch."
        })
}

extension Outline {
    /// The tensors of a layer that gradients change.
    fileprivate func trainedTensors(of path: LayerPath) -> [Tensor] {
        (self[path]?.tensors ?? []).map { tensors[$0] }.filter { $0.isTrained && !$0.isFrozen }
    }
}

extension WalkScene {
    /// The tensor that the walk is at.
    fileprivate var tensor: Outline.Tensor? {
        let all = outline.trainedTensors(of: state.layer)
        return all.isEmpty ? nil : all[min(max(0, state.unit), all.count - 1)]
    }

    /// "weight (2, 1, 3, 3)": from 1, as all places on the screen.
    fileprivate func name(of tensor: Outline.Tensor) -> String {
        var (rest, places): (Int, [Int]) = (min(state.step, tensor.count - 1), [])
        for axis in tensor.axes.reversed() {
            places.insert(rest % axis + 1, at: 0)
            rest /= axis
        }
        let own =
            tensor.name.hasPrefix(layer.path + ".") ? String(tensor.name.dropFirst(layer.path.count + 1)) : tensor.name
        return "\(own) (\(places.map(String.init).joined(separator: ", ")))"
    }
}
