import Engine
import Foundation

@testable import Datasets

/// A table in a file of its own, read as an experiment reads it.
struct TableFixture {
    var task: TaskKind?
    var label = ""
    var columns: [String] = []
    var table = TableSettings()
    var features: [String] = []
    var trainFraction = 1.0
    var standardize = false
    var record: DataRecord?

    func read(_ text: String) throws -> PreparedData { try read(bytes: Array(text.utf8)) }

    func read(bytes: [UInt8], loading: Loading? = nil) throws -> PreparedData {
        let folder = FileManager.default.temporaryDirectory.appending(path: "layercake-table-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(bytes).write(to: folder.appending(path: "table"))
        var description = DataDescription(
            dataset: Choice("csv", ["file": .text("table"), "label": .text(label)]), trainFraction: trainFraction,
            shuffle: false)
        (description.columns, description.task, description.standardize) = (columns, task, standardize)
        description.table = table
        return try prepare(description, features: features, directory: folder.path, loading: loading, record: record)
    }

    /// Rows of raw values, each in one list.
    static func rows(_ data: PreparedData) -> [[Float]] {
        let width = data.columns.count
        return (0..<data.trainPoints.count).map { Array(data.trainPoints.rows[$0 * width..<($0 + 1) * width]) }
    }
}

extension PreparedData {
    func column(_ name: String) -> TableColumn? { report?.columns.first { $0.name == name } }
    func hasNote(_ part: String) -> Bool { report?.notes.contains { $0.contains(part) } ?? false }
}
