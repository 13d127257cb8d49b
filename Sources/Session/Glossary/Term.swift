import Engine

/// A word of the field, as an introductory course uses it.
///
/// Its text is its own, or that of the catalogue's entry which it names: each text stands in one place. It is long with its
/// extensions, because they hold all words of the field.
struct Term: Sendable {
    /// "learning rate": lower case but for names; texts are linked by it.
    let name: String
    /// Other words for the same thing, which are linked too. A plural in "s" is found without being listed.
    let forms: [String]
    let body: Body
    /// The preset that shows it.
    let preset: String
    /// A setting with which the preset shows it, as `--set` takes it; nil: it does as it is.
    let with: String?
    /// The names of terms that belong to it.
    let related: [String]

    enum Body: Sendable {
        /// - formula: nil: it has none.
        case text(String, formula: String?)
        case entry(CatalogueList, String)
    }

    init(
        _ name: String, also forms: [String] = [], _ words: String, formula: String? = nil, preset: String,
        related: [String] = []
    ) {
        (self.name, self.forms, self.preset, self.related, with) = (name, forms, preset, related, nil)
        body = .text(words, formula: formula)
    }

    /// A term that is an entry of the catalogue.
    init(
        _ name: String, also forms: [String] = [], of list: CatalogueList, _ id: String, preset: String,
        with: String? = nil, related: [String] = []
    ) {
        (self.name, self.forms, self.preset, self.related, self.with) = (name, forms, preset, related, with)
        body = .entry(list, id)
    }
}

extension Term {
    static let all: [Term] =
        network + data + training + remedies + images + sequences + unlabelled + adversarial + games + rivals
}
