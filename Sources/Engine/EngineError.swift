// Every module above words its messages with it.
@_exported import Basics

/// A mistake in a description, in words for the user.
public struct EngineError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The place: "layers.1.dense.units", "output.activation", or a tensor's name.
    public var place: String
    /// One or two sentences: expected, found, and what to do.
    public var message: String
    public init(place: String, message: String) {
        self.place = place
        self.message = message
    }
    public var description: String { visibleText("\(place): \(message)") }
}
