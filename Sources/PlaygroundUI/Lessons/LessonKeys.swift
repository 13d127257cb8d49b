import Session
import TerminalKit

/// A key of a step: "x", or with the digit of the only panel in which it works "5:x", where it means another thing elsewhere.
struct LessonKey: Sendable, Hashable {
    var key: Key
    var panel: PanelID?

    /// - Returns: nil: it is none.
    init?(_ label: String) {
        let parts = label.split(separator: ":", maxSplits: 1).map(String.init)
        if parts.count == 2, let panel = Panel.all.first(where: { $0.key == parts[0] }), let key = Key(parts[1]) {
            (self.key, self.panel) = (key, panel.id)
        } else if let key = Key(label) {
            self.key = key
        } else {
            return nil
        }
    }
}

/// The keys that a lesson's steps name.
public enum LessonKeys {
    private static let known = Set((Commands.all + LessonCommands.all).flatMap(\.keys).compactMap { Key($0) })
    private static let own = Set(LessonCommands.all.flatMap(\.keys).compactMap { Key($0) })
    private static let always = Set(
        Commands.all.filter { $0.occasions.contains(.lesson) }.flatMap(\.keys).compactMap { Key($0) })

    /// Keys that are none, keys that a text names though the step goes without them, and such with commas between them.
    public static func findings(of lesson: Lesson) -> [LessonCheck.Finding] {
        lesson.steps.enumerated().flatMap { index, step in
            var words: [String] = []
            let keys = step.keys.compactMap { LessonKey($0)?.key }
            for label in step.keys where (LessonKey(label)?.key).map(known.contains) != true {
                words.append("there is no key “\(label)”; write it as the help does, “space” or “→” for example")
            }
            let texts = [step.text, step.done, step.answer?.text ?? ""] + step.hints
            let works = own.union(always).union(keys)
            for key in Set(texts.flatMap { Story.keys(in: $0) }) where !works.contains(key) {
                words.append("the text names (\(key.label)), which is not among the step's keys")
            }
            for listed in Set(texts.flatMap { Story.keysWithCommas(in: $0) }) {
                words.append(
                    "(\(listed)) is not read as keys; leave the commas out, or give each key parentheses of its own")
            }
            return words.sorted().map { LessonCheck.Finding(step: index, words: $0) }
        }
    }
}
