import Engine
import Session

extension Explanation {
    /// The thing under the cursor of the network, in few words: the readout says the numbers.
    init(of cursor: NetworkCursor, in snapshot: Snapshot) {
        self.init()
        let outline = snapshot.outline
        guard let layer = outline[cursor.layer] else {
            title = "Feature"
            words =
                snapshot.data.sequence == nil
                ? "What goes in. The tile shows its value all over the plane."
                : "What goes in, step by step; the keys ( and ) move the time cursor."
            return
        }
        guard outline.weightMatrix(layer: cursor.layer) != nil else {
            explainUnitWithoutWeights(cursor, snapshot)
            return
        }
        switch cursor.from {
        case nil:
            let activation = layer.activation.flatMap { Catalogue.entry(.activation, $0.id) }
            formula = activation.map { layer.formula.text(with: $0.title) } ?? ""
            title = "Neuron"
            let tile =
                snapshot.data.sequence == nil
                ? "The tile is its answer all over the plane."
                : outline.hasSteps(layer: cursor.layer)
                    ? "The colours are its answers at the steps of the sequence."
                    : "The colour is its answer to the sequence."
            words = "Weighs what comes in, adds its bias and bends the sum. \(tile)"
        case -1:
            formula = layer.formula.addend.map { "\($0.symbol) in \(layer.formula.text)" } ?? ""
            words = "The bias moves the place where the neuron's answer changes its sign."
        default:
            formula = "w in \(layer.formula.text)"
            words = "How much this input counts: the link's colour is the sign, its brightness the size."
        }
    }

    /// A unit's words are its layer's.
    private mutating func explainUnitWithoutWeights(_ cursor: NetworkCursor, _ snapshot: Snapshot) {
        guard let layer = snapshot.outline[cursor.layer],
            let choice = snapshot.experiment.layer(at: cursor.layer), let entry = Catalogue.entry(.layer, choice.id)
        else { return }
        let function = layer.activation.flatMap { Catalogue.entry(.activation, $0.id) }
        title = layer.title
        formula = function?.formula ?? layer.formula.text
        words = "\(formula). \(function?.summary ?? entry.summary)"
        if cursor.from != nil, let addend = layer.formula.addend {
            words =
                "\(formula). The \(addend.word) \(addend.symbol) moves the place where the unit's answer changes its sign."
        }
    }
}

extension App {
    /// The neuron, weight or bias that is explained in place of a row.
    var explained: NetworkCursor? {
        guard let cursor = plots.pointed.cursor ?? (focus == .stack ? plots.cursor : nil),
            let outline = snapshot?.outline
        else { return nil }
        return NetworkPanel.fitted(cursor, outline)
    }
}
