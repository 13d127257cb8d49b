import Engine
import Session
import TerminalKit

/// The diagnosis that stands on the screen: one that two measurements running have seen, until two have not.
struct HealthWatch: Sendable {
    private(set) var shown: Diagnosis?
    private var candidate: String?
    private var step = -1
    private var generation = -1

    /// - Returns: a diagnosis that is news.
    mutating func follow(_ picture: Picture?) -> Diagnosis? {
        guard let picture, let health = picture.health else {
            (shown, candidate) = (nil, nil)
            return nil
        }
        if picture.generation != generation {
            (shown, candidate, step, generation) = (nil, nil, -1, picture.generation)
        }
        guard health.step != step || health.diagnosis?.word != candidate else { return nil }
        step = health.step
        let word = health.diagnosis?.word
        defer { candidate = word }
        guard word == candidate || health.isFinal else { return nil }
        let isNews = word != nil && word != shown?.word
        shown = health.diagnosis
        return isNews ? shown : nil
    }
}

extension Diagnosis {
    /// The sentence with the key of the remedy.
    func words(key: String) -> String { sentence + (remedy.map { "; \(key) \($0.words)" } ?? "") }
}

/// The key that applies the remedy for the trouble that was recognized.
enum HealthCommand {
    static let key = "F8"

    static let remedy = Command(
        "health.remedy", "applies the remedy that is proposed for what is wrong with the run", keys: [key],
        disabled: { app in
            app.watch.shown == nil
                ? "nothing is seen that would be wrong" : app.watch.shown?.remedy == nil ? "no remedy is known" : nil
        }
    ) { app in
        guard let remedy = app.watch.shown?.remedy, app.act(remedy.action) == nil else { return }
        // It is measured anew whether it has helped.
        app.watch = HealthWatch()
        if remedy.startsAgain { app.send(.reset) }
        app.notice = Notice("done: \(remedy.words); \(app.label("edit.undo")) takes the setting back")
    }
}

extension App {
    /// The marks beside a layer: bars for weights (w), values (a) and gradients (g), and the share of idle units.
    func drawHealth(of layer: LayerPath, into canvas: inout Canvas, x: Int, y: Int, width: Int, ground: Color) {
        guard plots.walk == nil, let health = picture?.health?[layer] else { return }
        let ascii = capabilities.glyphs == .ascii
        let quiet = Style(theme.quiet, on: ground)
        let parts: [(String, Double?)] = [("w", health.weights), ("a", health.activations), ("g", health.gradients)]
        let gap = width >= 8 ? 1 : 0
        var at = x
        for (letter, size) in parts where at + 2 <= x + width {
            guard let size else { continue }
            at += canvas.write(letter, x: at, y: y, style: quiet)
            at += canvas.write(String(HealthBar.glyph(size, ascii: ascii)), x: at, y: y, style: quiet) + gap
        }
        guard health.idle >= 0.005 else { return }
        let idle = "\(Int((100 * health.idle).rounded()))%"
        guard at + 1 - gap + columnWidth(idle) <= x + width else { return }
        canvas.write(
            idle, x: at + 1 - gap, y: y, style: health.idle >= 0.5 ? Style(.rgb(theme.bad), on: ground) : quiet)
    }
}
