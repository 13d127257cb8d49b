import Datasets
import Engine

/// Goals on the shape of a layer's values, on what one of them depends on, and on the gradient that comes back through time.
extension GoalKind {
    static let ofShapes = [size, reach, lagGradient]

    private static let layer = DocumentField(
        "of", summary: "The layer by its path: “layers.0”, “output”.", form: .value(.text)
    ).required()

    /// "layer 2" of "layers.1", as the stack counts them.
    private static func layerName(_ settings: JSON, _ words: LessonWords) -> String {
        let name = text("of", settings).split(separator: ".")
        guard name.first == "layers", name.count == 2, let index = Int(name[1]), index < 1_000_000 else {
            return text("of", settings)
        }
        return words(.layer, "\(index + 1)")
    }

    private static func path(_ settings: JSON, _ outline: Outline) -> LayerPath? {
        let name = text("of", settings)
        if name == "output" { return outline.output }
        // Behind the last hidden layer stands the output, which is none.
        let path = LayerPath(String(name.dropFirst("layers.".count)))
        return path.flatMap { outline[$0] == nil || $0 == outline.output ? nil : $0 }
    }

    private static let axes: [(id: String, word: GoalWord)] = [
        ("channels", .channels), ("height", .height), ("width", .width), ("steps", .stepsOfSequence),
        ("features", .featuresOfSequence), ("values", .values),
    ]

    private static let size = GoalKind(
        id: "size", summary: "One length of a layer's values: of maps their height, of sequences their steps.",
        fields: [
            layer,
            DocumentField("along", summary: "The length that is meant.", form: .value(.word(axes.map(\.id))))
                .required(),
        ],
        title: { settings, words in
            let along = text("along", settings)
            let axis = axes.first { $0.id == along }.map { words($0.word) } ?? along
            return words(.size, axis, layerName(settings, words))
        },
        measure: { settings, snapshot, _ in
            guard let path = path(settings, snapshot.outline), let shape = snapshot.outline[path]?.output else {
                return nil
            }
            let along = text("along", settings)
            let names =
                switch shape.axes.count {
                case 3: ["channels", "height", "width"]
                case 2: ["steps", "features"]
                default: ["values"]
                }
            if along == "values" { return .number(Double(shape.count)) }
            return names.firstIndex(of: along).map { .number(Double(shape.axes[$0])) }
        })

    private static let reach = GoalKind(
        id: "reach",
        summary:
            "How much of the input one value of a layer depends on: the rows of pixels of its receptive field, or the steps back.",
        fields: [layer], title: { $1(.reach, layerName($0, $1)) },
        measure: { settings, snapshot, _ in
            let outline = snapshot.outline
            guard let path = path(settings, outline) else { return nil }
            return outline.reach(of: path).map { .number(Double($0)) }
        })

    private static let lagGradient = GoalKind(
        id: "lagGradient",
        summary:
            "The loss's gradient at the state some steps before the answer, as a part of that at the answer itself.",
        fields: [
            DocumentField("lag", summary: "The steps before the answer.", form: .value(.integer(0...100_000)))
                .required()
        ],
        title: { $1(.lagGradient, "\(Int(number("lag", $0) ?? 0))") },
        measure: { settings, snapshot, networks in
            let lag = Int(number("lag", settings) ?? 0)
            guard let norms = networks.lagGradients(of: snapshot)?.lines.first?.norms, norms.indices.contains(lag),
                norms[0] > 0
            else { return nil }
            return .number(norms[lag] / norms[0])
        })
}

extension Outline {
    /// Rows of pixels, or steps of the sequence, on which one value of a layer depends; nil: the input is neither.
    fileprivate func reach(of layer: LayerPath) -> Int? {
        if input.axes.count == 3, let shape = self[layer]?.output {
            let middle = shape.axes.count == 3 ? (shape.axes[1] / 2, shape.axes[2] / 2) : (0, 0)
            let part = ImagePart(row: middle.0, column: middle.1)
            return receptiveField(of: layer, part, reachingOver: true)?.rows.count
        }
        guard input.axes.count == 2 else { return nil }
        var (path, reach) = (layer, 1)
        while !path.isInput, let own = self[path] {
            switch own.link {
            case .stepKernels(let window)?: reach += (window.taps - 1) * window.dilation
            case .oneToOne?, .pass?: break
            default: return input.axes[0]
            }
            path = directlyBefore(path)
        }
        return reach
    }
}
