import Basics
import Session
import TerminalKit

/// The screen before an audience: a plot and the stack alone, in strong contrast, with the keys that were pressed and the
/// way of the pointer.
struct Presentation: Sendable {
    struct Pressed: Sendable, Hashable {
        var label: String
        var count = 1
        var time: Double
    }
    struct Passed: Sendable, Hashable {
        var x: Int
        var y: Int
        var time: Double
    }

    /// Nothing is shown until the next key.
    var isBlank = false
    private(set) var pressed: [Pressed] = []
    private(set) var trail: [Passed] = []

    /// Seconds that a key and a place of the pointer stay.
    static let keySeconds = 4.0
    static let trailSeconds = 1.2
    private static let mostKeys = 8
    private static let mostPlaces = 40
    /// Seconds between two pictures of a trail that fades.
    private static let tick = 0.1

    mutating func note(_ label: String, at time: Double) {
        if let last = pressed.last, last.label == label {
            pressed[pressed.count - 1].count += 1
            pressed[pressed.count - 1].time = time
        } else {
            pressed = pressed.suffix(Self.mostKeys - 1) + [Pressed(label: label, time: time)]
        }
    }

    mutating func note(_ mouse: Mouse, at time: Double) {
        guard trail.last.map({ $0.x != mouse.x || $0.y != mouse.y }) ?? true else { return }
        trail = trail.suffix(Self.mostPlaces - 1) + [Passed(x: mouse.x, y: mouse.y, time: time)]
    }

    /// Lets go of what has been seen long enough; the pointer's last place stays.
    /// - Returns: whether the next frame shows something else.
    mutating func advance(to time: Double) -> Bool {
        let (keys, places) = (pressed.count, trail.count)
        pressed.removeAll { time - $0.time >= Self.keySeconds }
        if places > 1 {
            let last = trail.removeLast()
            trail.removeAll { time - $0.time >= Self.trailSeconds }
            trail.append(last)
        }
        // The rest of a trail is fainter now.
        return pressed.count != keys || places > 1
    }

    /// Until `advance` has something to do; nil: never.
    func millisecondsToNext(at time: Double) -> Int? {
        if trail.count > 1 { return Int(Self.tick * 1000) }
        guard let first = pressed.map(\.time).min() else { return nil }
        return max(1, Int(bounded: ((first + Self.keySeconds - time) * 1000).rounded(.up)))
    }

    /// How fresh a place of the trail is, 1 … 0.
    func strength(of place: Passed, at time: Double) -> Float {
        Float(min(max(1 - (time - place.time) / Self.trailSeconds, 0), 1))
    }
}

extension Theme {
    /// The same colours in strong contrast, for a projector in a bright room.
    var projected: Theme {
        if fillsGround { return self }
        var strong = self
        if light {
            (strong.text, strong.quiet, strong.faint) = (.rgb(0x000000), .rgb(0x30343C), .rgb(0x8A909C))
            (strong.negative, strong.positive, strong.zero) = (0xE06A00, 0x0055A8, 0xFFFFFF)
            (strong.accent, strong.bar, strong.selection) = (0x7A3E00, .rgb(0xE2E6EE), .rgb(0xC6D8F0))
            strong.backdrop = 0xFFFFFF
        } else {
            (strong.text, strong.quiet, strong.faint) = (.rgb(0xFFFFFF), .rgb(0xC4CAD4), .rgb(0x727A88))
            (strong.negative, strong.positive, strong.zero) = (0xFF9A1F, 0x2A93E8, 0x14161A)
            (strong.accent, strong.bar, strong.selection) = (0xFFE15C, .rgb(0x22262E), .rgb(0x344058))
            strong.backdrop = 0x000000
        }
        return strong
    }
}

extension Command {
    static let presentation: [Command] = [
        Command("view.present", "before an audience: a plot and the network alone, or all panels again", keys: ["F5"]) {
            $0.togglePresentation()
        }.during(.walk),
        Command(
            "view.blank", "before an audience: nothing on the screen until the next key", keys: ["F6"],
            disabled: { $0.presentation == nil ? "\($0.label("view.present")) begins a presentation" : nil }
        ) { $0.presentation?.isBlank = true }.during(.walk),
    ]
}

