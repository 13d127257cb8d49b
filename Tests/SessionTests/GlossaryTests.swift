import Testing

@testable import Datasets
@testable import Engine
@testable import Session

@Suite("Texts and the glossary")
struct GlossaryTests {
    /// Every entry that can be chosen, with its list.
    private static let entries: [(list: String, entry: Entry)] =
        CatalogueList.allCases.flatMap { list in Catalogue.entries(list).map { (list.rawValue, $0) } }
        + Datasets.all.map { ("dataset", $0) }

    @Test(
        "no entry lacks its description, formula, source or what to watch, and no number when to raise and to lower it")
    func missing() {
        var missing: [String] = []
        for (list, entry) in Self.entries {
            let texts = [
                "summary": entry.summary, "formula": entry.formula, "source": entry.source, "watch": entry.watch,
            ]
            for (name, text) in texts where text.isEmpty { missing.append("\(list) \(entry.id): \(name)") }
            for knob in entry.knobs {
                if knob.summary.isEmpty { missing.append("\(list) \(entry.id).\(knob.name): summary") }
                if knob.isNumber, knob.raise.isEmpty || knob.lower.isEmpty {
                    missing.append("\(list) \(entry.id).\(knob.name): raise and lower")
                }
            }
        }
        #expect(missing.count == 0, "\(missing.sorted().joined(separator: "\n"))")
        #expect(Self.entries.count > 150)
    }

    @Test("no metric lacks its description, formula, source or what to watch")
    func metrics() {
        for metric in Metric.all {
            let texts = [metric.summary, metric.formula, metric.source, metric.watch]
            #expect(!texts.contains(""), "\(metric.id)")
        }
        #expect(Metric.all.count >= 30)
    }

    @Test("every number of the document that has a direction says when to raise and to lower it")
    func settings() {
        // Seeds, places and versions have none.
        let without = ["version", "seed", "layer", "units", "columns", "neuron"]
        var experiment = Experiment.blank
        experiment.data.dataset = Choice("digits")
        for path in experiment.settingPaths {
            guard let knob = experiment.knob(at: path), knob.isNumber, !without.contains(knob.name) else { continue }
            #expect(!knob.raise.isEmpty && !knob.lower.isEmpty, "\(path)")
        }
    }

    @Test("advice reads on from “Raise it” and “lower it”")
    func advice() {
        for (list, entry) in Self.entries {
            for text in entry.knobs.flatMap({ [$0.raise, $0.lower] }) where !text.isEmpty {
                let begins = ["when ", "for ", "to "].contains { text.hasPrefix($0) }
                #expect(begins && !text.hasSuffix("."), "\(list) \(entry.id): \(text)")
            }
            #expect([".", "?"].contains(entry.watch.suffix(1)), "\(list) \(entry.id)")
        }
    }

    @Test("there are at least 80 words of the field, each once, each with a text, and a formula where it says so")
    func words() {
        #expect(Term.all.count >= 80)
        var seen: Set<String> = []
        for term in Term.all {
            for name in [term.name] + term.forms { #expect(seen.insert(name.lowercased()).inserted, "\(name)") }
            switch term.body {
            case .text(let words, let formula):
                #expect(words.hasSuffix(".") && words.count > 20, "\(term.name)")
                if let formula { #expect(!formula.isEmpty, "\(term.name)") }
            case .entry(let list, let id): #expect(Catalogue.entry(list, id) != nil, "\(term.name)")
            }
        }
    }

    @Test("every preset that a word names is there, and shows the entry that the word stands for")
    func presets() throws {
        for term in Term.all {
            let preset = try #require(Preset.builtIn.first { $0.name == term.preset }, "\(term.name): \(term.preset)")
            var experiment = try Experiment(json: JSON(parsing: preset.text))
            var shown = preset.text
            if let with = term.with {
                let parts = with.split(separator: "=", maxSplits: 1).map(String.init)
                experiment = try experiment.setting(parts[0], to: .string(parts[1]))
                try experiment.validate()
                shown += experiment.json.text()
            }
            guard case .entry(let list, let id) = term.body else { continue }
            let uses = experiment.settingPaths.contains { path in
                guard case .choice(list)? = experiment.knob(at: path)?.kind else { return false }
                return experiment.value(at: path)?.choice == id
            }
            // A loss or an output's function that the task implies stands in no document.
            let data = try prepare(experiment.data, features: experiment.features, directory: nil)
            let network = experiment.network(for: data)
            let function = try network.outline().layers.last?.activation?.id
            let implied = network.loss.id == id || list == .activation && function == id
            #expect(uses || shown.contains("\"\(id)\"") || implied, "\(term.name): \(term.preset) does not use \(id)")
        }
    }

    @Test("every word that belongs to another is a word, and every article is found by its names")
    func related() {
        for term in Term.all {
            for name in term.related {
                #expect(Term.all.contains { $0.name == name }, "\(term.name): \(name)")
            }
        }
        for article in Glossary.words {
            for name in article.names { #expect(Glossary.article(named: name)?.id == article.id, "\(name)") }
        }
        for (list, entry) in Self.entries {
            #expect(Glossary.article(kind: list, entry.id)?.words == entry.summary, "\(list) \(entry.id)")
        }
    }

    @Test("links are found whole, longest first, in plural and with capitals, each once and not to the text itself")
    func links() {
        var seen: Set<String> = ["word.gradient"]
        let text =
            "Gradients of mini-batches: the learning rate, learning-rate schedules, biased, batch sizes and batches."
        let found = Glossary.links(in: text, seen: &seen).map { (String(text[$0.range]), $0.article.title) }
        #expect(
            found.map(\.0) == ["mini-batches", "learning rate", "learning-rate schedules"], "\(found)")
        #expect(found.map(\.1) == ["batch", "learning rate", "learning-rate schedule"])
    }

    @Test("every link in every text leads to an article with a text")
    func everyLink() {
        var count = 0
        for article in Glossary.articles {
            var seen: Set<String> = [article.id]
            let texts = [article.words] + article.sections.map(\.text)
            for text in texts {
                for link in Glossary.links(in: text, seen: &seen) {
                    count += 1
                    #expect(!link.article.words.isEmpty && link.article.id != article.id)
                    #expect(Glossary.article(named: link.article.names[0])?.id == link.article.id)
                }
            }
        }
        #expect(count > 300)
    }
}

extension JSON {
    /// The id of a choice.
    fileprivate var choice: String? {
        switch self {
        case .string(let id): id
        case .object(let members): members.first?.key
        default: nil
        }
    }
}
