import ArgumentParser
import Session

/// `--set KEY=VALUE`, as `play`, `train` and `describe` take it.
struct SettingOptions: ParsableArguments {
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Change a setting; can be repeated.",
            discussion: "KEY is a path into the experiment (data.noise, layers.0.dense.units, "
                + "training.optimizer.adam.learningRate), VALUE is JSON, else a string.",
            valueName: "key=value"))
    var settings: [String] = []

    /// The experiment that `argument` names, with the settings applied in order.
    func open(_ argument: String?) throws -> ExperimentSource {
        var source = try ExperimentSource.open(argument)
        source.experiment = try source.experiment.setting(assignments: settings)
        return source
    }
}

/// EXPERIMENT and `--set`, for commands that need an experiment.
struct ExperimentOptions: ParsableArguments {
    @Argument(
        help: "A preset's name, a JSON file, a TensorFlow Playground link, or '-' for standard input.",
        completion: .file(extensions: ["json"]))
    var experiment: String

    @OptionGroup var settings: SettingOptions

    func open() throws -> ExperimentSource { try settings.open(experiment) }
}

/// `[EXPERIMENT]` and `--set`: without the argument it is the Playground's default experiment.
struct OptionalExperimentOptions: ParsableArguments {
    @Argument(
        help: "A preset's name, a JSON file, a TensorFlow Playground link, or '-' for standard input.",
        completion: .file(extensions: ["json"]))
    var experiment: String?

    @OptionGroup var settings: SettingOptions

    func open() throws -> ExperimentSource { try settings.open(experiment) }
}
