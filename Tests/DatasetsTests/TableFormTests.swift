import Engine
import Foundation
import Testing

@testable import Datasets

/// How tables are written: separators, quotes, line ends, encodings, headers.
struct TableFormTests {
    private let plain = "a,b,k\n1,2.5,x\n3,-4e1,y\n5,6,x\n"

    @Test(
        "the same table is read whatever separates its cells and ends its rows",
        arguments: [
            "a,b,k\n1,2.5,x\n3,-4e1,y\n5,6,x\n", "a;b;k\n1;2.5;x\n3;-4e1;y\n5;6;x\n",
            "a\tb\tk\n1\t2.5\tx\n3\t-4e1\ty\n5\t6\tx",
            "a|b|k\n1|2.5|x\n3|-4e1|y\n5|6|x\n", " a  b  k\n 1  2.5  x\n 3 -4e1 y\n 5\t6   x  \n",
            "a,b,k\r\n1,2.5,x\r\n3,-4e1,y\r\n5,6,x\r\n", "a,b,k\r1,2.5,x\r3,-4e1,y\r5,6,x\r",
            "a,b,k\n\n1,2.5,x\n   \n3,-4e1,y\r\n\r\n5,6,x\n\n\n", "a,b,k,\n1,2.5,x,\n3,-4e1,y,\n5,6,x,\n",
            "a,b,k\n1,2.5,x,\n3,-4e1,y,\n5,6,x,\n", "sep=;\na;b;k\n1;2.5;x\n3;-4e1;y\n5;6;x\n",
            "# made by hand\n#\n\na,b,k\n1,2.5,x\n3,-4e1,y\n5,6,x\n", "# a,b,k\n1,2.5,x\n3,-4e1,y\n5,6,x\n",
            "\"a\",\"b\",\"k\"\n\"1\",\"2.5\",\"x\"\n\"3\",\"-4e1\",\"y\"\n\"5\",\"6\",\"x\"\n",
            " a , b , k \n 1 , 2.5 , x \n+3, -4e1 ,\"y\" \n5.,6,x", "a;b;k\n1;2,5;x\n3;-4e1;y\n5;6;x\n",
            "a\tb\tk\n1\t2,5\tx\n3\t-40,0\ty\n5\t6\tx\n", "a b k\n1 2,5 x\n3 −40,0 y\n5 6 x\n",
            "\u{FEFF}a,b,k\n1,2.5,x\n3,-4e1,y\n5,6,x\n",
        ])
    func forms(text: String) throws {
        let data = try TableFixture().read(text)
        #expect(data.columns.map(\.name) == ["a", "b"])
        #expect(TableFixture.rows(data) == [[1, 2.5], [3, -40], [5, 6]])
        #expect(data.classNames == ["x", "y"] && data.trainPoints.labels == [0, 1, 0])
    }

    @Test("UTF-16 is read by its mark, Windows-1252 with a note, gzip by its content")
    func encodings() throws {
        let text = "länge,b,art\n1,2,“a”\n2,1,b\n1.5,2.5,“a”\n"
        var little: [UInt8] = [0xFF, 0xFE]
        var big: [UInt8] = [0xFE, 0xFF]
        for unit in text.utf16 {
            little += [UInt8(unit & 255), UInt8(unit >> 8)]
            big += [UInt8(unit >> 8), UInt8(unit & 255)]
        }
        let windows = text.unicodeScalars.map { scalar -> UInt8 in
            scalar == "“" ? 0x93 : scalar == "”" ? 0x94 : UInt8(scalar.value)
        }
        for bytes in [Array(text.utf8), little, big, windows] {
            let data = try TableFixture().read(bytes: bytes)
            #expect(data.columns.map(\.name) == ["länge", "b"])
            #expect(data.classNames == ["“a”", "b"] && data.trainPoints.count == 3)
        }
        #expect(try TableFixture().read(bytes: windows).hasNote("Windows-1252"))
        #expect(try TableFixture().read(bytes: little).hasNote("UTF-16"))
        #expect(throws: DataError.self) { try TableFixture().read(bytes: Array(little.dropLast())) }
    }

    @Test("a compressed table is unpacked, several members one after the other; one that is cut off is an error")
    func compressed() throws {
        // printf 'a,b,k\n1,2.5,x\n3,-4e1,y\n' | gzip -n, and the same of '5,6,x\n'.
        let first = Data(base64Encoded: Self.firstMember)!
        let second = Data(base64Encoded: Self.secondMember)!
        let data = try TableFixture().read(bytes: Array(first + second))
        #expect(TableFixture.rows(data) == [[1, 2.5], [3, -40], [5, 6]])
        #expect(data.hasNote("gzip"))
        for bytes in [first.dropLast(9), first + second.dropLast(12)] {
            let error = #expect(throws: DataError.self) { try TableFixture().read(bytes: Array(bytes)) }
            #expect(error?.message.contains("cut off") == true)
        }
        var damaged = Array(first)
        damaged[20] ^= 0xFF
        #expect(throws: DataError.self) { try TableFixture().read(bytes: damaged) }
    }

