/// The lessons that are built into the program, in the order in which a course would take them. A preset is a JSON
/// file in this folder, its name in the list below, and a line in the package's resources.
public enum Presets {
    public struct Preset: Sendable {
        /// The file's name without ".json".
        public let name: String
        /// The JSON text.
        public let text: String

        fileprivate init(_ name: String, _ bytes: [UInt8]) {
            self.name = name
            text = String(decoding: bytes, as: UTF8.self)
        }
    }

    public static let all: [Preset] = [
        Preset("playground", PackageResources.playground_json)
    ]
}
