import Datasets
import Engine
import Session
import TerminalKit

/// The keys of the editing panels.
extension App {
    static let speeds: [Double?] = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 6000, nil]

    /// Carries an action out; what is refused is said on the bottom row.
    /// - Returns: why it was refused, or nil.
    @discardableResult
    mutating func act(_ action: Action) -> ExperimentError? {
        cancelOpening()
        leaveWalk()
        editing.mended = nil
        let (row, hadBonds) = (selectedRow(of: Panel.network.id), experiment.usesBonds)
        defer {
            refresh()
            // The rows of names and ties have come or gone.
            if hadBonds != experiment.usesBonds, let row,
                let place = editing.rows[Panel.network.id]?.firstIndex(where: {
                    $0.kind == row.kind && $0.layer == row.layer
                })
            {
                editing.selection[Panel.network.id] = place
                refresh()
            }
        }
        let before = experiment
        let locked = experiment.training.locked
        // Locks that come and go with these are meant.
        let isMeant =
            switch action {
            case .set(path: "training.locked", _), .undo, .redo, .open, .replace, .variant: true
            default: false
            }
        // Variants that are to be there afterwards.
        let variants =
            switch action {
            case .replace(let other): other.compare.count
            case .undo, .redo, .open, .variant: 0
            default: experiment.compare.count
            }
        do {
            let speed = experiment.view.epochsPerSecond
            for effect in try session.reduce(action, at: now, schema: schema) {
                switch effect {
                case .load(let experiment, let directory, let continuation, let reason):
                    send(.load(experiment, directory: directory, continuation))
                    plots.hand?.set = nil
                    notice = reason.map { Notice($0) }
                case .setParameter(let index, let value):
                    send(.setParameter(index: index, value: value))
                    handTakes([index], [value])
                    plain?.typed[index] = value
                    plain?.typedAt = now
                case .setParameters(let indices, let values):
                    send(.setParameters(indices, values))
                    handTakes(indices, values)
                case .reinitialize(let indices, let draw):
                    send(.reinitialize(indices, draw))
                    plots.hand?.set = nil
                }
            }
            // Blocks stay open and closed where they go to.
            plots.stack.opened = experiment.places(of: plots.stack.opened, before: before)
            plots.stack.closed = experiment.places(of: plots.stack.closed, before: before)
            func add(toNotice words: String) {
                notice = Notice((notice.map { "\($0.text); " } ?? "") + "\(words): \(label("edit.undo")) undoes")
            }
            if !isMeant, !locked.isEmpty, experiment.training.locked.isEmpty {
                add(toNotice: "the locks are gone, for the layers' places changed")
            }
            if case let gone = variants - experiment.compare.count, gone > 0 {
                let lacking = gone == 1 ? "it sets" : "they set"
                add(toNotice: "\(plural(gone, "variant")) gone, for the experiment lacks what \(lacking)")
            }
            if experiment.view.epochsPerSecond != speed { send(.setSpeed(experiment.view.epochsPerSecond)) }
            return nil
        } catch {
            editing.mended = error.remedy.flatMap { mended(action, by: $0) }
            notice = Notice(error.description + mendingWords(editing.mended), bad: true)
            return error
        }
    }

    /// Takes an action's experiment in place of the present one, and says so, and what of it is gone.
    /// - Parameters:
    ///   - words: what has been done.
    ///   - unchanged: the same where it is the present one.
    /// - Returns: whether it was taken.
    @discardableResult
    mutating func replace(by action: Action, saying words: String, unchanged: String) -> Bool {
        let before = experiment
        notice = nil
        guard act(action) == nil else { return false }
        let end = notice?.text ?? "\(label("edit.undo")) goes back"
        notice = Notice(experiment == before ? unchanged : "\(words); \(end)")
        return true
    }

    /// The key that does a refused edit together with the settings with which it fits; "" for none.
    private func mendingWords(_ action: Action?) -> String {
        guard let count = action?.mends else { return "" }
        return "; \(label("edit.mend")) does both" + (count == 1 ? "" : ", in \(plural(count, "block"))")
    }

    /// A refused edit with the settings that mend it, of one block after the other; nil: the experiment does not take all of them
    /// either, or no key does it here.
    private func mended(_ action: Action, by remedy: EngineError.Remedy) -> Action? {
        guard let command = Commands.byID["edit.mend"], takenAway("layers") == nil, !lessonRefuses(command),
            plain != nil || Commands.editors.contains(focus)
        else { return nil }
        var (all, lacking, paths) = (action, Optional(remedy), Set<String>())
        while let setting = lacking, paths.insert(setting.path).inserted {
            all = .mended(all, by: JSON.Member(setting.path, KnobWalk.json(setting.value)))
            var trial = session
            do {
                _ = try trial.reduce(all, at: now, schema: schema)
                return all
            } catch { lacking = error.remedy }
        }
        return nil
    }

    /// Does the edit that was refused last, with what makes it fit.
    mutating func mend() {
        guard let action = editing.mended else { return }
        act(action)
    }

    /// Draws parameters again: one step for undo.
    mutating func drawAnew(_ indices: [Int]) {
        guard let parameters = newest?.parameters, indices.allSatisfy(parameters.indices.contains) else { return }
        guard act(.reinitialize(indices, from: indices.map { parameters[$0] })) == nil else { return }
        notice = Notice(
            "\(indices.count == 1 ? "one number" : "\(formatCount(indices.count)) numbers") drawn anew; \(label("edit.undo")) undoes"
        )
    }

    mutating func moveRow(by delta: Int) {
        editing.moveSelection(of: focus, by: delta)
        refresh()
    }

    /// ← and →: the next value of the selected row.
    mutating func changeValue(_ direction: Int) {
        guard let row = selectedRow(of: focus) else { return }
        change(row, direction)
    }

    mutating func change(_ row: EditorRow, _ direction: Int) {
        if let setting = row.kind.setting { walk(row, setting, direction) } else { row.kind.change(&self, direction) }
    }

    /// Walks to the next value that the whole document allows, and says why others were passed over.
    private mutating func walk(_ row: EditorRow, _ setting: EditorRow.Setting, _ direction: Int) {
        guard let knob = row.knob else { return }
        var value = setting.value(experiment)
        var refusal: Notice?
        var mended: Action?
        let tries = {
            if case .choice(let list) = knob.kind { return Catalogue.entries(list).count } else { return 1 }
        }()
        for _ in 0..<tries {
            guard let next = KnobWalk.next(after: value, of: knob, direction: direction, optional: row.optional) else {
                if refusal == nil { notice = Notice(endOfRange(knob, direction)) }
                break
            }
            notice = nil
            editing.mended = nil
            let before = experiment
            setting.set(&self, next)
            if experiment != before {
                if let refusal, notice == nil {
                    notice = Notice("passed over: \(refusal.text.dropLast(mendingWords(mended).count))")
                }
                return
            }
            if notice?.bad == true, refusal == nil { (refusal, mended) = (notice, editing.mended) }
            value = next
        }
        if let refusal {
            notice = refusal
            editing.mended = mended
        }
    }

    private func endOfRange(_ knob: Knob, _ direction: Int) -> String {
        switch knob.kind {
        case .text: "\(label("value.type")) types the \(knob.title)"
        case .integer(let range):
            "\(knob.title): \(direction > 0 ? "at most \(formatCount(range.upperBound))" : "at least \(formatCount(range.lowerBound))")"
        case .real(let range, _):
            "\(knob.title): that is the last step; \(label("value.type")) types any value from \(formatNumber(range.lowerBound)) to \(formatNumber(range.upperBound))"
        case .toggle, .word, .choice, .list: "\(knob.title): nothing else to choose"
        }
    }

    /// Enter: a menu for a choice, a text field for a value, a switch for a toggle.
    mutating func editValue() {
        guard let row = selectedRow(of: focus) else { return }
        guard row.kind.setting != nil else {
            if let enter = row.kind.enter { enter(&self) } else { change(row, 1) }
            return
        }
        guard let knob = row.knob else { return }
        switch knob.kind {
        case .choice, .word: popup = MenuPopup.values(of: row, knob, in: self)
        case .toggle, .list: change(row, 1)
        case .integer, .real:
            // A number is typed anew more often than mended.
            editing.typing = TextField(row.path.map(typedText) ?? "", selected: true)
        case .text:
            guard let path = row.path else { return }
            popup =
                path == "data.file"
                ? Prompt.file(of: experiment.data.dataset.id, typedText(of: path))
                : Prompt.setting(path, knob, typedText(of: path))
        }
    }

    /// A setting's value as it is typed.
    func typedText(of path: String) -> String {
        switch experiment.value(at: path) {
        case .number(let number)?:
            String(formatNumber(number, digits: 7).compactMap { $0 == "−" ? "-" : $0 == "," ? nil : $0 })
        case .string(let string)?: string
        default: ""
        }
    }

    /// Takes what was typed into the selected row. A value that is refused stays to be mended, unless a key does that.
    mutating func commitTyping() {
        guard let text = editing.typing?.text, let row = selectedRow(of: focus), let knob = row.knob,
            let path = row.path
        else {
            editing.typing = nil
            return
        }
        notice = nil
        act(.set(path: path, KnobWalk.parse(text, for: knob)))
        if notice?.bad != true || editing.mended != nil { editing.typing = nil }
    }

    mutating func resetValue() {
        guard let row = selectedRow(of: focus), let knob = row.knob else { return }
        row.kind.setting?.set(&self, row.optional ? .null : KnobWalk.json(knob.defaultValue))
    }

    /// The datasets that can be chosen: drawn points where there are some, and where the lesson takes the choice
    /// between classes and values away, those of the present task.
    var offeredDatasets: [Entry] {
        let present = experiment.data.dataset.id
        let hasTask = takenAway("data.task") == nil
        return Datasets.all.filter { entry in
            if entry.id == present { return true }
            if Datasets.isDrawn(entry.id) { return !experiment.data.points.isEmpty }
            return hasTask || Datasets.task(entry.id) == Datasets.task(present)
        }
    }

    /// Another dataset; features that it has no columns for go. A file is the one that was there before, else it is asked
    /// for.
    mutating func choose(dataset id: String) {
        guard let entry = Datasets.entry(id) else { return }
        let present = experiment.data.dataset.id
        if present != id, Datasets.entry(present)?.knob("file") != nil {
            editing.filed[present] = experiment.json["data"]
        }
        // One with a text of its own asks for a file when it is chosen again.
        guard entry.knob("file") != nil, Datasets.needsFile(id) || present == id else {
            act(.dataset(id))
            return
        }
        if let before = editing.filed[id], present != id {
            act(.data(before))
        } else {
            popup = Prompt.file(of: id, present == id ? typedText(of: "data.file") : "")
        }
    }

    /// ← and → on the datasets; drawn points are there only where they are drawn.
    mutating func walkDatasets(from id: String, _ direction: Int) {
        let present = experiment.data.dataset.id
        let ids = offeredDatasets.filter { $0.id == present || !Datasets.isDrawn($0.id) }.map(\.id)
        guard let place = ids.firstIndex(of: id) else { return }
        choose(dataset: ids[(place + direction + ids.count) % ids.count])
    }

    mutating func regenerate() {
        act(.set(path: "data.seed", .number(Double((experiment.data.seed &+ 1) & 0x1F_FFFF_FFFF_FFFF))))
    }

    mutating func changeSpeed(_ direction: Int) {
        let present = experiment.view.epochsPerSecond
        let place: Int
        if let present {
            place =
                direction > 0
                ? Self.speeds.firstIndex { ($0 ?? .infinity) > present } ?? Self.speeds.count - 1
                : Self.speeds.lastIndex { ($0 ?? .infinity) < present } ?? 0
        } else {
            place = direction > 0 ? Self.speeds.count - 1 : Self.speeds.count - 2
        }
        setSpeed(Self.speeds[place])
    }

    mutating func setSpeed(_ speed: Double?) {
        changeView { $0.epochsPerSecond = speed }
        send(.setSpeed(speed))
        if grid != nil { sendGrid(.setSpeed(speed)) }
        notice = Notice(
            "speed: \(speed.map { formatNumber($0) + ($0 == 1 ? " epoch" : " epochs") + " a second" } ?? "unlimited")")
        refresh()
    }

    mutating func toggleKeepWeights() {
        session.keepsWeights.toggle()
        notice =
            session.keepsWeights
            ? "a changed network keeps the weights that fit" : "a changed network starts with new weights"
        refresh()
    }

    mutating func setPlaying(_ on: Bool) {
        playing.set(on, at: now)
        send(on ? .play : .pause)
    }

    /// Shows the pause at once; the step command that follows pauses the trainer itself.
    mutating func pause() {
        playing.set(false, at: now)
    }

    mutating func newWeights() {
        let seed = JSON.number(Double((experiment.seed &+ 1) & 0x1F_FFFF_FFFF_FFFF))
        guard act(.set(path: "seed", seed)) == nil else { return }
        let again = resetKey.map { "; \($0) brings the same ones back" } ?? ""
        notice = Notice("new weights, seed \(experiment.seed)\(again)")
    }

    /// Adds a feature by its formula; a mistake comes back in words that point at the column.
    mutating func addFeature(_ text: String) -> String? {
        let formula = featureFormula(text, columns: columns)
        do {
            try checkFeature(formula, columns: columns)
        } catch {
            return error.message
        }
        let active = experiment.features.isEmpty ? columns : experiment.features
        guard !active.contains(formula) else { return "\(formula) is a feature already" }
        // An edit that a key mends is told of on the bottom row: in a prompt the key would be typed.
        guard act(.toggleFeature(formula, columns: columns)) != nil, editing.mended == nil else { return nil }
        return notice?.text
    }
}
