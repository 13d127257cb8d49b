import Datasets
import Engine

/// An edit of the document by a person. Each is one step for undo.
public enum Action: Sendable, Hashable {
    /// One setting at a key path, as `--set` writes it.
    case set(path: String, JSON)
    /// Several settings by key path, in order.
    case settings([JSON.Member])
    /// An edit of the layers, and the setting by key path with which its shapes fit, or more of them around each other.
    indirect case mended(Action, by: JSON.Member)
    /// Another dataset. Features that it has no columns for go; all of the columns stay all of the columns.
    case dataset(String)
    /// Other data in JSON, a file for example, with all their columns as features.
    case data(JSON)
    /// The images drawn by hand that train with the data's.
    case drawings([DrawnImage])
    /// Points drawn by hand in place of the data.
    case points([DrawnPoint])
    /// One setting of every hidden layer that has it: the knob's name ("initializer") and its value.
    case setAllLayers(knob: String, JSON)
    /// The layer comes to stand at `at`, which may be behind the last layer of its stack.
    indirect case insertLayer(Choice, at: LayerPath)
    case deleteLayer(LayerPath)
    case duplicateLayer(LayerPath)
    /// The layer comes to stand at `to`, in the same stack.
    case moveLayer(from: LayerPath, to: LayerPath)
    /// Turns a feature on or off; `columns` are the data's, all of which an empty list of features means.
    case toggleFeature(String, columns: [String])
    /// The same document with any other settings, to be trained from the start.
    indirect case replace(Experiment)
    /// A number typed in place of a parameter: index into the flat parameters.
    case setParameter(Int, from: Float, to: Float)
    /// Several parameters moved together by hand: indices into the flat parameters. `joins`: it goes on with the one before, as
    /// one step.
    case setParameters([Int], from: [Float], to: [Float], joins: Bool)
    /// Parameters drawn again: indices into the flat parameters, and their numbers before.
    case reinitialize([Int], from: [Float])
    /// One of the experiment's `compare` variants; nil: the experiment itself.
    case variant(Int?)
    /// Another document.
    indirect case open(ExperimentSource)
    case undo
    case redo

    /// The settings with which an edit's shapes fit: their number.
    public var mends: Int { if case .mended(let edit, _) = self { edit.mends + 1 } else { 0 } }
}

/// A request of an action to the world outside the session.
public enum SessionEffect: Sendable, Hashable {
    /// The trainer is to take the document. `resetReason`: why an edit makes training start again; nil: it changes
    /// live, or it is another experiment, which starts in any case.
    indirect case load(Experiment, directory: String?, Continuation, resetReason: String?)
    /// The trainer is to set one parameter.
    case setParameter(Int, Float)
    /// The trainer is to set some parameters.
    case setParameters([Int], [Float])
    /// The trainer is to draw some parameters again; the same drawing has the same numbers.
    case reinitialize([Int], UInt64)
}
