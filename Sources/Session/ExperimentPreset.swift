import Basics
import Engine
import Presets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The presets as the menu lists them.
public struct Preset: Sendable, Hashable {
    public var name: String
    public var title: String
    public var story: String
    /// The JSON text as shipped.
    public var text: String
    /// The file of a preset of the user's own; nil for the built-in ones.
    public var path: String?

    /// The story's first sentence, else the title, on one line.
    public var summary: String {
        let line = story.split(whereSeparator: \.isNewline).joined(separator: " ")
        guard !line.isEmpty else { return title }
        guard let end = line.indices.first(where: { line[$0] == "." && line[line.index(after: $0)...].first == " " })
        else {
            return line
        }
        return String(line[...end])
    }

    /// The built-in presets in teaching order, then the user's own, by name.
    public static var all: [Preset] { builtIn + userPresets(in: userFolder) }

    /// The preset of that name, the user's own among them.
    public static func named(_ name: String) throws(ExperimentError) -> Preset { try named(name, in: userFolder) }

    /// The preset of that name; of a folder's presets no other one is read.
    static func named(_ name: String, in folder: String?) throws(ExperimentError) -> Preset {
        if let preset = builtIn.first(where: { $0.name == name }) { return preset }
        guard let path = userPath(name, in: folder), FilePath.exists(path) else { throw unknown(name, what: "preset") }
        return userPreset(name, path: path)
    }

    /// The file of a user's preset, there or not; nil: none can have that name.
    static func userPath(_ name: String, in folder: String?) -> String? {
        guard let folder, !name.isEmpty, !name.hasPrefix("."), !name.contains(where: { $0 == "/" || $0 == "\0" })
        else { return nil }
        return "\(folder)/\(name).json"
    }

    static func unknown(_ name: String, what: String) -> ExperimentError {
        let own = userFolder.map(TextFile.jsonFiles(in:)) ?? []
        let names = builtIn.map(\.name) + own.map { String($0.dropLast(".json".count)) }
        let advice = NearestName.of(name, among: names).map { "did you mean \(quoted($0))? " } ?? ""
        return ExperimentError(
            .missing, place: shortened(name),
            message: "there is no such \(what); \(advice)“layercake presets” lists the presets")
    }

    static let builtIn: [Preset] = Presets.all.map { preset in
        guard let json = try? JSON(parsing: preset.text),
            let own = Preset(name: preset.name, json: json, text: preset.text)
        else { preconditionFailure("the built-in preset \(preset.name) is not an experiment") }
        return own
    }

    /// The Playground's default experiment.
    static let standard: Experiment = {
        guard let preset = Presets.all.first,
            let experiment = try? Experiment(json: JSON(parsing: preset.text))
        else { preconditionFailure("the first preset is not an experiment") }
        return experiment
    }()

    /// `$XDG_CONFIG_HOME/layercake/presets`, by default in `~/.config`.
    public static var userFolder: String? {
        func value(_ name: String) -> String? {
            guard let value = getenv(name), value.pointee != 0 else { return nil }
            return String(cString: value)
        }
        // A relative path there is to be ignored, says the XDG base directory specification.
        if let folder = value("XDG_CONFIG_HOME"), folder.hasPrefix("/") { return folder + "/layercake/presets" }
        return value("HOME").map { $0 + "/.config/layercake/presets" }
    }

    /// The presets in a folder. A file that cannot be read stands in the list too, its story says what is wrong.
    static func userPresets(in folder: String?) -> [Preset] {
        guard let folder else { return [] }
        return TextFile.jsonFiles(in: folder).map { file in
            userPreset(String(file.dropLast(".json".count)), path: "\(folder)/\(file)")
        }
    }

    private static func userPreset(_ name: String, path: String) -> Preset {
        var preset = Preset(name: name, title: name, story: "", text: "")
        do {
            let text = try TextFile.read(path)
            preset.text = text
            let json = try JSON(parsing: text)
            if let read = Preset(name: name, json: json, text: text) { preset = read }
        } catch { preset.story = "cannot be read: \(error)" }
        preset.path = path
        return preset
    }

    private init(name: String, title: String, story: String, text: String) {
        self.name = name
        self.title = title
        self.story = story
        self.text = text
    }

    /// From a document; nil when it is no object.
    private init?(name: String, json: JSON, text: String) {
        guard case .object = json else { return nil }
        func words(_ key: String) -> String? {
            guard case .string(let words)? = json[key], !words.isEmpty else { return nil }
            return words
        }
        self.init(name: name, title: words("title") ?? name, story: words("story") ?? "", text: text)
    }
}
