import Session
import TerminalKit

/// How events change the state.
extension App {
    /// - Parameter time: seconds of a clock that runs forward.
    public mutating func handle(_ event: Event, at time: Double = 0) {
        now = time
        if present(event) { return refresh() }
        switch event {
        case .key(let key): handle(key)
        case .mouse(let mouse): handle(mouse)
        case .paste(let text): paste(text)
        case .line(let line): take(line: line)
        case .resize(let width, let height):
            self.width = width
            self.height = height
            plots.pointed = Pointed()
        case .resumed: outbox.append(.redraw)
        case .woken: break
        case .terminate: outbox.append(.quit)
        }
        refresh()
    }

    private mutating func handle(_ key: Key) {
        notice = nil
        plots.pointed = Pointed()
        if key == Key(.character("c"), control: true) {
            if plain != nil { return interruptPlain() }
            interrupts += 1
            if interrupts > 1 { outbox.append(.quit) } else { askQuit() }
            return
        }
        interrupts = 0
        if key == Key(.character("z"), control: true) { return outbox.append(.suspend) }
        if layout.tooSmall {
            if key.code == .character("q") { outbox.append(.quit) }
            return
        }
        if let popup { return take(popup.handle(key, self)) }
        if let commands = screenCommands {
            if let command = commands.first(where: { bindings.means(key, $0) }) { run(command) }
            return
        }
        if var field = editing.typing {
            switch key.code {
            case .escape: editing.typing = nil
            case .enter: commitTyping()
            case .up, .down, .tab, .backTab:
                commitTyping()
                if editing.typing == nil { run(key) }
            default:
                if field.handle(key) { editing.typing = field }
            }
            return
        }
        run(key)
    }

    private mutating func run(_ key: Key) {
        if takeLessonKey(key) { return }
        // A mode stands in front of its panel's own keys.
        if let mode = Panel[focus].mode(self),
            let command = mode.commands.first(where: { bindings.means(key, $0) })
        {
            return run(command)
        }
        let commands = bindings.commands(for: key, in: focus, showing: view(in: focus)?.id)
        guard let command = commands.first(where: { $0.disabled(self) == nil }) ?? commands.first else {
            return runInAnotherView(key)
        }
        run(command)
    }

    /// A key that works in another view of the panel: that view comes to the front where the command brings it, else its name
    /// is told.
    private mutating func runInAnotherView(_ key: Key) {
        let all = Commands.all.filter { command in
            command.views != nil && command.panels?.contains(focus) == true && bindings.means(key, command)
                && (command.bringsView || missingView(for: command) == nil)
        }
        guard let command = all.first(where: { $0.disabled(self) == nil }) ?? all.first else { return }
        if let reason = command.disabled(self) ?? missingView(for: command) { return notice = Notice(reason) }
        if command.bringsView {
            showView(for: command)
            return run(command)
        }
        guard let context = plotContext(of: focus),
            let view = View.views(of: focus).first(where: { command.views!.contains($0.id) && $0.suits(context.scene) })
        else { return }
        let label = key.label(glyphs: capabilities.glyphs)
        notice = Notice("\(label) works in the view “\(view.heading(context, 40))”: \(command.help)")
    }

    mutating func run(_ command: Command) {
        if let reason = command.disabled(self) {
            notice = Notice(reason)
        } else {
            if !command.occasions.contains(.walk) { leaveWalk() }
            if let panels = command.panels, !panels.isDisjoint(with: Commands.editors) { storyIsNews = false }
            command.run(&self)
        }
    }

    private mutating func paste(_ text: String) {
        notice = nil
        if var field = editing.typing {
            field.insert(text)
            editing.typing = field
            return
        }
        if let popup { return take(popup.paste(text, self)) }
        // A link or a path pasted anywhere opens, once it has been looked at.
        popup = Prompt.open(Files.path(from: text.trimmed))
    }

    mutating func moveFocus(_ direction: Int) {
        let panels = Panel.all.map(\.id)
        let place = panels.firstIndex(of: focus) ?? 0
        show(panels[(place + direction + panels.count) % panels.count])
    }

    /// ↑ and ↓: one row, and where several stand side by side one line.
    mutating func moveVertically(_ direction: Int) {
        let content = layout.area(focus).map { panelContent(of: $0.rect) } ?? layout.body
        let columns = Panel[focus].editor?.list?(self, content).columns ?? 1
        guard columns > 1 else { return moveRow(by: direction) }
        editing.moveSelection(of: focus, lines: direction, columns: columns)
    }

