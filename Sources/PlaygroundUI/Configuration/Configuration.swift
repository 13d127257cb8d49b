import Basics
import Datasets
import Engine
import Session
import TerminalKit

/// The user's standing wishes: `$XDG_CONFIG_HOME/layercake/config.json` (`~/.config/layercake/config.json`), an object of
/// settings (`ConfigurationSetting.all`), of which the last gives commands other keys. Options on the command line come
/// before it. A mistake in it stops nothing: it is told, and the default stands in its place.
public struct Configuration: Sendable, Hashable {
    public var theme: RunOptions.ThemeChoice?
    public var palette: ColorPalette?
    public var framesPerSecond: Int?
    public var threads: Int?
    public var glyphs: Capabilities.Glyphs?
    public var colors: Capabilities.Colors?
    public var mouse: Bool?
    public var keepSeconds: Double?
    public var keys = KeyBindings.standard
    /// Everything that is wrong in the file, each with its place.
    public internal(set) var mistakes: [ExperimentError] = []

    public init() {}

    /// The file of the user; nil: there is no home folder.
    public static var file: String? { Files.configurationFile }

    /// The user's own; a file that is not there is no mistake.
    public static func read() -> Configuration {
        guard let path = file, FilePath.exists(path) else { return Configuration() }
        do throws(DataError) {
            return try Configuration(parsing: FileContent.text(path: path, name: path, limit: 1 << 20))
        } catch {
            var configuration = Configuration()
            configuration.mistakes = [ExperimentError(.missing, place: "", message: error.message)]
            return configuration
        }
    }

    public init(parsing text: String) {
        let json: JSON
        do throws(ExperimentError) { json = try JSON(parsing: text) } catch {
            mistakes = [error]
            return
        }
        guard case .object(let members) = json else {
            mistakes = [Self.mistake("", "expected an object, such as {\"theme\": \"light\"}")]
            return
        }
        for member in members {
            guard let setting = ConfigurationSetting.all.first(where: { $0.name == member.key }) else {
                let names = ConfigurationSetting.all.map(\.name)
                mistakes.append(Self.mistake(member.key, "unknown; \(NearestName.advice(member.key, among: names))"))
                continue
            }
            do throws(ExperimentError) { try setting.take(member.value, &self) } catch { mistakes.append(error) }
        }
    }

    static func mistake(_ place: String, _ message: String) -> ExperimentError {
        ExperimentError(.malformed, place: place, message: message)
    }

    /// The whole configuration without any wish: every setting, and every command with its keys.
    public static var standard: JSON {
        .object(ConfigurationSetting.all.map { JSON.Member($0.name, $0.standard) })
    }

    /// One line for the screen on what is wrong; nil: nothing is.
    public var trouble: String? {
        guard let first = mistakes.first else { return nil }
        let others = mistakes.count - 1
        let rest = others == 0 ? "" : "; \(plural(others, "more mistake")): layercake config lists all"
        return "\(Self.file ?? "config.json"): \(first.description), the default is used\(rest)"
    }
}
