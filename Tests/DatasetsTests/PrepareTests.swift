import Engine
import Testing

@testable import Datasets

struct PrepareTests {
    @Test("Every generator gives the same finite rows for the same seed, inside the plots' range")
    func generators() throws {
        for entry in Datasets.all where entry.id != "points" && entry.knob("file") == nil {
            let description = DataDescription(dataset: Choice(entry.id), seed: 5)
            let data = try prepare(description, features: [], directory: nil)
            let again = try prepare(description, features: [], directory: nil)
            #expect(data.trainPoints == again.trainPoints, "\(entry.id)")
            let finite = data.train.inputs.values.allSatisfy(\.isFinite)
            #expect(finite, "\(entry.id)")
            // Symbols' numbers and lengths are no amounts.
            let form = data.schema.form
            if form.vocabulary != nil || form.hasLengths || data.schema.environment != nil { continue }
            let most: Float = data.columns.isEmpty ? 1 : 6.5
            let values = data.columns.isEmpty ? data.train.inputs.values : data.trainPoints.rows
            let reach = values.map(abs).max() ?? .infinity
            #expect(reach <= most, "\(entry.id) reaches \(reach)")
        }
    }

    @Test("The description alone tells what the samples will be, under the least and the most of each knob")
    func schemas() throws {
        for entry in Datasets.all {
            var choices = [Choice(entry.id)]
            for knob in entry.knobs where knob.name != "samples" {
                guard case .integer(let range) = knob.kind else { continue }
                choices += [range.lowerBound, range.upperBound].map { Choice(entry.id, [knob.name: .integer($0)]) }
            }
            for choice in choices {
                let description = DataDescription(dataset: choice)
                guard let schema = try description.schema(), entry.id != "points", entry.knob("file") == nil else {
                    continue
                }
                let data = try prepare(description, features: [], directory: nil)
                #expect(schema == data.schema, "\(choice)")
                let width = schema.input(features: []).count + (schema.form.hasLengths ? 1 : 0)
                #expect(width == data.train.inputs.width, "\(choice)")
                #expect(data.train.labels.count == data.train.count * (schema.form.targetSteps ?? 1), "\(choice)")
            }
        }
    }

    @Test("A drawing's labels and a formula's variables decide on the schema")
    func describedSchemas() throws {
        var drawing = DataDescription(dataset: Choice("points"))
        #expect(try drawing.schema()?.task == .classification(classes: 2))
        drawing.points = ["a", "b", "c"].map { DrawnPoint(x1: 0, x2: 0, label: .text($0)) }
        #expect(try drawing.schema()?.classNames == ["a", "b", "c"])
        #expect(try drawing.schema() == prepare(drawing, features: [], directory: nil).schema)
        drawing.task = .regression
        #expect(throws: DataError.self) { try drawing.schema() }
        let curve = DataDescription(dataset: Choice("function", ["formula": .text("sin(x)")]))
        #expect(try curve.schema()?.columns == ["x1"])
        let unread = DataDescription(dataset: Choice("csv", ["file": .text("no-such.csv")]))
        #expect(try unread.schema() == nil)
    }

    @Test("Without noise the labels of xor are the signs of x1·x2")
    func xor() throws {
        let data = try prepare(DataDescription(dataset: Choice("xor")), features: [], directory: nil)
        for row in 0..<data.trainPoints.count {
            let product = data.trainPoints.rows[2 * row] * data.trainPoints.rows[2 * row + 1]
            #expect(data.trainPoints.labels[row] == (product >= 0 ? 1 : 0))
        }
        #expect(data.trainPoints.count == 250 && data.testPoints.count == 250)
    }

    @Test(
        "Formulas follow the usual precedence",
        arguments: [
            ("1+2*3", 7.0), ("-2^2", -4), ("2^3^2", 512), ("x1*x2 - 0.5", 5.5), ("|x1-5|", 3), ("x1²", 4),
            ("2^-1", 0.5),
            ("max(x1, x2)/2", 1.5), ("abs(-(x1))", 2), ("8/2/2", 2), ("1e1", 10), ("ln(e)", 1),
            ("ln(x2) - log(x2)", 0),
        ])
    func precedence(text: String, expected: Double) throws {
        let formula = try Formula(text, columns: ["x1", "x2"], place: "features.0")
        let value = formula.evaluate { $0 == 0 ? 2 : 3 }
        #expect(value == expected)
    }

    @Test(
        "A wrong formula's error points at the column",
        arguments: [("x1**2", "column 4"), ("(x1", "column 4"), ("sine(x1)", "did you mean “sin”"), ("", "column 1")])
    func formulaErrors(text: String, part: String) {
        let error = #expect(throws: DataError.self) { try checkFeature(text, columns: ["x1", "x2"]) }
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }

    @Test("A hundred thousand parentheses are an error, not a crash")
    func deep() {
        let text = String(repeating: "(", count: 100_000)
        #expect(throws: DataError.self) { try checkFeature(text, columns: ["x1"]) }
    }

    @Test("Drawn points with the labels 1 and −1 keep their colours, in any order")
    func drawn() throws {
        var description = DataDescription(dataset: Choice("points"), trainFraction: 1, shuffle: false)
        description.points = [1.0, -1].map { DrawnPoint(x1: $0, x2: 0, label: .number($0)) }
        let data = try prepare(description, features: ["x1^2"], directory: nil)
        #expect(data.trainPoints.labels == [1, 0])
        #expect(data.train.inputs.values == [1, 1])
        #expect(data.test.count == 0)
    }

    @Test("A CSV file that is not there is missing, not malformed")
    func missing() {
        let description = DataDescription(dataset: Choice("csv", ["file": .text("no-such.csv")]))
        let error = #expect(throws: DataError.self) { try prepare(description, features: [], directory: nil) }
        #expect(error?.kind == .missing)
    }
}
