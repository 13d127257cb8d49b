import ArgumentParser
import FoundationEssentials
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
        help:
            "A preset's name, a JSON file, saved weights, a table (CSV), images (a folder, an IDX file), a TensorFlow Playground link, or '-' for standard input.",
        completion: .experiment)
    var experiment: String

    @OptionGroup var settings: SettingOptions

    func open() throws -> ExperimentSource { try settings.open(experiment) }
}

/// `[EXPERIMENT]` and `--set`: without the argument it is the Playground's default experiment.
struct OptionalExperimentOptions: ParsableArguments {
    @Argument(
        help:
            "A preset's name, a JSON file, saved weights, a table (CSV), images (a folder, an IDX file), a TensorFlow Playground link, or '-' for standard input.",
        completion: .experiment)
    var experiment: String?

    @OptionGroup var settings: SettingOptions

    func open() throws -> ExperimentSource { try settings.open(experiment) }
}

extension CompletionKind {
    /// The presets, and the files and folders that an experiment may be in.
    static let experiment = CompletionKind.custom { _, _, word in
        let folder = word.lastIndex(of: "/").map { String(word[...$0]) } ?? ""
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
        let files = entries.sorted().compactMap { name -> String? in
            var isFolder = false
            let path = folder + name
            guard !name.hasPrefix("."), FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                return nil
            }
            if isFolder { return path + "/" }
            return [".json", ".safetensors", ".csv", ".tsv", ".gz"].contains(where: name.hasSuffix) ? path : nil
        }
        return (Preset.all.map(\.name) + files).filter { $0.hasPrefix(word) }
    }
}
