import Datasets
import Engine
import Foundation
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI

/// Five columns: "id" only counts the rows, "sex" holds texts, "kind" is the label.
final class TableFixture {
    let path: String

    /// - Parameter label: the last column's name.
    init(label: String = "kind") throws {
        path = FileManager.default.temporaryDirectory.appending(path: "layercake-\(UUID().uuidString).csv").path
        var text = "id,age,sex,score,\(label)\n"
        for row in 0..<60 {
            text += "\(row + 1),\(20 + row % 30),\(row % 3 == 0 ? "male" : "female"),\(row % 7).5,"
            text += row % 2 == 0 ? "yes\n" : "no\n"
        }
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The app after some keys, with the data there.
    func app(_ keys: [String] = [], _ settings: String..., size: (Int, Int) = (120, 40)) throws -> App {
        let experiment = try Experiment.standard.setting(
            assignments: [#"data={"dataset": "csv", "file": "\#(path)"}"#, "features=[]"] + settings)
        var app = App(experiment: experiment)
        app.handle(.resize(width: size.0, height: size.1))
        try arrive(&app)
        for label in keys { app.handle(.key(try #require(Key(label)))) }
        return app
    }

    /// The trainer's answer to the present document.
    func arrive(_ app: inout App) throws {
        let snapshot = try Trainer(app.experiment, directory: app.session.directory).snapshot(
            revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
        app.receive(snapshot: snapshot, picture: nil, failure: nil)
    }

    /// The keys that select a row of the data panel.
    func keys(to kind: EditorRow.Kind) throws -> [String] {
        let row = try #require(app().editing.rows[.data]?.firstIndex { $0.kind == kind })
        return ["1"] + Array(repeating: "down", count: row)
    }
}

@Suite("A table's label and columns")
struct TableMenuTests {
    private func items(_ app: App) throws -> [MenuItem] {
        guard let popup = app.popup as? MenuPopup else { throw CancellationError() }
        return popup.menu.items
    }

    private func lists(_ app: App) -> [[String]] { [app.experiment.data.columns, app.experiment.data.table.exclude] }

    @Test("the label is chosen from a list of the columns, and walked with ← and →")
    func label() throws {
        let table = try TableFixture()
        let keys = try table.keys(to: .label)
        let row = try #require(table.app(keys).selectedRow(of: .data))
        #expect(row.value == "kind")
        let menu = try table.app(keys + ["enter"])
        #expect(try items(menu).map(\.title) == ["id", "age", "sex", "score", "kind"])
        #expect(try items(menu)[1].detail.hasPrefix("number, 20 to 49"))
        var chosen = try table.app(keys + ["enter", "up", "enter"])
        #expect(chosen.popup == nil && chosen.experiment.value(at: "data.label") == .string("score"))
        #expect(chosen.notice?.text.contains("training starts again") == true)
        try table.arrive(&chosen)
        #expect(chosen.selectedRow(of: .data)?.value == "score")
        // The last column is the label where none is named.
        chosen.handle(.key(Key("right")!))
        #expect(chosen.experiment.value(at: "data.label") == .string(""))
        #expect(try table.app(keys + ["left"]).experiment.value(at: "data.label") == .string("score"))
        // The same again changes nothing.
        #expect(try !table.app(keys + ["enter", "enter"]).session.canUndo)
    }

    @Test("of a long label the beginning is shown, and a click on the arrow before it takes the column before")
    func longLabel() throws {
        let table = try TableFixture(label: "kilometres/hour of the fastest one")
        var app = try table.app(table.keys(to: .label))
        let lines = app.draw().lines
        let y = try #require(lines.firstIndex { $0.contains("◂ kilometres/") })
        #expect(lines[y].contains("… ▸"), "\(lines[y])")
        let arrow = try #require(lines[y].range(of: "◂ kilometres/"))
        let x = lines[y].distance(from: lines[y].startIndex, to: arrow.lowerBound)
        app.handle(.mouse(Mouse(.press, x: x, y: y)))
        #expect(app.experiment.value(at: "data.label") == .string("score"))
    }

    @Test("columns are switched on and off in a list that stays open")
    func columns() throws {
        let table = try TableFixture()
        let keys = try table.keys(to: .inputs)
        #expect(try table.app(keys).selectedRow(of: .data)?.value == "3 of 4")
        let open = try table.app(keys + ["enter"])
        #expect(try items(open).map(\.title) == ["○ id", "● age", "● sex", "● score", "○ kind"])
        #expect(try items(open).last?.disabled == "it is the label")
        let off = try table.app(keys + ["enter", "down", "enter"])
        #expect(off.popup != nil && lists(off) == [[], ["age"]])
        #expect(try items(off)[1].title == "○ age")
        #expect(off.editing.rows[.data]?.contains { $0.value == "2 of 4" } == true)
        let again = try table.app(keys + ["enter", "down", "enter", "enter"])
        #expect(lists(again) == [[], []])
        let last = try table.app(keys + ["enter", "down", "enter", "down", "enter", "down", "enter"])
        #expect(lists(last) == [[], ["age", "sex"]] && last.notice?.bad == true)
    }

    @Test("a column that the reader leaves out is named to be an input")
    func index() throws {
        let table = try TableFixture()
        let app = try table.app(table.keys(to: .inputs) + ["enter", "enter"])
        #expect(lists(app) == [["id", "age", "sex", "score"], []])
        #expect(try Trainer(app.experiment).data.columns.contains { $0.name == "id" })
        let off = try table.app(table.keys(to: .inputs) + ["enter", "enter", "enter"])
        #expect(lists(off) == [["age", "sex", "score"], []])
    }

    @Test("features of a column that goes go with it")
    func features() throws {
        let table = try TableFixture()
        let app = try table.app(
            table.keys(to: .inputs) + ["enter", "down", "enter"], #"features=["age","score","age*score"]"#)
        #expect(app.experiment.features == ["score"])
        #expect(throws: Never.self) { try Trainer(app.experiment) }
    }

    @Test("what was assumed is told when the table has been read")
    func notes() throws {
        let table = try TableFixture()
        let notice = try #require(table.app().notice?.text)
        #expect(notice.contains("kind") && notice.contains("id") && notice.contains(".csv"))
    }

    @Test("what was assumed is told of a table that is opened after another like it")
    func notesOfAnother() throws {
        let (table, other) = (try TableFixture(), try TableFixture())
        var app = try table.app()
        app.opened(try ExperimentSource.open(other.path))
        try other.arrive(&app)
        let notice = try #require(app.notice?.text)
        #expect(notice.contains("“kind”, is the label") && notice.contains(app.experiment.dataName), "\(notice)")
    }
}
