import Basics
import Datasets
import Engine
import Session
import TerminalKit

/// The lines that can be typed.
extension Prompt {
    static func save(_ path: String, thenQuit: Bool) -> Prompt {
        Prompt(
            "Save",
            help:
                "A path. Its ending says what is written: .safetensors the weights, .txt the TensorFlow Playground link, .py a script for PyTorch, .onnx, .svg or .dot the network, .png the picture of style or dream; else the experiment as JSON.",
            field: TextField(path), completion: Completion()
        ) { app, path in
            app.outbox.append(.save(path: path, overwrite: false, thenQuit: thenQuit))
            return nil
        }
    }

    static func open(_ text: String = "") -> Prompt {
        Prompt(
            "Open",
            help:
                "A preset's name, a TensorFlow Playground link (paste it), or the path of an experiment, of weights or of a table.",
            field: TextField(text), completion: Completion(names: Preset.all.map(\.name))
        ) { app, text in
            app.outbox.append(.openTyped(text))
            return nil
        }
    }

    static var loadWeights: Prompt {
        Prompt(
            "Load weights", help: "The path of a .safetensors file.", field: TextField(""), completion: Completion()
        ) { app, text in
            let path = Files.path(from: text)
            guard FilePath.exists(path) else { return "\(path): there is no such file" }
            app.send(.loadCheckpoint(path: path))
            return nil
        }
    }

    static var feature: Prompt {
        Prompt(
            "Feature", help: "A formula of the columns, for example x1*x2 - 0.5, sin(2*x1), abs(x2), x1^3.",
            field: TextField("")
        ) { $0.addFeature($1) }
    }

    /// The file of a dataset.
    static func file(of dataset: String, _ path: String) -> Prompt {
        Prompt(
            "Data file",
            help: (Datasets.entry(dataset)?.knob("file")?.summary ?? "")
                + " ← and → go on to the other datasets while nothing is typed.",
            field: TextField(path), completion: Completion(folder: { $0.session.directory ?? "." }),
            walk: { $0.walkDatasets(from: dataset, $1) }
        ) { app, text in
            let path = JSON.string(Files.path(from: text))
            // Columns that are chosen of a table fit that table alone; a text's settings are of any text.
            if !Datasets.needsFile(dataset), app.experiment.data.dataset.id == dataset {
                return app.mistake(app.set("data.file", to: path))
            }
            return app.mistake(
                app.act(.data(.object([JSON.Member("dataset", .string(dataset)), .init("file", path)]))))
        }
    }

    /// The number of a weight or a bias.
    static func parameter(_ cursor: NetworkCursor, _ number: String) -> Prompt {
        Prompt(
            cursor.from == -1 ? "Bias" : "Weight", help: "A number. Training goes on from it.",
            field: TextField(number, selected: true)
        ) { NetworkCommands.set(cursor, to: $1, in: &$0) }
    }

    /// The value of a setting at a key path; nothing typed is its default.
    static func setting(_ path: String, _ knob: Knob, _ value: String) -> Prompt {
        Prompt(
            knob.title.prefix(1).uppercased() + knob.title.dropFirst(), help: knob.summary,
            field: TextField(value, selected: knob.kind != .text), takesNothing: true
        ) { app, text in
            let value = text.isEmpty ? KnobWalk.json(knob.defaultValue) : KnobWalk.parse(text, for: knob)
            return app.mistake(app.set(path, to: value))
        }
    }
}

extension App {
    /// A refusal that is said in the prompt, and not on the bottom row; nil: there is none, or one that a key mends.
    fileprivate mutating func mistake(_ refusal: ExperimentError?) -> String? {
        if editing.mended != nil { return nil }
        if refusal != nil { notice = nil }
        return refusal?.message
    }
}

extension App {
    /// A file name for what is to be saved: the experiment, or what the view in front shows where that has a file of its own.
    var suggestedPath: String {
        let path = session.suggestedPath
        guard grid == nil, let ending = view(in: focus)?.savedAs else { return path }
        return String(path.dropLast(".json".count)) + "." + ending
    }
}

extension Session {
    /// A file name made of the experiment's title.
    var suggestedPath: String {
        if name.hasSuffix(".json") { return name }
        let words = (experiment.title.isEmpty ? name : experiment.title).lowercased()
        let safe = words.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        let joined = String(safe).split(separator: "-").joined(separator: "-")
        return (joined.isEmpty ? "experiment" : joined) + ".json"
    }
}
