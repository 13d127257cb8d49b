import Engine
import Foundation
import Testing

@testable import Datasets

/// Kinds of columns, missing cells and labels.
struct TableColumnTests {
    @Test("two texts are one feature of 0 and 1, more are one each, true and false are the column itself")
    func kinds() throws {
        let data = try TableFixture().read(
            "sex,alone,age,port,y\nmale,True,20,a,0\nfemale,FALSE,30,b,1\nmale,false,40,c,0\nfemale,true,50,a,1\n")
        #expect(data.features == ["sex=male", "alone", "age", "port=a", "port=b", "port=c"])
        #expect(
            TableFixture.rows(data) == [
                [1, 1, 20, 1, 0, 0], [0, 0, 30, 0, 1, 0], [1, 0, 40, 0, 0, 1], [0, 1, 50, 1, 0, 0],
            ])
        #expect(data.report?.columns.map(\.kind) == [.category, .boolean, .number, .category, .label])
        #expect(data.column("port")?.categories == ["a", "b", "c"])
        #expect(data.column("age")?.range == 20...50)
    }

    @Test("features of 0 and 1 stay so when numbers are standardized")
    func indicators() throws {
        var fixture = TableFixture()
        fixture.standardize = true
        let data = try fixture.read("s,a,y\nm,10,0\nf,30,1\nm,20,0\n")
        #expect(data.featureMeans == [0, 20] && data.featureScales[0] == 1)
        #expect((0..<3).map { data.train.inputs[$0, 0] } == [1, 0, 1])
    }

    @Test("a category that the training rows do not have is all zeros, and categories are theirs alone")
    func unseen() throws {
        var fixture = TableFixture()
        fixture.trainFraction = 0.75
        let data = try fixture.read("c,n,y\na,1,0\nb,2,1\nc,3,0\nd,4,1\n")
        #expect(data.features == ["c=a", "c=b", "c=c", "n"])
        #expect(data.testPoints.rows == [0, 0, 0, 4])
        // Of two, the second is the feature: another one is 0 too.
        fixture.trainFraction = 0.5
        let two = try fixture.read("c,n,y\na,1,0\nb,2,1\nc,3,0\nd,4,1\n")
        #expect(two.features == ["c=b", "n"] && two.testPoints.rows == [0, 3, 0, 4])
        fixture.trainFraction = 0.25
        let one = try fixture.read("c,n,y\na,1,0\nb,2,1\nc,3,0\nd,4,1\n")
        #expect(one.features == ["n"] && one.hasNote("one text alone"))
    }

    @Test("a column of more than twenty texts is left out with a note; asked for, it is an error")
    func manyTexts() throws {
        let rows = (0..<30).map { "name \($0 % 21),\(7 * $0 % 5),\($0 % 2)" }.joined(separator: "\n")
        let data = try TableFixture().read("name,a,y\n" + rows)
        #expect(data.features == ["a"])
        #expect(data.column("name")?.reason == "it holds more than 20 different texts")
        #expect(data.hasNote("“name” is left out"))
        let twenty = (0..<30).map { "name \($0 % 20),\(7 * $0 % 5),\($0 % 2)" }.joined(separator: "\n")
        #expect(try TableFixture().read("name,a,y\n" + twenty).features.count == 21)
        var fixture = TableFixture()
        fixture.columns = ["name"]
        let error = #expect(throws: DataError.self) { try fixture.read("name,a,y\n" + rows) }
        #expect(error?.message.contains("“name” cannot be an input") == true)
        // Numbers with a text among them say which.
        let mixed = (0..<30).map { $0 == 4 ? "forty,0,1" : "\($0).5,\(3 * $0 % 7),\($0 % 2)" }.joined(separator: "\n")
        #expect(
            try TableFixture().read("age,b,y\n" + mixed).column("age")?.reason.contains("“forty” on line 6") == true)
    }

    @Test("a few numbers among texts are categories by their value")
    func mixedCells() throws {
        let data = try TableFixture().read("c,n,y\n1,5,0\nmany,6,1\n1.0,7,0\n2,9,1\n")
        #expect(data.features == ["c=1", "c=2", "c=many", "n"])
        #expect(TableFixture.rows(data)[2] == [1, 0, 0, 7])
    }

    @Test("numbers with thousands separators are numbers, with a note; hexadecimal numbers and dates are texts")
    func spellings() throws {
        let data = try TableFixture().read(
            "a,h,d,y\n\"1,234.5\",0x10,2020-01-01,0\n\"-12,000\",0x11,2020-01-02,1\n7,0x10,2020-01-01,0\n")
        #expect(data.features == ["a", "h=0x11", "d=2020-01-02"])
        #expect(TableFixture.rows(data).map { $0[0] } == [1234.5, -12000, 7])
        #expect(data.hasNote("thousands"))
        let european = try TableFixture().read("a;b;y\n1.234,5;0,5;0\n-1.000;1,5;1\n7;2,5;0\n")
        #expect(TableFixture.rows(european).map { $0[0] } == [1234.5, -1000, 7])
    }

    @Test("a unit's sign beside a number is left away with a note, groups of digits are parted in every country's way")
    func units() throws {
        let data = try TableFixture().read(
            "a;b;c;d;y\n5 %;$1,000.50;1 100;1'100;-€5\n7%;-$7;2 000 000;20;€ 6.5\n12.5%;$-2;30;30;9€\n")
        #expect(data.task == .regression && data.trainPoints.labels == [-5, 6.5, 9])
        #expect(
            TableFixture.rows(data) == [[5, 1000.5, 1100, 1100], [7, -7, 2_000_000, 20], [12.5, -2, 30, 30]])
        #expect(data.hasNote("the numbers of “a” have “%”, which is left away") && data.hasNote("“y” have “€”"))
        #expect(data.report?.warnings == [])
        // In Windows-1252, with blanks that do not break.
        let windows = Array("a;y\n1".utf8) + [0xA0] + Array("000,5 ".utf8) + [0x80] + Array(";1\n3;0\n4;1\n".utf8)
        let other = try TableFixture().read(bytes: windows)
        #expect(TableFixture.rows(other) == [[1000.5], [3], [4]])
        #expect(other.report?.warnings.contains { $0.hasPrefix("1 of the 3 numbers of “a”") } == true)
        for text in ["a,n,y\n5 cm,1,0\n7 cm,2,1\n", "a,n,y\n5%%,1,0\n7%%,2,1\n", "a,n,y\n1 10,1,0\n%5,2,1\n"] {
            #expect(try TableFixture().read(text).column("a")?.kind == .category)
        }
    }

    @Test("what “1.100” is follows from the other numbers, and is doubted where nothing says it")
    func thousands() throws {
        let certain = try TableFixture().read("a;b;y\n1.100;2.200.000;0\n1.101;7;1\n")
        #expect(TableFixture.rows(certain) == [[1100, 2_200_000], [1101, 7]] && certain.report?.warnings == [])
        let doubtful = try TableFixture().read("a;y\n1.100;0\n1.101;1\n")
        #expect(TableFixture.rows(doubtful) == [[1.1], [1.101]])
        #expect(
            doubtful.report?.warnings.contains { $0.contains("every fraction has three decimals, as “1.100”") } == true)
        for text in ["a;y\n1.100;0\n0.101;1\n", "a;y\n1.100;0\n2.5;1\n", "a,y\n1.100,0\n1.101,1\n"] {
            #expect(try TableFixture().read(text).report?.warnings == [])
        }
        let quoted = try TableFixture().read("a,b,y\n\"0,25\",\"1,500\",0\n\"1,25\",2,1\n")
        #expect(TableFixture.rows(quoted) == [[0.25, 1.5], [1.25, 2]])
    }

    @Test("columns and labels of numbers and texts are told, and a spreadsheet's errors are missing cells")
    func mixed() throws {
        let data = try TableFixture().read("a,b,y\n1,1,0\nnone,2,1\n3,#DIV/0!,0\nnone,4,?\n1,#REF!,none\n")
        #expect(data.column("b")?.kind == .number && data.column("b")?.missing == 2)
        #expect(
            data.report?.warnings.contains {
                $0.contains("“a” holds numbers and texts (2 cells of 5 are texts, the first “none” on line 3)")
            } == true)
        #expect(
            data.report?.warnings.contains {
                $0.contains("the label “y” holds numbers and texts, the first “none” on line 6")
            } == true)
    }

    @Test(
        "a first column that only counts the rows is left out with a note, unless it is asked for or the only one",
        arguments: [
            (",a,y\n0,5,p\n1,3,q\n2,4,p\n", ["a"]), ("Unnamed: 0,a,y\n0,5,p\n1,3,q\n2,4,p\n", ["a"]),
            ("PassengerId,a,y\n10,5,p\n11,3,q\n12,4,p\n", ["a"]), ("a,id,y\n5,1,p\n3,2,q\n4,3,p\n", ["a"]),
            ("1,5.5,p\n2,3,q\n3,4,p\n", ["x2"]), ("day,a,y\n1,5,p\n2,3,q\n3,4,p\n", ["day", "a"]),
            ("id,a,y\n1,5,p\n3,3,q\n2,4,p\n", ["id", "a"]), ("id,y\n1,p\n2,q\n3,p\n", ["id"]),
            ("id,a,y\n1,5,p\nNA,3,q\n3,4,r\n", ["id", "a"]),
        ])
    func counting(text: String, names: [String]) throws {
        #expect(try TableFixture().read(text).columns.map(\.name) == names)
        if text.hasPrefix("PassengerId") {
            var fixture = TableFixture()
            #expect(try fixture.read(text).hasNote("“PassengerId” is left out: it only counts the rows"))
            fixture.columns = ["a", "PassengerId"]
            #expect(try fixture.read(text).columns.map(\.name) == ["a", "PassengerId"])
        }
    }

    @Test("columns are chosen first, then excluded; a name that is not there is offered the nearest")
    func exclude() throws {
        var fixture = TableFixture()
        fixture.columns = ["c", "a"]
        fixture.table.exclude = ["c"]
        let data = try fixture.read("a,b,c,y\n1,2,3,p\n4,5,6,q\n")
        #expect(data.columns.map(\.name) == ["a"])
        #expect(data.report?.columns.map(\.kind) == [.number, .leftOut, .leftOut, .label])
        fixture.table.exclude = ["d"]
        let error = #expect(throws: DataError.self) { try fixture.read("a,b,c,y\n1,2,3,p\n4,5,6,q\n") }
        #expect(error?.place == "data.exclude.0")
        fixture.table.exclude = ["a", "c"]
        #expect(throws: DataError.self) { try fixture.read("a,b,c,y\n1,2,3,p\n4,5,6,q\n") }
    }

    private let gaps = "a,b,s,y\n1,2,u,p\n2,NA,u,q\n3,?,v,p\nnan,4,w,q\n5,5,null,p\n6,6,u,\n7,-,u,q\n8,8,u,q\n"

    @Test("rows with missing cells are left out and counted; a row without a label always is")
    func drop() throws {
        let data = try TableFixture().read(gaps)
        #expect(data.report?.rows == 2 && data.report?.leftOut == 6)
        #expect(data.hasNote("5 rows left out: missing cells in “a”, “b”, “s”"))
        #expect(data.hasNote("1 row left out: no label"))
        #expect(data.report?.columns.map(\.missing) == [1, 3, 1, 1])
    }

    @Test("missing cells are filled with the training rows' mean or their commonest text")
    func mean() throws {
        var fixture = TableFixture()
        fixture.table.missing = .mean
        fixture.trainFraction = 4.0 / 7
        let data = try fixture.read(gaps)
        #expect(data.report?.leftOut == 1)
        #expect(data.column("a")?.fill == .number(2) && data.column("b")?.fill == .number(3))
        #expect(data.column("s")?.fill == .text("u"))
        #expect(data.features == ["a", "b", "s=u", "s=v", "s=w"])
        #expect(
            TableFixture.rows(data) == [[1, 2, 1, 0, 0], [2, 3, 1, 0, 0], [3, 3, 0, 1, 0], [2, 4, 0, 0, 1]])
        #expect(data.testPoints.rows == [5, 5, 1, 0, 0, 7, 3, 1, 0, 0, 8, 8, 1, 0, 0])
    }

    @Test("missing cells can be an error, which names the first of them")
    func refuse() throws {
        var fixture = TableFixture()
        fixture.table.missing = .error
        let error = #expect(throws: DataError.self) { try fixture.read(gaps) }
        #expect(error?.place == "table:5:1")
        fixture.table.exclude = ["a", "s"]
        #expect(#expect(throws: DataError.self) { try fixture.read(gaps) }?.place == "table:3:2")
    }

    private let infinities = "a,b,y\n1,inf,0.5\n1e999,2,1.5\n3,4,2.5\n5,-Infinity,3.5\n6,7,4.5\n8,9,inf\n"

    @Test("infinite cells among numbers are missing, with a note; a row with an infinite label is left out")
    func infinite() throws {
        let data = try TableFixture().read(infinities)
        #expect(data.task == .regression && TableFixture.rows(data) == [[3, 4], [6, 7]])
        #expect(data.report?.columns.map(\.missing) == [1, 2, 1] && data.report?.leftOut == 4)
        #expect(data.hasNote("4 cells are infinite or beyond 3.4e38, in “a”, “b”, “y”, and count as missing"))
        #expect(data.hasNote("1 row left out: no label"))
        var fixture = TableFixture()
        fixture.table.missing = .mean
        #expect(
            TableFixture.rows(try fixture.read(infinities)) == [
                [1, 13 / 3], [3.75, 2], [3, 4], [5, 13 / 3], [6, 7],
            ])
        fixture.table.missing = .error
        var error = #expect(throws: DataError.self) { try fixture.read(infinities) }
        #expect(error?.place == "table:3:1" && error?.message.contains("an infinite one") == true)
        fixture.table.exclude = ["a"]
        error = #expect(throws: DataError.self) { try fixture.read("a,b,y\n1,2,0.5\n2,3,1.5\n3,4,-1e39\n") }
        #expect(error?.place == "table:4:3" && error?.message.contains("an infinite one") == true)
        // Among texts it is one, and a column of nothing else is no input.
        #expect(try TableFixture().read("s,n,y\ninf,1,p\nsup,2,q\ninf,3,q\n").features == ["s=sup", "n"])
        let none = try TableFixture().read("a,n,y\ninf,1,p\n-inf,2,q\n?,3,q\n")
        #expect(none.features == ["n"] && none.column("a")?.reason == "it holds no finite number")
    }

    @Test("classes and categories that differ in case or blanks alone are told apart, with a note")
    func variants() throws {
        let data = try TableFixture().read(
            "s,n,y\nMale,1,Yes\nmale,2,yes\nfemale,3,\"yes \"\nMale,4,No\nfemale,5,No\n")
        #expect(data.classNames == ["Yes", "yes", "yes ", "No"])
        #expect(
            data.report?.warnings.contains { $0.contains("the classes “Yes”, “yes”, “yes ” differ in case") } == true)
        #expect(data.hasNote("the texts of “s” “Male”, “male” differ in case or blanks alone, and are told apart"))
        #expect(try !TableFixture().read("n,y\n1,yes\n2,no\n3,no\n").hasNote("differ in case"))
    }

    @Test("columns without values, and those of many texts, are left out before rows are")
    func columnsFirst() throws {
        let rows = (0..<40).map { "\($0 % 3 == 0 ? "" : "cabin \($0)"),,\($0 * $0 % 11),\($0 % 2)" }
        let data = try TableFixture().read("cabin,empty,a,y\n" + rows.joined(separator: "\n"))
        #expect(data.features == ["a"] && data.report?.rows == 40)
        #expect(data.column("empty")?.reason == "it holds no values" && data.column("empty")?.missing == 40)
    }

    @Test("“?” and “-” are missing among numbers, and texts among texts")
    func marks() throws {
        let data = try TableFixture().read("a,s,y\n1,?,+\n?,-,-\n3,x,+\n4,?,-\n")
        #expect(data.report?.rows == 3 && data.column("a")?.missing == 1 && data.column("s")?.missing == 0)
        #expect(data.classNames == ["+", "-"])
        let labels = try TableFixture().read("a,y\n1,0.5\n2,?\n3,1.5\n4,-\n")
        #expect(labels.task == .regression && labels.report?.leftOut == 2)
    }

    @Test("labels 1 and 1.0 are one class, as are true and TRUE; whole numbers beyond Float's are told apart")
    func labels() throws {
        #expect(try TableFixture().read("a,y\n1,1\n2,1.0\n3,0\n4,+1\n").classNames == ["1", "0"])
        #expect(try TableFixture().read("a,y\n1,true\n2,FALSE\n3,TRUE\n").classNames == ["true", "FALSE"])
        #expect(try TableFixture().read("a,y\n1,20230101\n2,20230102\n3,20230101\n").classNames.count == 2)
        let many = (0..<10_001).map { "1.5,t\($0)" }.joined(separator: "\n")
        let error = #expect(throws: DataError.self) { try TableFixture().read(many) }
        #expect(error?.message.contains("at most 10000 classes") == true)
    }

    @Test("a table of weights keeps their columns, categories, classes and means")
    func record() throws {
        var fixture = TableFixture()
        fixture.table.missing = .mean
        fixture.standardize = true
        let first = try fixture.read("s,n,y\nu,1,p\nv,3,q\nw,5,p\n")
        fixture.record = first.record
        let second = try fixture.read("extra,n,s,y\n9,3,v,q\n8,NA,x,p\n7,5,,q\n")
        #expect(second.features == first.features && second.classNames == ["p", "q"])
        #expect(second.trainPoints.rows == [0, 1, 0, 3, 0, 0, 0, 3, 1, 0, 0, 5])
        #expect(second.train.labels == [1, 0, 1])
        #expect(second.featureMeans == first.featureMeans && second.record == first.record)
        #expect(
            #expect(throws: DataError.self) { try fixture.read("n,y\n1,p\n2,q\n") }?.message.contains("“s”") == true)
        let error = #expect(throws: DataError.self) { try fixture.read("s,n,y\nu,1,p\nv,two,q\n") }
        #expect(error?.place == "table:3:2")
        #expect(throws: DataError.self) { try fixture.read("s,n,y\nu,1,p\nv,2,r\n") }
    }

    @Test("what the weights know is known behind any number of other texts and numbers, in every encoding")
    func knownBehindOthers() throws {
        var fixture = TableFixture()
        let first = try fixture.read("s,m,b,n,y\nu,1,true,1,p\nnaïve,many,false,3,q\nw,2.5,true,5,p\n")
        #expect(first.features == ["s=naïve", "s=u", "s=w", "m=1", "m=2.5", "m=many", "b", "n"])
        fixture.record = first.record
        let others = (0..<40).map { "other \($0),\($0 + 100),word \($0),0,p\n" }.joined()
        let rows = "s,m,b,n,y\n" + others + "w,2.5,TRUE,1,q\nnaïve,1.0,false,1,q\nu,many,True,1,p\n"
        let known: [[Float]] = [[0, 0, 1, 0, 1, 0, 1, 1], [1, 0, 0, 1, 0, 0, 0, 1], [0, 1, 0, 0, 0, 1, 1, 1]]
        #expect(
            TableFixture.rows(try fixture.read(rows)) == Array(repeating: [Float](repeating: 0, count: 8), count: 40)
                + known)
        let windows = rows.unicodeScalars.map { UInt8($0.value) }
        #expect(TableFixture.rows(try fixture.read(bytes: windows)).suffix(3) == known[...])
    }

    @Test("a text among very many numbers to learn is named with its place")
    func textAmongNumbers() throws {
        var fixture = TableFixture(task: .regression)
        let numbers = (0..<12_000).map { "1,\($0).5\n" }.joined()
        var error = #expect(throws: DataError.self) { try fixture.read("a,y\n" + numbers + "2,none\n3,none\n") }
        #expect(error?.place == "table:12002:2" && error?.message.contains("expected a number to learn") == true)
        fixture.task = nil
        error = #expect(throws: DataError.self) { try fixture.read("a,y\n" + numbers + "2,none\n") }
        #expect(error?.place == "table:12002:2")
        fixture.task = .regression
        #expect(try fixture.read("a,y\n" + numbers + "2,?\n").report?.rows == 12_000)
    }

    @Test("the notes on very many columns, each with a reason of its own, take no time", .timeLimit(.minutes(1)))
    func manyReasons() {
        let columns = (0..<400_000).map {
            TableColumn(name: "c\($0)", kind: .leftOut, reason: "its text is word \($0)")
        }
        #expect(TableChoice.notes(on: columns + columns).count == 400_000)
    }

    @Test("only the first points are kept for drawing; a feature of every row is checked")
    func points() throws {
        let rows = (0..<20_000).map { "\($0),\(($0 + 7) % 13),\($0 % 2)" }.joined(separator: "\n")
        let data = try TableFixture().read("a,b,y\n" + rows)
        let limit = PreparedData.pointLimit(columns: 2)
        #expect(data.train.count == 20_000 && data.trainPoints.count == limit)
        #expect(data.trainPoints.rows.count == 2 * limit)
        var fixture = TableFixture()
        fixture.features = ["1/(a-15000)"]
        #expect(throws: DataError.self) { try fixture.read("a,b,y\n" + rows) }
    }

    @Test("reading ends soon after it is cancelled, and says how far it is")
    func loading() throws {
        let text = (0..<100_000).map { "\($0 * 7 % 11),\($0 % 5),\($0 % 2)" }.joined(separator: "\n")
        let loading = Loading()
        _ = try TableFixture().read(bytes: Array(text.utf8), loading: loading)
        #expect(loading.fraction == 1)
        let cancelled = Loading()
        cancelled.cancel()
        let error = #expect(throws: DataError.self) {
            try TableFixture().read(bytes: Array(text.utf8), loading: cancelled)
        }
        #expect(error?.kind == .cancelled)
    }
}