    @Test("quotes keep separators, line ends and quotes; a quote inside a word is a character")
    func quotes() throws {
        let data = try TableFixture().read("h,k\n1,\"x; \"\"the\r\nfirst\"\"\"\n2,5\" pipe\n3,\"a\" b\n")
        #expect(data.classNames == ["x; \"the\r\nfirst\"", "5\" pipe", "a b"])
        // Semicolons and blanks inside quotes separate nothing.
        let quoted = try TableFixture().read("t,n,y\n\"a;b;c\",1,0\n\"d;e;f\",2,1\n\"a;b;c\",3,0\n")
        #expect(quoted.columns.map(\.name) == ["t=d;e;f", "n"])
    }

    @Test("a cell of a megabyte and a missing quote are an error with a place, a long cell is not")
    func longCells() throws {
        let long = String(repeating: "y", count: 300_000)
        #expect(try TableFixture().read("a,k\n1,\(long)\n2,x\n").classNames.map(\.count) == [300_000, 1])
        let error = #expect(throws: DataError.self) {
            try TableFixture().read("a,k\n1,x\n2,\"y\n" + String(repeating: "3,x\n", count: 3_000_000))
        }
        #expect(error?.place == "table:3")
    }

    @Test(
        "a text over a column of numbers is a header; else the first row is data",
        arguments: [
            ("1.5,?,2.5,A\n2.5,3.5,1.0,B\n3.5,1.5,2.0,A\n", false), ("a,b\n1,x\n2,y\n", true),
            ("a,b\nx,y\nz,w\n", false),
            ("1,2\n3,4\n5,6\n", false), ("2001,2002,y\n1,2,x\n3,4,z\n", false), ("NA,NA,k\n1,2,x\n3,4,y\n", false),
            (",b,k\n7,2,x\n3,4,y\n", true), ("b,k\n1,x\n?,y\n2,z\n", true), ("b,k\n1,x\ntwo,y\n3,x\n", false),
        ])
    func headers(text: String, isHeader: Bool) throws {
        var fixture = TableFixture()
        fixture.task = .classification
        let data = try fixture.read(text)
        #expect(data.hasNote("the first row is the header") == isHeader, "\(data.report?.notes ?? [])")
        let rows = text.split(separator: "\n").count
        #expect((data.report?.rows ?? 0) + (data.report?.leftOut ?? 0) == rows - (isHeader ? 1 : 0))
    }

    @Test(
        "a title above a table is left out with a note",
        arguments: [
            "My data 2024\na,b,k\n1,2,x\n3,4,y\n", "My data 2024,,\na,b,k\n1,2,x\n3,4,y\n",
            "Report\r\n\r\nof 5 May\r\na;b;k\r\n1;2;x\r\n3;4;y\r\n",
            "\"A title,\nof two lines\"\na,b,k\n1,2,x\n3,4,y\n",
            "sep=;\nMy data;;\na;b;k\n1;2;x\n3;4;y\n", "# made by hand\nMy data\na\tb\tk\n1\t2\tx\n3\t4\ty\n",
        ])
    func titles(text: String) throws {
        let data = try TableFixture().read(text)
        #expect(data.columns.map(\.name) == ["a", "b"] && TableFixture.rows(data) == [[1, 2], [3, 4]])
        #expect(data.hasNote("above the table"))
    }

    @Test(
        "a first line that may be a row is no title",
        arguments: [
            ("value\nr1 5\nr2 6\nr3 8\n", ["x1", "value"]), ("a,,k\n1,2,x\n3,4,y\n", ["a", "x2", "k"]),
            ("1,2,x\n3,4,y\n5,6,x\n", ["x1", "x2", "y"]), ("a;b;y\n1,5;2,5;x\n2,5;3,5;y\n", ["a", "b", "y"]),
        ])
    func untitled(text: String, names: [String]) throws {
        let data = try TableFixture().read(text)
        #expect(data.report?.columns.map(\.name) == names && !data.hasNote("title"))
    }

    @Test("empty columns without a name at the end are separators that end the rows")
    func trailing() throws {
        let data = try TableFixture().read("a;b;y;;\n1;2;0;;\n3;4;1;;\n5;6;0\n")
        #expect(data.columns.map(\.name) == ["a", "b"] && data.report?.rows == 3)
        #expect(data.hasNote("2 separators at the end of each row"))
        let error = #expect(throws: DataError.self) {
            try TableFixture().read("a;b;y;;\n" + String(repeating: "1;2;0;;\n2;3;1;;\n", count: 60) + "1;2;3;4;\n")
        }
        #expect(error?.place == "table:122")
    }

    @Test("a separator that fits the header too goes before one that fits the other rows alone")
    func headerWidth() throws {
        for text in ["a;b;y\n1,5;2.5;x\n2,5;3.5;y\n", "a;b;y\n1,5;1.5e-3;x\n2,5;2.5e-3;y\n"] {
            let data = try TableFixture().read(text)
            #expect(data.classNames == ["x", "y"] && data.column("b")?.kind == .number)
        }
    }

    @Test("header, separator and decimal sign can be told, and are no guesses then")
    func told() throws {
        var fixture = TableFixture()
        fixture.table.header = true
        let texts = try fixture.read("weather,wind,play\nsun,weak,no\nrain,weak,yes\nsun,strong,yes\n")
        #expect(texts.columns.map(\.name) == ["weather=sun", "wind=weak"] && texts.classNames == ["no", "yes"])
        #expect(!texts.hasNote("first row"))
        fixture.table = TableSettings()
        fixture.table.header = false
        #expect(try fixture.read("1,2\n3,4\n").columns.map(\.name) == ["x1"])
        fixture.table.separator = "|"
        #expect(TableFixture.rows(try fixture.read("1,5|2\n2,5|3\n")) == [[1.5], [2.5]])
        fixture.table.separator = ":"
        #expect(TableFixture.rows(try fixture.read("1:5:2\n2:5:3\n")) == [[1, 5], [2, 5]])
        fixture.table.separator = ","
        fixture.table.decimal = ","
        #expect(TableFixture.rows(try fixture.read("\"1,5\",7,2\n\"2,5\",8,3\n")) == [[1.5, 7], [2.5, 8]])
        fixture.table.separator = "tabs"
        let error = #expect(throws: DataError.self) { try fixture.read("1,2\n") }
        #expect(error?.place == "data.separator")
    }

    @Test("repeated names are numbered, empty ones named by their place, a shorter header stands over the right")
    func names() throws {
        let data = try TableFixture().read("id,r,t,r,t,r.2,y\n1,2,3,4,5,6,a\n2,3,4,5,6,7,b\n3,4,5,6,7,9,a\n")
        #expect(data.columns.map(\.name) == ["r", "t", "r.3", "t.2", "r.2"])
        #expect(data.hasNote("repeated"))
        let unnamed = try TableFixture().read("a,,k\n1,5,x\n2,7,y\n")
        #expect(unnamed.columns.map(\.name) == ["a", "x2"])
        let rowNames = try TableFixture().read("\"a\" \"k\"\n\"1\" 1.5 \"x\"\n\"2\" 2.5 \"y\"\n\"3\" 0.5 \"y\"\n")
        #expect(rowNames.columns.map(\.name) == ["a"] && rowNames.column("x1")?.kind == .leftOut)
        let number = try TableFixture().read("#,hp,type\n1,45,a\n2,60,b\n3,80,a\n")
        #expect(number.columns.map(\.name) == ["hp"] && number.column("#")?.kind == .leftOut)
    }

    @Test("names that are formulas, backticks or control characters are names")
    func oddNames() throws {
        var fixture = TableFixture()
        fixture.features = ["x*y", "`x*y` + `b``c`", "`a\u{1B}[31m`"]
        let data = try fixture.read("x*y,b`c,a\u{1B}[31m,k\n1,2,3,p\n4,5,6,q\n")
        #expect(data.train.inputs.values == [1, 3, 3, 4, 9, 6])
        #expect(data.report?.notes.contains { $0.unicodeScalars.contains("\u{1B}") } == false)
    }

    @Test("the work grows with the cells alone: wide tables are no dearer than long ones")
    func work() throws {
        func cells(rows: Int, columns: Int) throws -> Int {
            let row = (0..<columns).map { "\($0 % 7)" }.joined(separator: ",") + "\n"
            let text = String(repeating: row, count: rows)
            let source = try ByteSource(Array(text.utf8), name: "t")
            let form = try TableForm(TableSample(ByteSource(Array(text.utf8), name: "t")), TableSettings())
            return try TableFile(source, form, label: columns - 1, isWanted: { _ in true }, loading: nil).work
        }
        #expect(try cells(rows: 1000, columns: 20) == 20_000)
        #expect(try cells(rows: 2, columns: 10_000) == 20_000)
    }

    private static let firstMember = "H4sIAAAAAAACA0vUSdLJ5jLUMdIz1angMtbRNUk11KnkAgC2R7+YFwAAAA=="
    private static let secondMember = "H4sIAAAAAAACAzPVMdOp4AIAofdgAgYAAAA="
}
