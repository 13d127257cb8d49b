import Session
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

/// The app over a trainer's present state, after keys: before each and at the end comes the viewer's picture.
func shownApp(
    over trainer: Trainer, after keys: [String], size: (Int, Int) = (120, 40),
    capabilities: Capabilities = Capabilities()
) throws -> App {
    var app = App(experiment: trainer.experiment)
    app.capabilities = capabilities
    app.handle(.resize(width: size.0, height: size.1))
    let snapshot = trainer.snapshot(revision: 1, stepsPerSecond: 1, seconds: 1, message: nil, waits: true)
    app.receive(snapshot: snapshot, picture: nil, failure: nil)
    let maker = PictureMaker()
    func show() { app.receive(snapshot: nil, picture: maker.makePicture(snapshot, app.viewRequest), failure: nil) }
    show()
    for label in keys {
        app.handle(.key(try #require(Key(label))))
        app.makePlans()
        show()
    }
    return app
}
