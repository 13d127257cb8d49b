/// Where experiments come from: a preset's name, a path, a TensorFlow Playground link, or "-".
public struct ExperimentSource {
    /// The preset's name, the file's name, "link" or "standard input".
    public var name: String
    public var experiment: Experiment
    /// What relative data files are relative to.
    public var directory: String?

    /// Reads one. `nil` is the standard experiment. Presets: the built-in ones and the user's own folder
    /// (`$XDG_CONFIG_HOME/layercake/presets/*.json`).
    public static func open(_ argument: String?) throws(ExperimentError) -> ExperimentSource { fatalError("not built yet") }
}

/// The presets as the menu lists them.
public struct Preset: Sendable, Hashable {
    public var name: String
    public var title: String
    public var story: String
    /// The JSON text as shipped.
    public var text: String
    public static var all: [Preset] { fatalError("not built yet") }
}

extension Preset {
    /// The preset of that name, the user's own among them.
    public static func named(_ name: String) throws(ExperimentError) -> Preset { fatalError("not built yet") }
}

extension Experiment {
    /// This experiment with one setting changed by "KEY=VALUE", as `--set` takes it; VALUE is JSON, else a string.
    public func setting(assignment: String) throws(ExperimentError) -> Experiment { fatalError("not built yet") }
}