extension App {
    public mutating func togglePresentation() {
        presentation = presentation == nil ? Presentation() : nil
        notice =
            presentation == nil
            ? "all panels again"
            : "\(label("view.blank")) blanks the screen, \(label("view.present")) brings all panels back"
    }

    /// Notes a key and the pointer for the audience.
    /// - Returns: whether the event did no more than bring a blank screen back.
    mutating func present(_ event: Event) -> Bool {
        guard var presentation else { return false }
        defer { if self.presentation != nil { self.presentation = presentation } }
        switch event {
        case .key(let key):
            if presentation.isBlank {
                presentation.isBlank = false
                return key != Key(.character("c"), control: true)
            }
            presentation.note(key.label(glyphs: capabilities.glyphs), at: now)
        case .mouse(let mouse):
            if presentation.isBlank {
                if mouse.kind == .press { presentation.isBlank = false }
                return true
            }
            presentation.note(mouse, at: now)
        default: break
        }
        return false
    }

    /// - Returns: whether the next frame shows something new.
    mutating func advancePresentation(at time: Double) -> Bool {
        guard presentation?.advance(to: time) == true else { return false }
        now = time
        return true
    }

    /// The screen as the audience sees it.
    func renderPresentation(_ presentation: Presentation) -> Frame {
        var frame = Frame(width: width, height: height)
        let dark: UInt32 = theme.light ? 0xFFFFFF : 0
        if presentation.isBlank {
            frame.canvas.fill(frame.canvas.bounds, with: Cell(" ", Style(on: .rgb(0))))
            return frame
        }
        var app = self
        app.theme = theme.projected
        app = app.frozen
        let layout = layout
        app.drawScreen(into: &frame, layout)
        AudienceBar(app: app, presentation: presentation).draw(into: &frame.canvas, layout.bottom)
        if let popup { popup.draw(into: &frame.canvas, popup.rect(in: app), app) }
        for place in presentation.trail {
            let strength = presentation.strength(of: place, at: now)
            let isLast = place == presentation.trail.last
            guard isLast || strength > 0.1 else { continue }
            let color = app.theme.faded(app.theme.accent, isLast ? 1 : strength)
            frame.canvas.overlay(
                isLast || strength > 0.5 ? "●" : "•", x: place.x, y: place.y, style: Style(.rgb(color), bold: isLast))
        }
        frame.canvas.fillGround(.rgb(dark), text: app.theme.text)
        return frame
    }
}

/// The last row: what is shown, and the keys that were pressed.
private struct AudienceBar: ScreenPart {
    let app: App
    let presentation: Presentation

    func draw(into canvas: inout Canvas, _ rect: Rect) {
        let ground = theme.bar
        canvas.fill(rect, with: Cell(" ", Style(theme.text, on: ground)))
        var x = rect.maxX - 1
        for key in presentation.pressed.reversed() {
            let text = " \(key.label)\(key.count > 1 ? " ×\(key.count)" : "") "
            guard x - columnWidth(text) > rect.width / 2 else { break }
            x -= columnWidth(text)
            canvas.write(
                text, x: x, y: rect.y, style: Style(.rgb(theme.accent), on: ground, bold: true, reverse: true))
            x -= 1
        }
        let limit = x - rect.x - 2
        if let notice = app.notice {
            let style = Style(notice.bad ? .rgb(theme.bad) : theme.text, on: ground, bold: true)
            canvas.write(notice.text, x: rect.x + 1, y: rect.y, style: style, limit: limit)
            return
        }
        canvas.write(words, x: rect.x + 1, y: rect.y, style: Style(theme.text, on: ground, bold: true), limit: limit)
    }

    private var words: String {
        var words = [app.experiment.title.isEmpty ? app.session.name : app.experiment.title]
        guard let snapshot = app.snapshot else { return words[0] }
        words.append("epoch \(formatCount(snapshot.epoch))")
        if let evaluation = snapshot.evaluation {
            words.append("loss \(formatNumber(Double(evaluation.testLoss ?? evaluation.trainLoss), digits: 3))")
        }
        return words.filter { !$0.isEmpty }.joined(separator: "   ")
    }
}
