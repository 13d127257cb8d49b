import Datasets
import Engine

extension Experiment {
    /// The JSON Schema (draft 2020-12) of the document, generated from the catalogue and the datasets.
    public static var schema: JSON { SchemaWriter.document("Layercake experiment", ExperimentDocument.root) }
}

/// Turns a document's forms into JSON Schema.
enum SchemaWriter {
    static func document(_ title: String, _ fields: [DocumentField]) -> JSON {
        let lists = CatalogueList.allCases.map { JSON.Member($0.rawValue, choice($0)) }
        return JSON.object([
            JSON.Member("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
            JSON.Member("title", .string(title)),
        ]).merging(object(fields)).merging(.object([JSON.Member("$defs", .object(lists))]))
    }

    static func object(_ fields: [DocumentField]) -> JSON {
        let required = fields.filter(\.isRequired).map { JSON.string($0.name) }
        return .object([
            JSON.Member("type", .string("object")),
            JSON.Member("properties", .object(fields.map { JSON.Member($0.name, schema($0)) })),
            JSON.Member("required", .array(required)),
            JSON.Member("additionalProperties", .bool(false)),
        ])
    }

    private static func schema(_ field: DocumentField) -> JSON {
        var members = [JSON.Member("description", .string(field.summary))]
        if field.form.kind != nil {
            var standard = field.get(.blank)
            if case .value(let kind) = field.form, let fallback = field.fallback {
                standard = fallback.json(kind: kind)
            }
            if !field.isRequired, standard != .null { members.append(JSON.Member("default", standard)) }
        }
        return JSON.object(members).merging(schema(field.form))
    }

    private static func schema(_ form: Form) -> JSON {
        switch form {
        case .value(let kind): return schema(kind)
        case .words: return typed("string").merging(.object([JSON.Member("pattern", .string("\\S"))]))
        case .optional(let kind): return anyOf([schema(kind), typed("null")])
        case .object(let fields): return object(fields)
        case .list(let element): return typed("array").merging(.object([JSON.Member("items", schema(element))]))
        case .data:
            return anyOf(
                Datasets.all.map { dataset in
                    let fields = ExperimentDocument.dataFields(dataset)
                    let name = JSON.object([JSON.Member("const", .string(dataset.id))])
                    let properties = fields.map { JSON.Member($0.name, $0.name == "dataset" ? name : schema($0)) }
                    return .object([
                        JSON.Member("title", .string(dataset.id)),
                        JSON.Member("type", .string("object")),
                        JSON.Member("properties", .object(properties)),
                        JSON.Member("required", .array([.string("dataset")])),
                        JSON.Member("additionalProperties", .bool(false)),
                    ])
                })
        case .point:
            return typed("array").merging(
                .object([
                    JSON.Member(
                        "prefixItems",
                        .array([
                            typed("number"), typed("number"),
                            .object([JSON.Member("type", .array([.string("number"), .string("string")]))]),
                            .object([JSON.Member("enum", .array([.string(FormCheck.testPointMark)]))]),
                        ])),
                    JSON.Member("minItems", .number(3)), JSON.Member("maxItems", .number(4)),
                ]))
        case .drawing:
            return typed("array").merging(
                .object([
                    JSON.Member("prefixItems", .array([typed("string"), typed("string")])),
                    JSON.Member("minItems", .number(2)), JSON.Member("maxItems", .number(2)),
                ]))
        case .assignments: return typed("object")
        case .layer: return anyOf([layer(from: Form.layerIndices.lowerBound), typed("null")])
        case .neuron:
            return typed("array").merging(
                .object([
                    JSON.Member(
                        "prefixItems", .array([layer(from: LayerPath.input.index), typed("integer", from: 0, to: 1e6)])),
                    JSON.Member("maxItems", .number(2)),
                ]))
        }
    }

    private static func layer(from least: Int) -> JSON {
        anyOf([typed("integer", from: Double(least), to: Double(Form.layerIndices.upperBound)), typed("string")])
    }

    private static func schema(_ kind: Knob.Kind) -> JSON {
        switch kind {
        case .integer(let range):
            typed("integer", from: Double(range.lowerBound), to: Double(range.upperBound))
        case .real(let range, _): typed("number", from: range.lowerBound, to: range.upperBound)
        case .toggle: typed("boolean")
        case .text: typed("string")
        case .word(let words):
            .object([JSON.Member("enum", .array(words.map { Double($0).map { .number($0) } ?? .string($0) }))])
        case .choice(let list): .object([JSON.Member("$ref", .string("#/$defs/\(list.rawValue)"))])
        case .list(let element): typed("array").merging(.object([JSON.Member("items", schema(element))]))
        }
    }

    /// A choice: an id, or an object with one key and its settings.
    static func choice(_ list: CatalogueList) -> JSON {
        let entries = Catalogue.entries(list)
        let cases = entries.map { entry in
            let knobs = entry.knobs.map { knob in
                JSON.Member(
                    knob.name,
                    JSON.object([
                        JSON.Member("description", .string(knob.summary)),
                        JSON.Member("default", knob.defaultValue.json(kind: knob.kind)),
                    ]).merging(schema(knob.kind)))
            }
            return JSON.Member(
                entry.id,
                .object([
                    JSON.Member("description", .string(entry.summary)), JSON.Member("type", .string("object")),
                    JSON.Member("properties", .object(knobs)), JSON.Member("additionalProperties", .bool(false)),
                ]))
        }
        return anyOf([
            .object([JSON.Member("enum", .array(entries.map { .string($0.id) }))]),
            .object([
                JSON.Member("type", .string("object")), JSON.Member("properties", .object(cases)),
                JSON.Member("minProperties", .number(1)), JSON.Member("maxProperties", .number(1)),
                JSON.Member("additionalProperties", .bool(false)),
            ]),
        ])
    }

    private static func typed(_ type: String, from low: Double? = nil, to high: Double? = nil) -> JSON {
        var members = [JSON.Member("type", .string(type))]
        if let low { members.append(JSON.Member("minimum", .number(low))) }
        if let high { members.append(JSON.Member("maximum", .number(high))) }
        return .object(members)
    }

    private static func anyOf(_ schemas: [JSON]) -> JSON { .object([JSON.Member("anyOf", .array(schemas))]) }
}

extension JSON {
    /// This object with the other's members after its own.
    fileprivate func merging(_ other: JSON) -> JSON {
        guard case .object(let members) = self, case .object(let more) = other else { return other }
        return .object(members + more)
    }
}
