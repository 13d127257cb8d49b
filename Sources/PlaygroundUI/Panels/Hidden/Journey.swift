import Basics
import Engine
import Session

/// The plane's way through all layers and back: one leg from the input plane to the first layer, one from each layer to
/// the next, then the same legs backwards.
struct Journey {
    /// The layers at the legs' ends.
    let layers: [LayerPath]
    /// Legs gone, 0 … the number of legs (there), or the rest of the way back.
    private let position: Double

    static let secondsPerLeg = 1.6

    /// - Parameter position: legs gone since the start, there and back.
    init(_ position: Double, outline: Outline) {
        layers = outline.paths.filter { outline.hasUnits(layer: $0) }
        let length = Double(layers.count)
        self.position = min(max(0, position <= length ? position : 2 * length - position), length)
    }

    /// How long the way is, there and back, in legs.
    static func length(_ outline: Outline) -> Double {
        2 * Double(outline.paths.count { outline.hasUnits(layer: $0) })
    }

    /// The leg on which the plane is.
    var target: HiddenTarget { view(leg) }
    var start: HiddenTarget? { leg > 0 ? view(leg - 1) : nil }
    private var leg: Int { min(layers.count - 1, Int(bounded: position)) }
    private func view(_ leg: Int) -> HiddenTarget { HiddenTarget(layer: layers[leg], pca: true) }

    /// Between a picture's start and its layer, 0…1: a picture of the leg before has arrived, one of the next has not begun.
    /// The plane rests a little at each layer.
    func morph(of view: HiddenPicture) -> Double {
        guard let index = layers.firstIndex(of: view.target.layer) else { return 1 }
        let share = min(max(0, (position - Double(index)) * 1.25 - 0.125), 1)
        return share * share * (3 - 2 * share)
    }
}

extension PlotContext {
    var journey: Journey? { plots.journey.map { Journey($0, outline: snapshot.outline) } }

    /// The target of the hidden-feature view, and from where it bends there; nil: from the input plane.
    var hiddenTarget: HiddenTarget {
        journey?.target.fitted(to: snapshot.outline) ?? HiddenTarget(view: view, outline: snapshot.outline)
    }
    var hiddenStart: HiddenTarget? { journey?.start?.fitted(to: snapshot.outline) }

    /// How far a picture is bent, 0…1.
    func morph(of view: HiddenPicture) -> Double { journey?.morph(of: view) ?? min(max(0, plots.morph), 1) }
}

extension App {
    /// Sets the plane off through all layers, or stops it.
    mutating func toggleJourney() {
        plots.journey = plots.journey == nil ? 0 : nil
        journeyStarted = now
        plots.morph = 1
    }

    /// Moves the plane to where it is at a time.
    /// - Returns: whether it is on its way: then the next frame shows something new.
    mutating func advanceJourney(at time: Double) -> Bool {
        guard plots.journey != nil else { return false }
        let position = (time - journeyStarted) / Journey.secondsPerLeg
        let length = snapshot.map { Journey.length($0.outline) } ?? 0
        plots.journey = position < length && grid == nil ? max(0, position) : nil
        return true
    }
}
