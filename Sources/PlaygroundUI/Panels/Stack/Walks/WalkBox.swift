import Basics
import Engine
import Session
import TerminalKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A walk's place, its numbers, and where no other place has them its words.
struct WalkBox: ScreenPart {
    let app: App
    let rect: Rect

    func draw(into canvas: inout Canvas) {
        guard let scene = app.walkScene else { return }
        drawPanelTitle(
            into: &canvas, rect: rect, title: title(scene), key: nil, focused: true, theme: theme,
            capabilities: capabilities)
        let content = panelContent(of: rect).inset(left: 1, right: 1)
        var y = content.y
        if let turn = turn(scene) {
            canvas.write(turn, x: content.x, y: y, style: accent, limit: content.width)
            y += 1
        }
        if scene.state.mode.isWhole { y += drawPhases(into: &canvas, content.inset(top: y - content.y), scene) }
        let place = scene.state.mode.isWhole ? wholePlace(scene) : scene.title
        for line in wrapText(place, columns: content.width).prefix(2) {
            canvas.write(line, x: content.x, y: y, style: text, limit: content.width)
            y += 1
        }
        if content.height >= 20 { y += 1 }
        guard let numbers = scene.numbers else {
            canvas.write("…", x: content.x, y: y, style: quiet)
            return
        }
        y += scene.walk.draw(
            &canvas, Rect(x: content.x, y: y, width: content.width, height: max(0, content.maxY - y)), numbers)
        if let step = scene.step, scene.walk.phase == .backward || scene.walk.phase == .update {
            y += drawGradients(into: &canvas, content.inset(top: y + 1 - content.y), scene, step)
        }
        guard app.layout.explain == nil, content.maxY - y >= 3 else { return }
        let words = Rect(x: content.x, y: y + 1, width: content.width, height: content.maxY - y - 1)
        let fitting = sentences(of: scene.walk.words(scene), columns: words.width, rows: words.height)
        drawWrapped(into: &canvas, words, text: fitting, style: quiet)
    }

    /// The length of each layer's gradient as a bar, on a logarithmic scale of four decades, where all have room.
    /// - Returns: the rows that were used.
    private func drawGradients(into canvas: inout Canvas, _ rect: Rect, _ scene: WalkScene, _ step: StepTrace) -> Int {
        let layers = scene.outline.allPaths.filter { path in
            scene.outline[path].map { step.norms[$0.path] != nil } ?? false
        }
        guard layers.count > 1, rect.height >= layers.count + 6 else { return 0 }
        canvas.write("The batch's gradient, log", x: rect.x, y: rect.y, style: quiet, limit: rect.width)
        let largest = step.norms.values.max() ?? 0
        for (row, layer) in layers.enumerated() {
            let (norm, y) = (step.norms[scene.outline[layer]!.path] ?? 0, rect.y + 1 + row)
            let isNow = layer == scene.state.layer
            let style = isNow ? accent : text
            canvas.write(app.layerTitle(layer), x: rect.x, y: y, style: style, limit: 12)
            canvas.writeRight(
                NumberLines.text(Float(norm), decimals: 4), maxX: rect.maxX, y: y, style: isNow ? accent : quiet)
            let share = norm > 0 && largest > 0 ? max(0, 1 + log10(norm / largest) / 4) : 0
            let bar: Unicode.Scalar = capabilities.glyphs == .ascii ? "#" : "▬"
            for column in 0..<Int(bounded: (share * Double(max(0, rect.width - 24))).rounded()) {
                canvas[rect.x + 13 + column, y] = Cell(bar, Style(.rgb(isNow ? theme.accent : theme.good)))
            }
        }
        return layers.count + 2
    }

    private func title(_ scene: WalkScene) -> String {
        switch scene.state.mode {
        case .numbers: "Walk · \(app.layerTitle(scene.state.layer))"
        case .way:
            "\(app.plotContext?.adversarialSample?.title ?? "Sample") \(scene.state.sample + 1) of \(scene.sampleCount)"
        case .motion:
            scene.step.map { step in
                let sample = sample(step, scene)
                return ["Slow motion · \(sample)", "Motion · \(sample)"].first { columnWidth($0) + 7 <= rect.width }
                    ?? sample
            } ?? "Slow motion"
        }
    }

    /// "sample 3 of 10", "real 3 of 150"
    private func sample(_ step: StepTrace, _ scene: WalkScene) -> String {
        let kinds = scene.turn?.kinds ?? []
        let each = step.sampleCount / max(1, kinds.count)
        let kind = kinds.isEmpty ? "sample" : kinds[min(step.place / max(1, each), kinds.count - 1)]
        return "\(kind) \(step.place % max(1, each) + 1) of \(each)"
    }

    /// "update 1 of 3: discriminator"; nil: the round is one update.
    private func turn(_ scene: WalkScene) -> String? {
        let count = scene.turns.count
        guard count > 1, let turn = scene.turn else { return nil }
        let words = "\(scene.state.turn + 1) of \(count): \(turn.name)"
        return columnWidth(words) + 9 <= rect.width ? "update \(words)" : words
    }

    /// "dense 4 · unit 2 of 4"
    private func wholePlace(_ scene: WalkScene) -> String {
        [app.layerTitle(scene.state.layer), scene.title].filter { !$0.isEmpty }.joined(separator: " · ")
    }

    /// The phases, the one at work lit, those that are over with a mark: below each other where there is room, else in a line.
    /// - Returns: the rows that were used.
    private func drawPhases(into canvas: inout Canvas, _ content: Rect, _ scene: WalkScene) -> Int {
        let phases = WalkPhase.allCases.filter { phase in
            Walk.all.contains { $0.phase == phase && $0.modes.contains(scene.state.mode) }
        }
        let now = phases.firstIndex(of: scene.walk.phase) ?? 0
        let done = capabilities.glyphs == .ascii ? "*" : "✓"
        func style(_ index: Int) -> Style { index == now ? selected : index < now ? text : quiet }
        guard content.height >= 30 else {
            // With all marks, so that nothing changes on the way.
            let isWide = phases.reduce(-1) { $0 + columnWidth($1.word) + 2 } - 1 <= content.width
            var x = content.x
            for (index, phase) in phases.enumerated() {
                let words = (isWide ? phase.word : phase.short) + (index < now ? done : "")
                x += canvas.write(words, x: x, y: content.y, style: style(index), limit: max(0, content.maxX - x)) + 1
            }
            return 1
        }
        for (index, phase) in phases.enumerated() {
            let y = content.y + index
            if index == now {
                canvas.fill(Rect(x: content.x, y: y, width: content.width, height: 1), with: Cell(" ", selected))
            }
            canvas.write("\(index + 1)  \(phase.word)", x: content.x + 1, y: y, style: style(index))
            if index < now { canvas.writeRight(done, maxX: content.maxX - 1, y: y, style: Style(.rgb(theme.good))) }
        }
        return phases.count + 1
    }
}
