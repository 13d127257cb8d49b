import Datasets
import Engine

/// Goals on answers to what the user types or draws, and on the classes that are mixed up.
extension GoalKind {
    static let ofAnswers = [taken, answer, drawings]

    private static let taken = GoalKind(
        id: "taken",
        summary:
            "Test samples of one class that are taken for another, or for any other; without test data training ones.",
        fields: [
            DocumentField("of", summary: "The class.", form: .value(.text)).required(),
            DocumentField("for", summary: "The other class; without it, any other.", form: .value(.text)),
        ],
        title: { settings, words in
            let (name, other) = (text("of", settings), text("for", settings))
            return other.isEmpty ? words(.takenForOthers, name) : words(.taken, name, other)
        },
        measure: { settings, snapshot, _ in
            guard let matrix = snapshot.evaluation?.testConfusion ?? snapshot.evaluation?.trainConfusion,
                let truth = snapshot.data.classNames.firstIndex(of: text("of", settings)), truth < matrix.classes
            else { return nil }
            let other = text("for", settings)
            guard other.isEmpty else {
                return snapshot.data.classNames.firstIndex(of: other).flatMap {
                    $0 < matrix.classes ? .number(Double(matrix[truth, $0])) : nil
                }
            }
            let all = (0..<matrix.classes).reduce(0) { $0 + matrix[truth, $1] }
            return .number(Double(all - matrix[truth, truth]))
        })

    private static let answer = GoalKind(
        id: "answer",
        summary: "The class that the network answers to a sequence of symbols; where each step has one, all of them.",
        fields: [
            DocumentField("to", summary: "The sequence as it would be typed: words, or letters.", form: .value(.text))
                .required()
        ],
        title: { $1(.answerTo, text("to", $0)) },
        measure: { settings, snapshot, networks in
            snapshot.answer(toTyped: text("to", settings), networks).map { .text($0) }
        })

    private static let drawings = GoalKind(
        id: "drawings", summary: "The images drawn by hand that train with the data.",
        fields: [
            DocumentField("of", summary: "Those of this class alone.", form: .value(.text)),
            DocumentField(
                "answered", summary: "Those alone that the network answers so.",
                form: .value(.word(["right", "wrong"]))),
        ],
        title: { settings, words in
            let name = text("of", settings)
            let drawings = name.isEmpty ? words(.drawings) : words(.drawingsOf, name)
            switch text("answered", settings) {
            case "right": return words(.answeredRight, drawings)
            case "wrong": return words(.answeredWrong, drawings)
            default: return drawings
            }
        },
        measure: { settings, snapshot, networks in
            let (name, answered) = (text("of", settings), text("answered", settings))
            var drawings = Array(snapshot.experiment.data.drawings.enumerated())
            if !name.isEmpty { drawings = drawings.filter { $0.element.label == name } }
            guard !answered.isEmpty, !drawings.isEmpty else { return .number(Double(drawings.count)) }
            guard let answers = snapshot.answersToDrawings(networks) else { return nil }
            return .number(
                Double(drawings.count { (answers[$0.offset] == $0.element.label) == (answered == "right") }))
        })
}

extension Snapshot {
    /// The answer to typed symbols in words; nil: the data do not have them, or are values.
    fileprivate func answer(toTyped text: String, _ networks: GoalNetworks) -> String? {
        guard data.task != .regression, let symbols = try? data.symbols(ofTyped: text), data.fits(symbols) else {
            return nil
        }
        let values = data.inputs(of: SequenceChoice(row: 0, typed: symbols))
        guard let outputs = networks.outputs(of: self, at: [values]) else { return nil }
        let reading = OutputReading(network: network, outline: outline, data: data)
        let names = SequenceAnswering.steps(outputs.map { $0[0] }, reading, data).map { scores in
            scores.answeredClass.flatMap { data.classNames.indices.contains($0) ? data.classNames[$0] : nil } ?? "?"
        }
        // The symbol for the end is no part of the answer.
        let written = names.prefix { $0 != "end" }
        return written.joined(separator: written.allSatisfy { $0.count == 1 } ? "" : " ").trimmed
    }

    /// The class that is answered to each drawing; nil: there is no network.
    fileprivate func answersToDrawings(_ networks: GoalNetworks) -> [String]? {
        let (count, all) = (experiment.data.drawings.count, data.train.count)
        guard count > 0, count <= all else { return nil }
        let rows = (all - count..<all).map { data.train.inputs.values(of: $0) }
        guard let outputs = networks.outputs(of: self, at: rows) else { return nil }
        return OutputReading(network: network, outline: outline, data: data).classes(outputs).map {
            data.classNames.indices.contains($0) ? data.classNames[$0] : "?"
        }
    }
}

extension String {
    /// Without blanks at both ends.
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
