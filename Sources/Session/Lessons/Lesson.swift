import Basics
import Engine

/// A lesson: steps from a question to an answer, each with the keys that work in it and a goal that the program checks.
public struct Lesson: Sendable, Hashable {
    public struct Step: Sendable, Hashable {
        /// At most six lines of 78 columns. Keys stand in parentheses, as in stories.
        public var text: String
        /// Told when the goal has been reached; empty: nothing more to say.
        public var done: String
        /// The labels of the keys that work beside the lesson's own; "5:x" works in the panel of the key 5 alone.
        public var keys: [String]
        public var question: Question?
        /// All of them are to be met; empty: a step to read.
        public var goals: [LessonGoal]
        /// From a nudge to nearly the answer.
        public var hints: [String]
        public var answer: Moves?
        /// Answers that must not reach the goal, for the check of the lesson.
        public var wrong: [Moves]
        /// The experiment at the step's start.
        public var experiment: Experiment
        /// Parameters at the step's start, by tensor.
        public var weights: [Weights]
        /// Without a start of its own it goes on with the network as the step before left it.
        public var continues: Bool

        /// The experiment's own lines that are not for a lesson go: the band tells the story.
        static func stage(_ experiment: Experiment) -> Experiment {
            var experiment = experiment
            experiment.story = ""
            return experiment
        }
    }

    /// A question to answer before the network runs.
    public struct Question: Sendable, Hashable {
        public struct Answer: Sendable, Hashable {
            public var text: String
            /// The answer is the right one when these hold at the end of the step; empty: `right` says which is.
            public var when: [LessonGoal]
        }
        public var text: String
        public var answers: [Answer]
        /// The right answer where no state of the network decides.
        public var right: Int?

        /// The answer that has come true; nil: none, or more than one.
        public func outcome(_ snapshot: Snapshot, _ networks: GoalNetworks) -> Int? {
            if let right { return right }
            let held = answers.indices.filter { answers[$0].when.allSatisfy { $0.verdict(snapshot, networks).isMet } }
            return held.count == 1 ? held[0] : nil
        }
    }

    /// A tensor's numbers.
    public struct Weights: Sendable, Hashable {
        /// The tensor's name: "output.weight".
        public var tensor: String
        /// The first numbers, in the order of the checkpoint: of a dense weight row by row, [out, in].
        public var values: [Double]
    }

    /// A way through a step: settings, then typed weights, then training.
    public struct Moves: Sendable, Hashable {
        /// In words.
        public var text = ""
        public var set: [JSON.Member] = []
        public var weights: [Weights] = []
        /// The most epochs that are trained; an answer ends as soon as the goal is met.
        public var epochs = 0

        public var isEmpty: Bool { epochs == 0 && weights.isEmpty && self.set.isEmpty }
    }

    /// The file's name without ".json", or its path.
    public var name: String
    public var title: String
    /// One sentence for the list.
    public var summary: String
    public var steps: [Step]
    /// The folder of relative data files.
    public var directory: String?
    /// The program's words around its texts, in their language.
    public var words = LessonWords()
}

extension Outline {
    /// The parameters that a lesson's weights name: index and value.
    /// - Throws: that there is no such tensor, or that it has fewer numbers.
    public func parameters(_ weights: [Lesson.Weights]) throws(ExperimentError) -> [(index: Int, value: Float)] {
        var parameters: [(Int, Float)] = []
        for (place, entry) in weights.enumerated() {
            guard let tensor = tensors.first(where: { $0.name == entry.tensor }) else {
                throw FormCheck.mistake(
                    "weights.\(place).of",
                    "the network has no parameters \(quoted(entry.tensor)); "
                        + NearestName.advice(entry.tensor, among: tensors.map(\.name)))
            }
            guard entry.values.count <= tensor.count else {
                throw FormCheck.mistake(
                    "weights.\(place).values",
                    "\(entry.tensor) has \(plural(tensor.count, "number")), found \(entry.values.count)")
            }
            for (offset, value) in entry.values.enumerated() {
                parameters.append((tensor.offset + offset, Float(value)))
            }
        }
        return parameters
    }
}