extension TableColumnTests {
    @Test("rows for a trained network need no label, and keep the texts of their cells")
    func rowsAlone() throws {
        let first = try TableFixture(standardize: true).read("s,n,y\nu,1,p\nv,3,q\nw,5,p\n")
        let path = FileManager.default.temporaryDirectory.appending(path: "layercake-rows-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let description = DataDescription(dataset: Choice("csv"))
        func rows(_ text: String, _ record: DataRecord) throws -> TableRows {
            try Data(text.utf8).write(to: URL(filePath: path))
            return try TableRows(
                path: path, name: "rows", description: description, features: [], record: record, columns: ["x1", "x2"])
        }
        let texts = try rows("n,name,s\n3,\"a, b\",v\nNA,c,u\n5,d,x\n", first.record)
        #expect(texts.isComplete == [true, false, true])
        #expect(texts.inputs.values.prefix(7) == [0, 1, 0, 0, 0, 0, 0])
        var cells: [[String]] = []
        try texts.forEachRow { _, row in cells.append(row) }
        #expect(cells == [["3", "a, b", "v"], ["NA", "c", "u"], ["5", "d", "x"]])
        #expect(try rows("u,1\nv,3\n", first.record).inputs.values.prefix(3) == [1, 0, 0])
        #expect(throws: DataError.self) { try rows("n,t\n3,1\n", first.record) }
        var plain = first.record
        (plain.columns, plain.featureMeans, plain.featureScales) = ([], [], [])
        #expect(try rows("1,2\n3,4\n", plain).inputs.values == [1, 2, 3, 4])
    }
}
