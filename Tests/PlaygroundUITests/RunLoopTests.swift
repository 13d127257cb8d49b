import Session
import TerminalKit
import Testing

@testable import PlaygroundUI

@Suite("The run loop")
struct RunLoopTests {
    @Test(
        "ctrl-l sends the whole screen again, and so does the way back from the shell", arguments: ["ctrl-l", "ctrl-z"])
    func redraw(key: String) {
        let terminal = ScriptedTerminal()
        terminal.press(key)
        terminal.whenEmpty = { if $0.canvases.count > 1 { $0.press("q") } }
        var options = RunOptions()
        options.paused = true
        _ = RunLoop(terminal: terminal, wake: {}, session: Session(.standard), options: options).run()
        #expect(terminal.forgets > 0)
        #expect(terminal.suspensions == (key == "ctrl-z" ? 1 : 0))
    }
}