    /// The panel in front takes all between the two bars, or gives it back.
    mutating func enlarge() {
        enlarged = enlarged == nil ? focus : nil
    }

    mutating func back() {
        if reading.source != nil || reading.grid != nil {
            cancelOpening()
        } else if reading.data?.isInitial == true {
            send(.skipInitial)
        } else if past != nil {
            leavePast()
        } else if enlarged != nil {
            enlarged = nil
        } else if plots.hasCursor {
            plots.journey = nil
            plots.cursor = nil
            plots.place = nil
            plots.moment = nil
            plots.boardPlace = nil
        } else {
            plots.views[focus] = nil
        }
    }

    /// Asks only when something would be lost.
    mutating func askQuit() {
        let long = (snapshot?.seconds ?? 0) > 300
        if lesson == nil, session.edited || long { popup = Question.quit } else { outbox.append(.quit) }
    }

    // MARK: Mouse

    /// The mouse reaches the panels: nothing lies over them.
    private var isOnPanels: Bool { popup == nil && screenCommands == nil && !layout.tooSmall }

    private mutating func handle(_ mouse: Mouse) {
        isDragging = mouse.kind == .drag
        switch mouse.kind {
        case .press, .scrollUp, .scrollDown: break
        case .drag where isOnPanels: return putCursor(x: mouse.x, y: mouse.y, in: focus)
        case .move where isOnPanels: return point(x: mouse.x, y: mouse.y)
        case .drag, .release, .move: return
        }
        notice = nil
        guard !layout.tooSmall else { return }
        if let popup { return take(popup.handle(mouse, in: popup.rect(in: self), self)) }
        let hits = render().hits
        guard let hit = hits.last(where: { $0.rect.contains(x: mouse.x, y: mouse.y) }) else { return }
        switch mouse.kind {
        case .scrollUp: scroll(hit.panel, -1)
        case .scrollDown: scroll(hit.panel, 1)
        default: click(hit, mouse)
        }
    }

    /// The wheel changes the selected value of an editing panel under the pointer when it has the focus, else it
    /// moves through its rows.
    private mutating func scroll(_ panel: PanelID?, _ direction: Int) {
        guard let panel else { return }
        if focus != panel { show(panel) }
        guard Commands.editors.contains(panel), lesson?.allows(Key(.down)) != false else { return }
        storyIsNews = false
        moveVertically(direction)
    }

    private mutating func click(_ hit: Hit, _ mouse: Mouse) {
        let wasTyping = editing.typing != nil
        editing.typing = nil
        if let panel = hit.panel, panel != focus {
            leaveWalk()
            show(panel)
        }
        switch hit.target {
        case .row, .change, .dataset, .layer: storyIsNews = false
        case .command, .panel, .cell: break
        }
        switch hit.target {
        case .command(let id):
            if let command = commands.first(where: { $0.id == id }), !lessonRefuses(command) { run(command) }
        case .panel: if let panel = hit.panel { putCursor(x: mouse.x, y: mouse.y, in: panel) }
        case .row(let panel, let index):
            let again = editing.selection[panel] == index && !wasTyping
            editing.selection[panel] = index
            refresh()
            let isSwitch = Panel[panel].editor?.hasValues == false
            guard lesson?.allows(Key(.enter)) != false else { return }
            if isSwitch || mouse.button == 1 && again { editValue() }
        case .change(let panel, let index, let direction):
            guard lesson?.allows(Key(direction > 0 ? .right : .left)) != false else { return }
            editing.selection[panel] = index
            refresh()
            if let row = selectedRow(of: panel) { change(row, direction) }
        case .dataset(let id): if lesson == nil { choose(dataset: id) }
        case .layer where plots.walk != nil: putCursor(x: mouse.x, y: mouse.y, in: Panel.network.id)
        case .layer(let layer):
            putCursor(x: mouse.x, y: mouse.y, in: Panel.network.id)
            keepResponse(of: plots.cursor)
            if plots.cursor == nil { select(layer: layer) }
        case .cell(let index): if let screen = grid?.screen { screen.select(index, in: &self) }
        }
    }
}
