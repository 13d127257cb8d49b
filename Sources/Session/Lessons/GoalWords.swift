/// The words of which the program composes conditions: figures' names, bounds and units, which other languages replace.
public enum GoalWord: String, Sendable, Hashable, CaseIterable {
    case best, risen, gap, wrongPoints, wrong, epochs, steps, neurons, layers, parameters, features, diverged, finished
    case layer, zeroWeights, smallWeights, output, outputAt, taken, takenForOthers, answerTo, drawings, drawingsOf
    case answeredRight, answeredWrong, size, reach, lagGradient
    case channels, height, width, stepsOfSequence, featuresOfSequence, values
    case between, equal, nothing
    case decimalPoint, listBreak

    /// {1} and {2} stand for what is filled in.
    var english: String {
        switch self {
        case .best: "best {1}"
        case .risen: "{1} above its lowest by"
        case .gap: "test loss − train loss"
        case .wrongPoints: "wrong points"
        case .wrong: "{1} wrong"
        case .epochs: "epochs"
        case .steps: "steps"
        case .neurons: "hidden neurons"
        case .layers: "hidden layers"
        case .parameters: "parameters"
        case .features: "features"
        case .diverged: "the training diverges"
        case .finished: "the run ends by itself"
        case .layer: "layer {1}"
        case .zeroWeights: "weights that are 0"
        case .smallWeights: "weights within {1} of 0"
        case .output: "output"
        case .outputAt: "output at ({1})"
        case .taken: "“{1}” taken for “{2}”"
        case .takenForOthers: "“{1}” taken for others"
        case .answerTo: "the answer to “{1}”"
        case .drawings: "your drawings"
        case .drawingsOf: "your drawings of “{1}”"
        case .answeredRight: "{1} answered right"
        case .answeredWrong: "{1} answered wrong"
        case .size: "{1} of {2}"
        case .reach: "reach of {1}"
        case .lagGradient: "gradient {1} steps back"
        case .channels: "channels"
        case .height: "height"
        case .width: "width"
        case .stepsOfSequence: "steps"
        case .featuresOfSequence: "features"
        case .values: "values"
        case .between: "from {1} to {2}"
        case .equal: "is {1}"
        case .nothing: "none"
        case .decimalPoint: "."
        case .listBreak: ", "
        }
    }
}
