import Basics
import Datasets
import Engine
import Session
import TerminalKit

/// A table of methods: datasets downwards, to the right the data themselves, the network and its rivals, each with its answers over
/// the plane. The present data are the first row, a drawing of one's own too; their network and training are those of all rows.
/// Source: the picture follows “Classifier comparison”, an example of scikit-learn's documentation.
struct MethodAtlas: GridScreen {
    struct Row: Sendable {
        var title: String
        var experiment: Experiment
    }

    let rows: [Row]
    /// The methods in their order, the network first.
    let methods: [String]
    /// The selected cell.
    var row = 0
    var column = 0

    static let mostRows = 8

    /// - Parameter schema: of the present data; nil: it is not known.
    /// - Throws: what keeps the present experiment from having rivals.
    init(_ base: Experiment, _ schema: DataSchema?) throws(ExperimentError) {
        var base = base
        base.compare = []
        // Data without a plane, or a procedure without answers, give way to the standard experiment.
        let isPlane = schema.map { $0.columns == ["x1", "x2"] } ?? false
        let hasAnswers = Catalogue.answersLabels(base.training.procedure)
        if !isPlane || !hasAnswers { base = .standard }
        let own = isPlane && hasAnswers ? schema! : base.dataSchema!
        if base.rivals.isEmpty {
            base.rivals = base.fittingRivals(of: Catalogue.entries(.rival).map { Choice($0.id) })
        }
        try base.validate()
        let title = Datasets.entry(base.data.dataset.id)?.title ?? base.data.dataset.id
        var rows = [Row(title: title, experiment: base)]
        for entry in Datasets.all where entry.id != base.data.dataset.id && rows.count < Self.mostRows {
            // Truth tables have too few points for a comparison.
            guard entry.knob("samples") != nil,
                let next = try? base.setting("data.dataset", to: .string(entry.id)), next.rivals == base.rivals,
                let schema = next.dataSchema, schema.columns == own.columns,
                (schema.task.classes == nil) == (own.task.classes == nil), (try? next.validate()) != nil
            else { continue }
            rows.append(Row(title: entry.title, experiment: next))
        }
        self.rows = rows
        methods =
            (Catalogue.trainsNetwork(base.training.procedure) ? ["network"] : [])
            + Catalogue.titles(ofRivals: base.rivals)
    }
}

extension App {
    /// The reason that networks of other settings cannot stand side by side; nil: they can.
    var lackOfNetworks: String? {
        Catalogue.trainsNetwork(experiment.training.procedure)
            ? nil : "there are rivals alone, and no network: \(label("grid.methods")) sets them side by side"
    }

    var methods: MethodAtlas? { grid?.screen as? MethodAtlas }

    mutating func openMethods() {
        let (experiment, schema) = (experiment, snapshot?.data.schema)
        plan("the methods") { _ throws(ExperimentError) in
            try MethodAtlas(experiment, schema ?? experiment.dataSchema)
        }
    }

    fileprivate mutating func moveInMethods(_ dx: Int, _ dy: Int) {
        guard var methods else { return }
        methods.column = min(max(0, methods.column + dx), methods.methods.count - 1)
        methods.row = min(max(0, methods.row + dy), methods.rows.count - 1)
        grid?.screen = methods
    }

    /// The selected data with all methods as the experiment, the selected one in front.
    fileprivate mutating func openMethod() {
        guard let methods else { return }
        let row = methods.rows[methods.row]
        take(.replace(row.experiment), title: "\(row.title) with its rivals")
        let hasNetwork = Catalogue.trainsNetwork(row.experiment.training.procedure)
        showAlone(rival: methods.column - (hasNetwork ? 1 : 0))
    }
}

extension MethodAtlas {
    static let title = "Methods"
    static let fitsRivals = true

    var experiments: [Experiment] { rows.map(\.experiment) }
    var countWords: String { "\(plural(rows.count, "dataset")), \(plural(methods.count, "method"))" }

    func requests(in app: App) -> [ViewRequest] { MethodAtlasView(app, self).requests }

    func draw(into frame: inout Frame, _ app: App) { MethodAtlasView(app, self).draw(into: &frame) }

    func select(_ index: Int, in app: inout App) {
        let place = index.quotientAndRemainder(dividingBy: methods.count)
        if (row, column) == place { return app.openMethod() }
        var next = self
        (next.row, next.column) = place
        app.grid?.screen = next
    }

    static let commands: [Command] =
        [
            Command("methods.left", "the method to the left", hint: "move", keys: ["left", "h"]) {
                $0.moveInMethods(-1, 0)
            },
            Command("methods.right", "the method to the right", hint: "move", keys: ["right", "l"]) {
                $0.moveInMethods(1, 0)
            },
            Command("methods.up", "the data above", hint: "move", keys: ["up", "k"]) { $0.moveInMethods(0, -1) },
            Command("methods.down", "the data below", hint: "move", keys: ["down", "j"]) { $0.moveInMethods(0, 1) },
            Command(
                "methods.open", "open these data with all methods, this one in front", hint: "open", keys: ["enter"]
            ) { $0.openMethod() }.lasting,
        ] + sharedCommands(of: "methods")
}
