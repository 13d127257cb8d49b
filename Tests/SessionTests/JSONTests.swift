import Testing

@testable import Session

@Suite("JSON")
struct JSONTests {
    @Test("values come back as they were written, keys in their order")
    func roundTrip() throws {
        let text = #"{"b":[1,-0.5,1e-7,12345678901234],"a":{"x":null,"y":[true,false]},"ü":"q\"\\\n\u0001→"}"#
        let json = try JSON(parsing: text)
        #expect(json.text(compact: true) == text)
        #expect(try JSON(parsing: json.text()) == json)
        #expect(json["a"]?["y"] == .array([.bool(true), .bool(false)]))
    }

    @Test(
        "numbers are written as people write them, and read back the same",
        arguments: [
            (0.03, "0.03"), (10, "10"), (-0.0, "0"), (1e-5, "1e-5"), (1.5e-7, "1.5e-7"), (1e20, "1e20"),
            (0.1 + 0.2, "0.30000000000000004"), (9_007_199_254_740_992, "9007199254740992"),
        ])
    func numbers(number: Double, text: String) throws {
        #expect(JSONPrinter.number(number) == text)
        #expect(try JSON(parsing: text) == .number(number))
    }

    @Test("numbers that are not finite are null")
    func notFinite() {
        #expect(JSON.array([.number(.nan), .number(.infinity)]).text(compact: true) == "[null,null]")
    }

    @Test("a surrogate pair is one character")
    func surrogates() throws {
        #expect(try JSON(parsing: #""\ud83c\udf70""#) == .string("🍰"))
    }

    @Test("long objects break, short ones and lists of numbers share lines")
    func layout() {
        let numbers = JSON.array((0..<60).map { .number(Double($0)) })
        let json = JSON.object([
            JSON.Member("short", .object([JSON.Member("a", .number(1)), JSON.Member("b", .array([]))])),
            JSON.Member("numbers", numbers),
        ])
        let lines = json.text().split(separator: "\n").map(String.init)
        #expect(lines[1] == #"  "short": {"a": 1, "b": []},"#)
        #expect(lines.count == 8)
        #expect(lines.allSatisfy { $0.count <= 100 })
    }

    @Test(
        "a mistake is placed by line and column",
        arguments: [
            ("", "1:1", "found the end of the text"),
            ("{\n  \"a\": 1,\n  \"a\": 2\n}", "3:3", "“a” stands twice"),
            ("{\"a\" 1}", "1:6", "expected “:”"),
            ("{\"a\": 1,}", "1:9", "expected a key in double quotes, found “}”"),
            ("[1 2]", "1:4", "expected “,” or “]”"),
            ("{\"a\": tanh}", "1:7", "a text stands in double quotes"),
            ("[01]", "1:2", "not a number"),
            ("[1.]", "1:2", "not a number"),
            ("[1e999]", "1:2", "too large"),
            ("[-]", "1:2", "not a number"),
            ("\"abc", "1:1", "no closing quote"),
            ("\"a\nb\"", "1:1", "must end on its line"),
            (#"["\x"]"#, "1:3", "unknown escape"),
            (#"["\u12"]"#, "1:3", "four hexadecimal digits"),
            (#"["\ud800"]"#, "1:3", "surrogate"),
            ("{} x", "1:4", "expected the end"),
            ("\u{1B}", "1:1", "found “␛”"),
        ])
    func mistakes(text: String, place: String, message: String) {
        let error = #expect(throws: ExperimentError.self) { try JSON(parsing: text) }
        #expect(error?.place == place)
        #expect(error?.kind == .malformed)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test("a document that is nested too deep is refused")
    func depth() {
        let text = String(repeating: "[", count: 100_000)
        let error = #expect(throws: ExperimentError.self) { try JSON(parsing: text) }
        #expect(error?.message.contains("too deep") == true)
    }
}
