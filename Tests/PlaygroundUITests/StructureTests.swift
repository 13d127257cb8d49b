import Foundation
import Session
import Testing

@testable import Datasets
@testable import Engine
@testable import PlaygroundUI

/// The rules of structure that no compiler holds, read from the sources.
@Suite("The structure of the sources")
struct StructureTests {
    private struct File {
        /// From the package's folder: "Sources/Engine/Plan.swift".
        var path: String
        var text: String
        /// Without comments.
        var code: String
        var lines: [String]

        var folder: String { String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)) }
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func files(in folder: String, endings: [String] = [".swift"]) throws -> [File] {
        let base = root.appending(path: folder)
        let paths = try #require(FileManager.default.enumerator(atPath: base.path)).compactMap { $0 as? String }
        // A comment ends its line; "://" stands in texts.
        let comment = try NSRegularExpression(pattern: #"// [^\n]*"#)
        return try paths.filter { path in endings.contains { path.hasSuffix($0) } }.sorted().map { path in
            let text = try String(contentsOf: base.appending(path: path), encoding: .utf8)
            return File(
                path: "\(folder)/\(path)", text: text, code: replacing(comment, in: text, with: ""),
                lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
        }
    }

    private static func replacing(_ pattern: NSRegularExpression, in text: String, with template: String) -> String {
        pattern.stringByReplacingMatches(
            in: text, options: [], range: NSRange(text.startIndex..., in: text), withTemplate: template)
    }

    /// Read once for all tests.
    private static let sources: Result<[File], any Error> = Result { try files(in: "Sources") }
    private static let all: Result<[File], any Error> = Result {
        try sources.get() + files(in: "Tests") + files(in: "Presets")
    }
    private static let screens: Result<[File], any Error> = Result {
        try sources.get().filter { $0.path.hasPrefix("Sources/PlaygroundUI/") }
    }

    // MARK: - References

    /// Files that may name entries, beside an entry's own, the formats' tables, and the benchmarks, which name what they measure.
    private static let others: [(path: String, reason: String)] = [
        ("Sources/Engine/Catalogue.swift", "the list"), ("Sources/Datasets/Datasets.swift", "the list"),
        ("Sources/Session/PlaygroundLink", "the links of the TensorFlow Playground name what that page has"),
        ("Sources/Session/ExperimentDefaults.swift", "the document's defaults"),
        ("Sources/Session/PublishedNetworks.swift", "networks as they were published"),
        ("Sources/Session/Glossary", "the words of the field that name the entry with their text"),
        ("Sources/Session/GradientCheck/GradientCheck.swift", "the table of the losses in double"),
    ]

    /// The tables of entries in other programs' words; `ExportTests` counts what they lack.
    private static let tables: [(path: String, reason: String)] = [
        "Torch/TorchLayers", "Torch/TorchParts", "ONNX/GraphLayers", "ONNX/GraphParts", "Keras/KerasLayers",
        "Keras/KerasScript",
    ].map { (path: "Sources/Session/Export/\($0).swift", reason: "a format's table") }

    private static let exempt = others + tables

    /// The folders in which each entry may name others: as the defaults of its knobs, and as the function that it applies.
    private static let entries = [
        "Sources/Engine/Layers", "Sources/Engine/Convolution.swift", "Sources/Datasets/Generators",
    ]

    private static func matches(_ pattern: String, _ text: String) throws -> [(whole: String, name: String)] {
        let expression = try NSRegularExpression(pattern: pattern)
        let range = NSRange(text.startIndex..., in: text)
        return expression.matches(in: text, range: range).map { match in
            func part(_ index: Int) -> String? { Range(match.range(at: index), in: text).map { String(text[$0]) } }
            let names = (1..<match.numberOfRanges).compactMap(part)
            return (part(0) ?? "", names.first ?? "")
        }
    }

    private static var identifiers: Set<String> {
        var ids = Set(CatalogueList.allCases.flatMap { Catalogue.entries($0).map(\.id) })
        ids.formUnion(Datasets.all.map(\.id))
        ids.formUnion(Catalogue.procedures.flatMap { $0.metrics.map(\.id) })
        ids.formUnion(Primitive.all.map(\.id))
        return ids
    }

    /// A name of an entry in a file that is not its own.
    private struct Reference {
        var path: String
        var name: String
    }

    /// Expects that only files of the exemptions have them.
    private func expectExempt(_ references: [Reference]) {
        let found = references.filter { reference in
            !reference.path.hasSuffix("Benchmark.swift") && !Self.exempt.contains { reference.path.hasPrefix($0.path) }
        }
        #expect(found.isEmpty, "\(found.map { "\($0.path): \($0.name)" }.sorted().joined(separator: "\n"))")
    }

    @Test("a message that counts has a noun that goes with the count, not a plural for all")
    func counted() throws {
        let pattern = #"\\\((?:formatCount\()?[\w.]*(?:count|Count)\)?\) (?!is\b|as\b)([a-z]+s)\b"#
        // Those that the program's own mistakes end with, and those that have another word for one.
        let exempt = ["precondition(", "fatalError(", "== 1 ?"]
        var found: [String] = []
        for file in try Self.sources.get() {
            for line in file.code.split(separator: "\n") where line.contains("ount)") {
                guard !exempt.contains(where: { line.contains($0) }) else { continue }
                found += try Self.matches(pattern, String(line)).map { "\(file.path): \($0.whole)" }
            }
        }
        // There are two copies of a model at least.
        #expect(found == [#"Sources/Engine/Training/ModelCopies.swift: \(count) copies"#], "use plural: \(found)")
    }

    @Test("no entry is named by its quoted id outside of its own file and the lists")
    func quoted() throws { expectExempt(try Self.quotes.get()) }

    private static let quotes: Result<[Reference], any Error> = Result { try quotedReferences(sources.get()) }

    private static func quotedReferences(_ files: [File]) throws -> [Reference] {
        let ids = identifiers
        let uses =
            #"(?:Choice\(\s*|[=!]= |\bcase |entry\((?:\.\w+, )?|named\(|activation\(|dataset\(|loss\(|"#
            + #"hasPrefix\(|of: \.\w+,\s*|evaluation\??\[|(?:evaluate|measure)\(\)\[|history\[)"(\w+)"|"#
            + #""(\w+)" [=!]=|"(\w+)": \{"#
        let lists = #"\[((?:"\w+",?\s*)+)\]\)?\.contains\("#
        var found: [Reference] = []
        for file in files {
            func isOwn(_ name: String) throws -> Bool {
                // The words of a knob are the file's own.
                let isWord = try !matches(#"\.word\(\[[^\]]*""# + name + "\"", file.code).isEmpty
                return isWord || file.code.contains("id: \"\(name)\"")
                    || file.code.contains("Metric(\n        \"\(name)\"")
            }
            for use in try matches(uses, file.code) where ids.contains(use.name) {
                let mayName = use.whole.hasPrefix("Choice(") || use.whole.hasPrefix("activation(")
                let isPart = mayName && entries.contains { file.path.hasPrefix($0) }
                if try !isOwn(use.name), !isPart { found.append(Reference(path: file.path, name: use.whole)) }
            }
            // ["dense", "rbm"].contains(id): words that are all ids.
            for list in try matches(lists, file.code) {
                let names = list.name.split { !$0.isLetter && !$0.isNumber }.map(String.init)
                if names.allSatisfy(ids.contains), try names.contains(where: { try !isOwn($0) }) {
                    found.append(Reference(path: file.path, name: list.whole))
                }
            }
        }
        return found
    }

    @Test("no entry is named by its constant outside of its own file and the lists")
    func constants() throws { expectExempt(try Self.constantNames.get()) }

    private static let constantNames: Result<[Reference], any Error> = Result { try constantReferences(sources.get()) }

    private static func constantReferences(_ files: [File]) throws -> [Reference] {
        var owners: [String: String] = [:]
        for file in files {
            let kinds = "Activation|Loss|Optimizer|Schedule|Initializer|Augmentation|Metric"
            for constant in try matches(#"static let (\w+) = (?:"# + kinds + #")\("#, file.code) {
                let kind = try #require(constant.whole.split(separator: " ").last?.dropLast())
                owners["\(kind).\(constant.name)"] = file.path
            }
            for layer in try matches(#"(?:struct|class) (\w+): (?:\w*Layer|\w*Procedure)\b"#, file.code) {
                owners[layer.name] = file.path
            }
            for dataset in try matches(#"enum (\w+) \{\s*static let dataset = Dataset"#, file.code) {
                owners["\(dataset.name).dataset"] = file.path
            }
        }
        #expect(owners.count > 80)
        // Texts go. `let f: Activation = .tanh` names Activation.tanh.
        let replacements = try [
            (#""""[\s\S]*?""""#, ""), (#""(?:[^"\\\n]|\\.)*""#, ""),
            (#"\b(Activation|Loss|Optimizer|Schedule|Initializer|Augmentation|Metric) = \."#, "$1."),
        ].map { (try NSRegularExpression(pattern: $0.0), $0.1) }
        var found: [Reference] = []
        for file in files {
            var code = file.code
            for (pattern, template) in replacements { code = replacing(pattern, in: code, with: template) }
            for word in Set(try matches(#"(?<![\w.])([A-Z]\w*(?:\.\w+)?)\b"#, code).map(\.name)) {
                let type = String(word.prefix { $0 != "." })
                let isLayer = owners[type] != nil && owners[type] != file.path
                if owners[word].map({ $0 != file.path }) ?? isLayer {
                    found.append(Reference(path: file.path, name: word))
                }
            }
        }
        return found
    }

    @Test("a primitive is named where an operation of it is emitted; others ask for what it says of itself")
    func primitives() throws {
        let names = Primitive.all.map(\.id).joined(separator: "|")
        let pattern = #"(\bprimitive(?:\.id|\.kernel)? [=!]= |\bPrimitive\.(?:\#(names))\b)"#
        func named(_ text: String) throws -> Bool { try !Self.matches(pattern, text).isEmpty }
        let found = try Self.sources.get().filter { try named($0.code) }.map(\.path)
        #expect(found.isEmpty, "\(found)")
        for text in ["one.primitive == .add", "$0.primitive.id != other.id", "Primitive.add.id"] {
            #expect(try named(text), "\(text)")
        }
        #expect(try !named("Primitive.share(part) + (primitive.role == .activation ? 1 : 0)"))
    }

    @Test("a panel is named in its own folder alone, and by its views")
    func panels() throws { expectExempt(try Self.panelNames.get()) }

    private static let panelNames: Result<[Reference], any Error> = Result { try panelReferences(screens.get()) }

    private static func panelReferences(_ files: [File]) throws -> [Reference] {
        func owner(_ type: String, _ name: String) throws -> File {
            try #require(files.first { $0.code.contains("static let \(name) = \(type)(\"\(name)\")") })
        }
        // A panel's folder, and the files of its views, are one place.
        var places: [String: Set<String>] = [:]
        for panel in Panel.all { places[panel.id.name] = [try owner("PanelID", panel.id.name).folder] }
        for view in View.all {
            let file = try owner("ViewID", view.id.name)
            places[view.panel.name]?.insert(file.path)
            places[view.id.name, default: []].insert(file.path)
        }
        let panels = places
        for view in View.all { places[view.id.name]?.formUnion(panels[view.panel.name] ?? []) }
        let uses =
            #"(?:(?:PanelID|ViewID|Panel|View)|(?:rows|selection|scrolls|views|Panel)\[|focus [=!]= |(?:of|in): |(?:show|toggle|area)\(|panel: )\.(\w+)\b"#
        let lists = #"(?:panels|views): \[([^\]]*)\]"#
        var found: [Reference] = []
        for file in files {
            var names = try matches(uses, file.code).map(\.name)
            names += try matches(lists, file.code).flatMap { list in
                list.name.split(separator: ",").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
                    .filter { $0.hasPrefix(".") }.map { String($0.dropFirst()) }
            }
            for name in Set(names) {
                guard let own = places[name], !own.contains(where: { file.path.hasPrefix($0) }) else { continue }
                found.append(Reference(path: file.path, name: ".\(name)"))
            }
        }
        return found
    }

    @Test("a panel, a view, a dataset, a rival or a primitive that a file declares is in its list")
    func listed() throws {
        let code = try Self.sources.get().map(\.code).joined(separator: "\n")
        let kinds: [(list: String, declaration: String, ids: [String])] = [
            ("Panel.all", #"static let \w+ = PanelID\("(\w+)"\)"#, Panel.all.map(\.id.name)),
            ("View.all", #"static let \w+ = ViewID\("(\w+)"\)"#, View.all.map(\.id.name)),
            ("Datasets.list", #"static let dataset = Dataset\([^"]*id: "(\w+)""#, Datasets.all.map(\.id)),
            ("Catalogue.rivals", #"static let \w+ = Rival\([^"]*id: "(\w+)""#, Catalogue.entries(.rival).map(\.id)),
            ("Primitive.all", #"static let \w+ = Primitive\(\s*id: "(\w+)""#, Primitive.all.map(\.id)),
        ]
        for (list, declaration, ids) in kinds {
            let declared = try Self.matches(declaration, code).map(\.name)
            #expect(declared.count > 5, "\(list)")
            for id in declared { #expect(ids.contains(id), "add \(id) to \(list)") }
        }
    }

    @Test("each file that may name entries does")
    func exemptions() throws {
        let found = try Self.quotes.get() + Self.constantNames.get() + Self.panelNames.get()
        for (path, reason) in Self.exempt {
            #expect(found.contains { $0.path.hasPrefix(path) }, "\(path) (\(reason)) names none")
        }
    }

    // MARK: - Words

    @Test("a comment names the thing: none begins with What, Whose, Whatever or Who, in C and Python too")
    func comments() throws {
        func begins(_ text: String, _ pattern: String) throws -> Bool { try !Self.matches(pattern, text).isEmpty }
        let c = try Self.files(in: "Sources", endings: [".c", ".h", ".cl"])
        let scripts = try Self.files(in: "Tests", endings: [".py"]) + Self.files(in: "Scripts", endings: [""])
        let kinds = [("///?", try Self.all.get()), (#"(?:/?\*+|//)"#, c), ("#", scripts)]
        var found: [String] = []
        for (mark, files) in kinds {
            let pattern = #"(?m)^\s*\#(mark) ?(?:What|Whose|Whatever|Whoever|Who)\b"#
            #expect(files.count > 5)
            // Files first: a hundred thousand lines one by one take most of a minute.
            for file in files where try begins(file.text, pattern) {
                for (number, line) in file.lines.enumerated() where try begins(line, pattern) {
                    // The rest of a sentence may stand at the beginning of a line.
                    let isFirst = try number == 0 || !begins(file.lines[number - 1], #"^\s*\#(mark) *\w"#)
                    if isFirst { found.append("\(file.path):\(number + 1)") }
                }
            }
            let example = ["#": "# What", "///?": "    /// Whose it is."][mark] ?? " * Who it is."
            #expect(try begins(example, pattern))
        }
        #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    }

    // MARK: - Sizes

    /// Lines of a type with all its extensions.
    private static let most = 400

    @Test("a type of more than 400 lines with its extensions says why in the comment at its head")
    func sizes() throws {
        let declaration =
            #"^(?:@\w+(?:\([^)]*\))? )*(?:(?:public|package|private|fileprivate|internal|final|indirect) )*(struct|class|enum|protocol|actor|extension) ([\w.]+)"#
        let expression = try NSRegularExpression(pattern: declaration)
        let reason = #/\blong\b.*\bbecause\b/#
        var sizes: [String: Int] = [:]
        var reasons: Set<String> = []
        for file in try Self.all.get() {
            var open: (name: String, line: Int)?
            for (number, line) in file.lines.enumerated() {
                if let type = open, line.hasPrefix("}") {
                    sizes[type.name, default: 0] += number - type.line + 1
                    open = nil
                }
                guard
                    let match = expression.firstMatch(in: line, range: NSRange(line.startIndex..., in: line)),
                    let kind = Range(match.range(at: 1), in: line), let name = Range(match.range(at: 2), in: line)
                else { continue }
                if !line.hasSuffix("}") { open = (String(line[name]), number) }
                let head = file.lines[..<number].reversed().prefix { $0.hasPrefix("///") || $0.hasPrefix("@") }
                    .reversed().map { $0.drop { $0 == "/" } }.joined()
                if line[kind] != "extension", head.contains(reason) {
                    reasons.insert(String(line[name]))
                }
            }
        }
        #expect(sizes.count > 500)
        for (name, lines) in sizes.sorted(by: { $0.key < $1.key }) where lines > Self.most {
            #expect(
                reasons.contains(name), "\(name) has \(lines) lines with its extensions: cut it by concern, or say why")
        }
        for name in reasons { #expect(sizes[name, default: 0] > Self.most, "\(name) is no longer long") }
    }

    // MARK: - Keys in sentences

    @Test("no sentence names a key of the table by itself, for the user may have given it to another command")
    func keysInSentences() throws {
        let key = "(?:^|[;:,.] )(?:enter|Enter|esc|space|[b-zB-HJ-Z]|[←→↑↓'\\]\\[;](?: and [←→↑↓'\\]\\[;])?)"
        let verb =
            "(?:starts|shows?|takes?|chooses?|draws|opens|turns|puts|or a click|types|does|leaves|walks|works|adds|goes?|moves?|in the)"
        // A panel with its digit: "Features (2)".
        let panel = #"(?:[A-Z][a-z]+|panel) \([1-9]\)"#
        var found: [String] = []
        // A box of its own has keys that nobody can change.
        for file in try Self.screens.get() where !file.path.hasSuffix("Popups/ArticlePopup.swift") {
            for (_, text) in try Self.matches(#""((?:[^"\\\n]|\\.)*)""#, file.code) {
                let isNamed = try !Self.matches("\(key) \(verb)\\b", text).isEmpty
                if try isNamed || !Self.matches(panel, text).isEmpty { found.append("\(file.path): \(text)") }
            }
        }
        #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
        // The pattern finds what it is for.
        for text in [
            "X starts a walk", "all; w chooses another", "Words. Enter turns it on", "← in the loss panel goes back",
            "input. ← and → choose another", "after the other; ' takes the next",
        ] {
            #expect(try !Self.matches("\(key) \(verb)\\b", text).isEmpty, "\(text)")
        }
        #expect(try !Self.matches(panel, "chosen in the panel Features (2)").isEmpty)
    }

    @Test("stories and lessons put the keys that they name into parentheses, where those in force take their place")
    func keysInStories() throws {
        let verb =
            "(?:starts?|shows?|takes?|chooses?|draws?|opens?|turns?|puts?|saves?|walks?|goes|moves?|other|for)"
        let bare =
            #"[←→↑↓]|(?<![\p{L}\p{N}’'·=/-])[b-zA-HJ-Z] "# + verb
            + #"\b|\b[Pp]ress(?:es)?\b|(?:^|[.;:,] )a (?:shows|draws|adds|starts)\b"#
        func bareKeys(_ text: String) throws -> [String] {
            let outside = text.replacing(#/\([^()]*\)/#, with: "()")
            return try Self.matches("(\(bare))", outside).map(\.1)
        }
        for preset in Preset.all {
            let found = try bareKeys(preset.story)
            #expect(found.isEmpty, "\(preset.name): \(found)")
        }
        var texts = 0
        for lesson in Course.builtIn.flatMap(\.lessons) {
            for step in try lesson.read(in: []).steps {
                for text in [step.text, step.done] + step.hints {
                    texts += 1
                    let found = try bareKeys(text)
                    #expect(found.isEmpty, "\(lesson.name): \(found) in \(text)")
                }
            }
        }
        #expect(texts > 200)
        for text in [
            "T shows its kernels (4)", "← → and ↑ ↓ choose (5)", "Press a for another (5)", "far. a shows what (5)",
        ] {
            #expect(try !bareKeys(text).isEmpty, "\(text)")
        }
        #expect(try bareKeys("the row “units” takes (←) for one less; see it (4 T)").isEmpty)
    }
}
