import Session

/// The commands of the views that span two columns of the data.
enum PlaneCommands {
    static var all: [Command] {
        let spanning = View.all.filter(\.spansColumns)
        let (panels, views) = (Set(spanning.map(\.panel)), Set(spanning.map(\.id)))
        return [
            Command(
                "output.column", "another column for the x axis", hint: "columns", keys: ["c"], panels: panels,
                views: views,
                control: "view.columns", disabled: needsColumns
            ) { walkColumns(&$0, axis: 0) },
            Command(
                "output.columnY", "another column for the y axis", hint: "columns", keys: ["C"], panels: panels,
                views: views,
                control: "view.columns", disabled: needsColumns
            ) { walkColumns(&$0, axis: 1) },
        ]
    }

    private static func columnCount(_ app: App) -> Int { app.snapshot?.data.columns.count ?? 0 }

    @Sendable private static func needsColumns(_ app: App) -> String? {
        columnCount(app) > 2 ? nil : "the plots show every column that the data has"
    }

    private static func walkColumns(_ app: inout App, axis: Int) {
        let count = columnCount(app)
        var columns = ViewRequest.columns(app.experiment.view.columns, of: count)
        guard columns.count == 2, count > 2 else { return }
        repeat { columns[axis] = (columns[axis] + 1) % count } while columns[0] == columns[1]
        app.changeView { [columns] in $0.columns = columns }
    }
}
