import Engine
import Session
import TerminalKit

extension ViewID {
    static let pictureLosses = ViewID("pictureLosses")
}

extension View {
    /// The quantities that a picture is changed to make small or large.
    static let pictureLosses = View.losses(
        id: .pictureLosses,
        words:
            "The course of the picture: how far its style and its content are from those that are wanted, as shares of these, or how strongly it excites what is to be raised.",
        watch:
            "The first steps do most; a content loss that rises while the style loss falls is the price of the style.",
        suits: { $0.hasPicture })
}
