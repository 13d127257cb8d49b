// Every module above words its messages with it.
@_exported import Basics

/// A mistake in a description, in words for the user.
public struct EngineError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The place: "layers.1.dense.units", "output.activation", or a tensor's name.
    public var place: String
    /// One or two sentences: expected, found, and what to do.
    public var message: String
    /// A setting that mends it; nil: there is none, or several.
    public var remedy: Remedy?

    /// A value at a key path.
    public struct Remedy: Sendable, Hashable {
        public var path: String
        public var value: KnobValue
    }

    public init(place: String, message: String, remedy: Remedy? = nil) {
        self.place = place
        self.message = message
        self.remedy = remedy
    }
    public var description: String { visibleText("\(place): \(message)") }
}
