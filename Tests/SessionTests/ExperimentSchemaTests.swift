import Testing

@testable import Session

/// Checks a value against the part of JSON Schema (draft 2020-12) that the generated schema uses; an unknown keyword
/// is a mistake.
struct SchemaChecker {
    let root: JSON

    /// The first thing that does not fit, or nil.
    func complaint(_ value: JSON, _ schema: JSON, at path: String = "$") -> String? {
        guard case .object(let keywords) = schema else { return "\(path): the schema is not an object" }
        for keyword in keywords {
            switch (keyword.key, keyword.value) {
            case ("$schema", _), ("title", _), ("description", _), ("default", _), ("$defs", _): continue
            case ("type", .string(let type)): if !fits(value, type) { return "\(path): not \(type)" }
            case ("type", .array(let types)):
                let fitting = types.contains { if case .string(let type) = $0 { fits(value, type) } else { false } }
                if !fitting { return "\(path): none of the types" }
            case ("pattern", .string("\\S")):
                if case .string(let text) = value, text.allSatisfy(\.isWhitespace) { return "\(path): blank" }
            case ("enum", .array(let values)): if !values.contains(value) { return "\(path): not in the enum" }
            case ("const", let constant): if value != constant { return "\(path): not the constant" }
            case ("minimum", .number(let bound)):
                if case .number(let number) = value, number < bound { return "\(path): below \(bound)" }
            case ("maximum", .number(let bound)):
                if case .number(let number) = value, number > bound { return "\(path): above \(bound)" }
            case ("$ref", .string(let reference)):
                guard let name = reference.split(separator: "/").last, let target = root["$defs"]?[String(name)] else {
                    return "\(path): no \(reference)"
                }
                if let found = complaint(value, target, at: path) { return found }
            case ("anyOf", .array(let cases)):
                if !cases.contains(where: { complaint(value, $0, at: path) == nil }) { return "\(path): fits no case" }
            case ("items", let element), ("prefixItems", let element):
                guard case .array(let elements) = value else { continue }
                for (index, item) in elements.enumerated() {
                    var schema = element
                    if case .array(let schemas) = element { schema = schemas[min(index, schemas.count - 1)] }
                    if let found = complaint(item, schema, at: "\(path).\(index)") { return found }
                }
            case ("minItems", .number(let count)):
                if case .array(let elements) = value, elements.count < Int(count) { return "\(path): too short" }
            case ("maxItems", .number(let count)):
                if case .array(let elements) = value, elements.count > Int(count) { return "\(path): too long" }
            case ("properties", let properties):
                guard case .object(let members) = value else { continue }
                for member in members {
                    guard let property = properties[member.key] else { continue }
                    if let found = complaint(member.value, property, at: "\(path).\(member.key)") { return found }
                }
            case ("additionalProperties", .bool(false)):
                guard case .object(let members) = value else { continue }
                if let stranger = members.first(where: { schema["properties"]?[$0.key] == nil }) {
                    return "\(path).\(stranger.key): unknown"
                }
            case ("required", .array(let names)):
                for case .string(let name) in names where value[name] == nil { return "\(path).\(name): missing" }
            case ("minProperties", .number(let count)):
                if case .object(let members) = value, members.count < Int(count) { return "\(path): too few keys" }
            case ("maxProperties", .number(let count)):
                if case .object(let members) = value, members.count > Int(count) { return "\(path): too many keys" }
            default: return "\(path): unknown keyword \(keyword.key)"
            }
        }
        return nil
    }

    private func fits(_ value: JSON, _ type: String) -> Bool {
        switch (type, value) {
        case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool), ("null", .null),
            ("number", .number):
            true
        case ("integer", .number(let number)): number == number.rounded()
        default: false
        }
    }
}

@Suite("The JSON Schema")
struct ExperimentSchemaTests {
    let checker = SchemaChecker(root: Experiment.schema)

    @Test("every shipped preset fits it", arguments: Preset.builtIn)
    func presets(preset: Preset) throws {
        #expect(checker.complaint(try JSON(parsing: preset.text), checker.root) == nil)
    }

    @Test("the documented example fits it")
    func example() throws {
        #expect(checker.complaint(try JSON(parsing: documentedExample), checker.root) == nil)
    }

    @Test(
        "what the reader refuses, the schema refuses",
        arguments: [
            #"{"layers": []}"#,
            #"{"data": {"dataset": "circle"}}"#,
            #"{"data": {"dataset": "cirle"}, "layers": []}"#,
            #"{"data": {"dataset": "circle", "file": "a"}, "layers": []}"#,
            #"{"data": {"dataset": "circle", "noise": 101}, "layers": []}"#,
            #"{"data": {"dataset": "circle"}, "layers": [{"dense": {"units": 1.5}}]}"#,
            #"{"data": {"dataset": "circle"}, "layers": [{"dense": {}, "dropout": {}}]}"#,
            #"{"data": {"dataset": "circle"}, "layers": [{"dense": {"activation": "tahn"}}]}"#,
            #"{"data": {"dataset": "circle"}, "layers": [], "training": {"stop": {"epoch": 1}}}"#,
            #"{"data": {"dataset": "points", "points": [[1, 2]]}, "layers": []}"#,
            #"{"data": {"dataset": "circle"}, "layers": [], "compare": [{"title": "a"}]}"#,
            #"{"data": {"dataset": "circle"}, "layers": [], "compare": [{"title": " ", "set": {}}]}"#,
        ])
    func refusals(text: String) throws {
        let json = try JSON(parsing: text)
        #expect(checker.complaint(json, checker.root) != nil)
        #expect(throws: ExperimentError.self) { try Experiment(json: json) }
    }

    @Test("it is a document that reads back")
    func readsBack() throws {
        #expect(try JSON(parsing: Experiment.schema.text()) == Experiment.schema)
    }
}
