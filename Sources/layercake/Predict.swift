import ArgumentParser
import Basics
import Datasets
import Engine
import FoundationEssentials
import Session

struct Predict: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let a trained network answer every row of a table, or images.",
        discussion: """
            Prints the table with what the network says beside each row: its prediction (a class, or a value in the \
            label's own unit), the probability of that class where the loss gives one, and every output; of a network that \
            gives back its input the error, which is large for rows unlike all that it has seen; and the prediction of each \
            rival that was saved with it. Columns are \
            matched by name; the label need not be there. A row with a missing cell has an answer where the experiment \
            fills missing cells (data.missing=mean). A network for images answers pictures (PNG, JPEG, PPM, PGM), folders \
            of them, lists with a path on each line, and IDX files: a row for each image.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case csv, json }

    @Argument(help: "Saved weights (.safetensors), or an experiment with --load.", completion: .experiment)
    var weights: String

    @Argument(
        help: "The table, or '-' for standard input; for a network that takes images their files and folders.",
        completion: .file())
    var inputs: [String]

    @OptionGroup var settings: SettingOptions

    @Option(help: "The weights, where the first argument is an experiment.", completion: .file())
    var load: String?

    @Option(help: "How to print: csv, or json (a list with an object for each row).")
    var format = Format.csv

    @Option(help: "Write to a file in place of standard output.", completion: .file())
    var output: String?

    func validate() throws { try Failure.checkNamed(["load": load, "output": output]) }

    func run() throws {
        let source = try settings.open(weights)
        guard let path = load ?? source.weights else {
            throw ExperimentError(
                .arguments, place: weights,
                message: "is an experiment without weights; name them with --load, as 'train --save' wrote them")
        }
        if let output { try SavedFile.check(output) }
        let predictor = try SavedPredictor(source, weights: path, threads: ProcessInfo.processInfo.activeProcessorCount)
        Failure.note(predictor.notes, of: path)
        var sheet: AnswerSheet
        if predictor.takesImages {
            let rows = try predictor.images(at: inputs)
            sheet = try AnswerSheet(predictor, columns: ["image"], inputs: rows.inputs, format: format)
            for (row, name) in rows.names.enumerated() {
                sheet.add(row, [name])
                try showBegun(&sheet)
            }
        } else {
            guard inputs.count == 1 else {
                throw ExperimentError(
                    .arguments, place: inputs[1],
                    message: "these weights answer one table at a time, found \(plural(inputs.count, "file"))")
            }
            let rows = try predictor.rows(of: inputs[0])
            Failure.note(rows.notes, of: FilePath.isStandardInput(inputs[0]) ? "standard input" : inputs[0])
            sheet = try AnswerSheet(
                predictor, columns: rows.columns, inputs: rows.inputs, isComplete: rows.isComplete, format: format)
            try rows.forEachRow { row, cells in
                sheet.add(row, cells)
                try showBegun(&sheet)
            }
        }
        sheet.end()
        if let output { try SavedFile.write(sheet.bytes, to: output) } else { try show(sheet.bytes) }
    }

    /// Shows what has been written so far, where that is much.
    private func showBegun(_ sheet: inout AnswerSheet) throws(ExperimentError) {
        if output == nil, sheet.bytes.count > 1 << 20 { try show(sheet.taken()) }
    }

    private func show(_ rows: [UInt8]) throws(ExperimentError) {
        switch format {
        case .csv: try Output.print(table: rows)
        case .json: print(json: String(decoding: rows, as: UTF8.self), terminator: "")
        }
    }
}

/// A table with the answers of a network beside its rows, as CSV or JSON.
private struct AnswerSheet {
    private(set) var bytes: [UInt8] = []
    private let format: Predict.Format
    /// Whether each row has an answer; nil: all have.
    private let isComplete: [Bool]?
    private let answers: SavedPredictor.Answers
    private let classes: [String]
    private let rivalClasses: [String]
    private let givesProbabilities: Bool
    /// The table's columns, then the answers'.
    private let names: [String]
    private let answerCount: Int
    /// The next answer.
    private var next = 0
    private var isFirst = true

    /// - Parameter inputs: of the rows that have an answer.
    init(
        _ predictor: SavedPredictor, columns: [String], inputs: SampleStore, isComplete: [Bool]? = nil,
        format: Predict.Format
    ) throws(ExperimentError) {
        self.format = format
        self.isComplete = isComplete
        answers = try predictor.answers(to: inputs)
        (classes, givesProbabilities) = (predictor.classes, predictor.givesProbabilities)
        // A regression's only output is its prediction, a reconstruction's answer its error.
        var added = [predictor.reconstructs ? "error" : "prediction"]
        if givesProbabilities { added.append("probability") }
        if predictor.outputCount > 1 {
            added += classes.map { "output=\($0)" }
        } else if !classes.isEmpty {
            added.append("output")
        }
        added += predictor.rivals.map { "rival=\($0)" }
        rivalClasses = predictor.rivalClasses
        answerCount = added.count
        var taken = Set(columns)
        names =
            columns
            + added.map { name in
                var unique = name
                var number = 2
                while !taken.insert(unique).inserted {
                    unique = "\(name).\(number)"
                    number += 1
                }
                return unique
            }
        bytes += Array((format == .csv ? names.map(csvCell).joined(separator: ",") + "\n" : "[").utf8)
    }

    /// The text written since the last time.
    mutating func taken() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    mutating func end() {
        if format == .json { bytes += Array((isFirst ? "]\n" : "\n]\n").utf8) }
    }

    mutating func add(_ row: Int, _ cells: [String]) {
        let isAnswered = isComplete?[row] ?? true
        let answer = isAnswered ? answer(next) : Array(repeating: .null, count: answerCount)
        if isAnswered { next += 1 }
        switch format {
        case .csv:
            let line = cells.map(csvCell) + answer.map(Self.cell)
            bytes += Array((line.joined(separator: ",") + "\n").utf8)
        case .json:
            let members = zip(names, cells.map(Self.json) + answer).map { JSON.Member($0, $1) }
            bytes += Array(((isFirst ? "\n" : ",\n") + JSON.object(members).text(compact: true)).utf8)
        }
        isFirst = false
    }

    private func answer(_ index: Int) -> [JSON] {
        let outputs = answers.outputs.map { Self.number($0[index]) }
        let rivals = answers.rivals.map { rival in
            rival.classes.isEmpty ? Self.number(rival.values[index]) : JSON.string(rivalClasses[rival.classes[index]])
        }
        guard !classes.isEmpty else { return outputs + rivals }
        let found = answers.classes[index]
        var cells = [JSON.string(classes[found])]
        if givesProbabilities {
            let isSingle = answers.outputs.count == 1
            let own = answers.outputs[isSingle ? 0 : found][index]
            cells.append(Self.number(isSingle && found == 0 ? 1 - own : own))
        }
        return cells + outputs + rivals
    }

    /// With the digits of a float.
    private static func number(_ value: Float) -> JSON {
        value.isFinite ? .number(Double("\(value)") ?? Double(value)) : .null
    }

    private static func cell(_ answer: JSON) -> String {
        switch answer {
        case .string(let text): csvCell(text)
        case .null: ""
        default: answer.text(compact: true)
        }
    }

    /// A number only where it has the same text: "01234" and the digits beyond a double's stay.
    private static func json(_ cell: String) -> JSON {
        if cell.isEmpty { return .null }
        if let number = Double(cell), number.isFinite, JSON.number(number).text(compact: true) == cell {
            return .number(number)
        }
        return .string(cell)
    }
}
