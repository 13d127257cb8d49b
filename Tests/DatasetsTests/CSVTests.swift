import Engine
import Foundation
import Testing

@testable import Datasets

struct CSVTests {
    /// Reads a table from a file of its own.
    private func read(
        _ text: String, knobs: [String: KnobValue] = [:], columns: [String] = [], task: TaskKind? = nil,
        trainFraction: Double = 1, shuffle: Bool = false, standardize: Bool = false, record: DataRecord? = nil
    ) throws -> PreparedData {
        let folder = FileManager.default.temporaryDirectory.appending(path: "layercake-csv-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(text.utf8).write(to: folder.appending(path: "table.csv"))
        var description = DataDescription(
            dataset: Choice("csv", knobs.merging(["file": .text("table.csv")]) { $1 }), trainFraction: trainFraction,
            shuffle: shuffle)
        description.columns = columns
        description.task = task
        description.standardize = standardize
        return try prepare(description, features: [], directory: folder.path, record: record)
    }

    @Test(
        "separators, quotes, line ends, blank lines and a byte-order mark are read alike",
        arguments: [
            "a,b,kind\n1,2,x\n3,4.5,y\n", "a;b;kind\n1;2;x\n3;4.5;y\n", "a\tb\tkind\n1\t2\tx\n3\t4.5\ty",
            "\u{FEFF}a,b,kind\r\n1,2,x\r\n\r\n3,4.5,y\r\n", "\"a\",\"b\",\"kind\"\n\"1\", 2 ,x\n3,\"4.5\",\"y\"\n\n",
        ])
    func forms(text: String) throws {
        let data = try read(text)
        #expect(data.columns.map(\.name) == ["a", "b"])
        #expect(data.trainPoints.rows == [1, 2, 3, 4.5])
        #expect(data.classNames == ["x", "y"])
        #expect(data.trainPoints.labels == [0, 1])
    }

    @Test("a quoted cell may hold separators, line ends and doubled quotes")
    func quotes() throws {
        let data = try read("a,kind\n1,\"x, \"\"the\nfirst\"\"\"\n2,y\n")
        #expect(data.classNames == ["x, \"the\nfirst\"", "y"])
    }

    @Test("without a header the columns are x1, x2, … and the last one is learned")
    func noHeader() throws {
        let data = try read("1,2,1\n3,4,-1\n5,6,1\n")
        #expect(data.columns.map(\.name) == ["x1", "x2"])
        #expect(data.trainPoints.count == 3)
        #expect(data.classNames == ["1", "-1"])
    }

    @Test("classes stand in the order first seen, numbers among them")
    func order() throws {
        #expect(try read("a,kind\n1,zebra\n2,ant\n3,zebra\n4,mouse\n").classNames == ["zebra", "ant", "mouse"])
        let numbers = try read("a,kind\n1,1\n2,0\n")
        #expect(numbers.classNames == ["1", "0"])
        #expect(numbers.trainPoints.labels == [0, 1])
    }

    @Test("label and columns are chosen by name")
    func chosen() throws {
        let data = try read("kind,a,b,c\nx,1,2,3\ny,4,5,6\n", knobs: ["label": .text("kind")], columns: ["c", "a"])
        #expect(data.columns.map(\.name) == ["c", "a"])
        #expect(data.trainPoints.rows == [3, 1, 6, 4])
        #expect(data.features == ["c", "a"])
    }

    @Test("at most twenty whole numbers are classes, others are values, and the task can be told")
    func task() throws {
        let many = (0..<21).map { "\($0),\($0)" }.joined(separator: "\n")
        #expect(try read(many).task == .regression)
        #expect(try read("1,0.5\n2,1\n").task == .regression)
        #expect(try read("1,3\n2,4\n").task == .classification(classes: 2))
        #expect(try read("1,3\n2,4\n", task: .regression).task == .regression)
        #expect(try read(many, task: .classification).task == .classification(classes: 21))
    }

    @Test("inputs and a regression's targets are standardized with the training rows' mean and deviation")
    func standardized() throws {
        let text = "a,b,y\n1,5,10.5\n3,5,20.5\n100,5,1000.5\n"
        let data = try read(text, trainFraction: 2.0 / 3, standardize: true)
        #expect(data.train.count == 2)
        #expect(data.featureMeans == [2, 5])
        #expect(data.featureScales == [1, 1])
        #expect(data.train.inputs.values == [-1, 0, 1, 0])
        #expect(data.train.labels == [-1, 1])
        #expect(data.test.inputs.values == [98, 0])
        #expect(data.targetMean == 15.5 && data.targetScale == 5)
        #expect(data.trainPoints.rows == [1, 5, 3, 5])
        let plain = try read(text, trainFraction: 2.0 / 3, standardize: false)
        #expect(plain.train.inputs.values == [1, 5, 3, 5] && plain.train.labels == [10.5, 20.5])
        let again = try read(text, trainFraction: 2.0 / 3, standardize: false, record: data.record)
        #expect(again.train == data.train && again.test == data.test)
    }

    @Test("shuffling keeps every row and its label together; without it the order is the file's")
    func shuffled() throws {
        let text = (0..<40).map { "\($0),\(Double($0) + 0.5)" }.joined(separator: "\n")
        let data = try read(text, trainFraction: 0.75, shuffle: true)
        let rows = data.trainPoints.rows + data.testPoints.rows
        #expect(data.trainPoints.labels + data.testPoints.labels == rows.map { $0 + 0.5 })
        #expect(rows.sorted() == (0..<40).map { Float($0) })
        #expect(rows != rows.sorted())
        #expect(try read(text, trainFraction: 0.75).testPoints.rows == (30..<40).map { Float($0) })
    }

    @Test("plots span the data and a tenth more; a constant column has room too")
    func ranges() throws {
        let data = try read("0,7,1\n10,7,2\n")
        #expect(data.columns[0].range == -1...11)
        #expect(data.columns[1].range == 6...8)
    }

    @Test(
        "what is wrong is said with line and column",
        arguments: [
            ("", "table.csv", "empty"), (" \n\n", "table.csv", "empty"), ("a\n1\n2\n", "table.csv:1", "two columns"),
            ("a,b,k\n1,2,x\n3,,y\n", "table.csv", "1 row left out because of missing cells"),
            ("a,b,k\n1,2,x\n2,3,y\n3,4\n", "table.csv:4", "expected 3 cells, found 2"),
            ("a,b,k\n1,2,x\n2,3,y\n3,4,5,6\n", "table.csv:4", "expected 3 cells, found 4"),
            ("a,b,k\n1,2,x\n3,4,\n", "table.csv", "1 row left out without a label"),
            ("a,k\n1,\"x\n2,y\n", "table.csv:2", "closing quote"), ("a,k\n1,x\n2,x\n", "table.csv:2:2", "two classes"),
            ("a,k\n1,x\n", "table.csv", "two rows"), ("a,k\n", "table.csv", "two rows"),
            ("a,k\n1,x\n2,\0\n3,y", "table.csv:3", "NUL"), ("a,k\n1,\"x\n2,y\n3,\"z\n4,w", "table.csv:2", "line 4"),
            ("a,b,k\n\"1\n2\",\"3,x\n4,5,y\n", "table.csv:3", "closing quote"),
            ("a,b,k\n1,\"2,x\n3,4\",y,z\n5,6,x\n", "table.csv:2", "goes on to line 3"),
            ("Sales, 2024\na,b,k\n1,2,x\n3,4,y\n", "table.csv:1", "where it is a title"),
            ("# one\n# two\n", "table.csv", "found none"),
        ])
    func errors(text: String, place: String, part: String) {
        let error = #expect(throws: DataError.self) { try read(text) }
        #expect(error?.place == place)
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }

    @Test("a column that is not there is offered the nearest one")
    func unknownColumn() {
        let error = #expect(throws: DataError.self) {
            try read("width,kind\n1,x\n2,y\n", columns: ["widht"])
        }
        #expect(error?.message.contains("did you mean “width”") == true)
    }

    @Test("a folder is an error, and so is a file that is not there")
    func notThere() {
        for name in [".", "absent.csv"] {
            let error = #expect(throws: DataError.self) {
                try prepare(
                    DataDescription(dataset: Choice("csv", ["file": .text(name)])), features: [], directory: "/tmp")
            }
            #expect(error?.kind == .missing && error?.place == name)
        }
    }
}
