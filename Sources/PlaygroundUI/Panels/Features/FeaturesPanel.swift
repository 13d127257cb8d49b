import Datasets
import Engine
import Session
import TerminalKit

extension PanelID {
    static let features = PanelID("features")
}

extension Panel {
    /// The features as toggles in a grid, the user's own among them; of images, which have none, their random changes,
    /// of sequences what their steps are, and of games their states and actions.
    static let features = Panel(
        id: .features, title: "Features", place: .input,
        words: "What goes in: columns, and formulas made of them. Each is one number for every sample.",
        watch: "A feature that is the answer already, such as x1·x2 for XOR: the network then has nothing to find.",
        heights: Heights(least: 5, best: 7, ample: 9, rank: 0),
        commands: [
            Command(
                "feature.left", "the feature to the left", hint: "move", keys: ["left", "h"], panels: [.features]
            ) { $0.moveRow(by: -1) }.lasting,
            Command(
                "feature.right", "the feature to the right", hint: "move", keys: ["right", "l"], panels: [.features]
            ) { $0.moveRow(by: 1) },
            Command(
                "feature.toggle",
                "turn the feature, or the random change of images, on or off; “+ own”: type a formula", hint: "on/off",
                keys: ["enter"], panels: [.features]
            ) { $0.editValue() }.lasting,
        ],
        choosesInputs: true,
        editor: Editor(
            rows: \.features,
            list: { app, content in
                RowList(
                    rect: content.inset(top: content.height >= 6 ? 1 : 0, bottom: 1),
                    columns: FeatureGrid(app: app).columns(width: content.width))
            }, hasValues: false, varied: 3),
        draw: { app, frame, rect in
            if let steps = StepsOfSequences(app) { return steps.draw(into: &frame, panelContent(of: rect)) }
            if let states = StatesOfGames(app) { return states.draw(into: &frame, panelContent(of: rect)) }
            FeatureGrid(app: app).draw(into: &frame, panelContent(of: rect))
        },
        shownTitle: {
            // Known before the data are there, but of tables whose rows are grouped into sequences.
            let id = $0.experiment.data.dataset.id
            return Datasets.areImages(id)
                ? "Augment"
                : Datasets.areSequences(id) || $0.snapshot?.data.schema.isSequence == true
                    ? "Steps" : Datasets.areGames(id) ? "State" : nil
        },
        findings: { app in
            (app.editing.rows[.features] ?? []).compactMap { row in
                guard let formula = row.kind.formula else { return nil }
                let columns = app.columns
                return Finding(
                    title: "feature \(row.title)", detail: row.value,
                    summary: "Turns the feature \(formula) on or off.", keywords: formula
                ) { $0.act(.toggleFeature(formula, columns: columns)) }
            }
        })
}

extension EditorRows {
    /// The random changes of training images that there are.
    private var augmentations: [EditorRow] {
        guard !experiment.hides("data.augment") else { return [] }
        let chosen = Set(experiment.data.augment.map(\.id))
        return Catalogue.entries(.augmentation).map {
            EditorRow(
                kind: .augmentation($0.id), knob: nil, title: $0.title, value: chosen.contains($0.id) ? "on" : "off")
        }
    }
}

extension EditorRows {
    var features: [EditorRow] {
        let id = experiment.data.dataset.id
        guard !Datasets.areImages(id) else { return augmentations }
        guard !Datasets.areSequences(id), !Datasets.areGames(id) else { return [] }
        let active = experiment.features.isEmpty ? columns : experiment.features
        let offered = offeredFeatures(columns: columns)
        let (isActive, isOffered) = (Set(active), Set(offered.map(\.formula)))
        var rows = offered.map {
            EditorRow(
                kind: .feature($0.formula), knob: nil, title: $0.title,
                value: isActive.contains($0.formula) ? "on" : "off")
        }
        for own in active where !isOffered.contains(own) {
            rows.append(EditorRow(kind: .feature(own), knob: nil, title: featureTitle(own), value: "on"))
        }
        if !columns.isEmpty { rows.append(EditorRow(kind: .ownFeature, knob: nil, title: "+ own", value: "")) }
        return rows.filter { row in
            if let formula = row.kind.formula {
                return !experiment.hides("features.\(formula)") && !experiment.hides(formula)
            }
            return !experiment.hides("features")
        }
    }
}

extension EditorRow.Kind {
    /// A feature, on or off.
    static func feature(_ formula: String) -> Self {
        Self(
            id: "features.\(formula)", formula: formula,
            change: { app, _ in app.act(.toggleFeature(formula, columns: app.columns)) },
            explain: { explanation, _, app in
                explanation.words =
                    "A column of what goes in: the network sees it as a number for each sample. \(app.label("value.type")) turns it on or off."
                explanation.formula = formula
                explanation.warning = "A change starts training again."
            })
    }

    /// A formula of the user's own.
    static let ownFeature = Self(
        id: "ownFeature", hasArrows: false, change: { app, _ in app.popup = Prompt.feature },
        explain: { explanation, _, app in
            explanation.words =
                "A formula of your own, made of the columns: \(app.label("value.type")), and type for example x1*x2 - 0.5."
        })
}

/// The features in a grid.
private struct FeatureGrid: ScreenPart {
    let app: App

    func draw(into frame: inout Frame, _ content: Rect) {
        guard let list = app.editing.rows[.features], !list.isEmpty,
            let place = Panel.features.editor?.list?(app, content)
        else { return }
        let columns = place.columns
        let step = content.width / columns
        let (top, height) = (place.rect.y - content.y, place.rect.height)
        let lines = (list.count + columns - 1) / columns
        let selected = app.editing.selection[.features] ?? 0
        let scroll = app.editing.scroll(of: .features, selected: selected / columns, visible: height, count: lines)
        for line in 0..<min(height, lines - scroll) {
            for column in 0..<columns {
                let index = (scroll + line) * columns + column
                guard index < list.count else { break }
                let row = list[index]
                let on = row.value == "on"
                let active = app.focus == .features && index == selected
                let rect = Rect(x: content.x + column * step, y: content.y + top + line, width: step, height: 1)
                var style = on ? text : quiet
                if active {
                    style = self.selected
                    frame.canvas.fill(rect, with: Cell(" ", style))
                }
                let mark =
                    row.kind == .ownFeature ? " " : capabilities.glyphs == .ascii ? (on ? "x" : ".") : on ? "●" : "○"
                frame.canvas.write(mark, x: rect.x + 1, y: rect.y, style: style)
                frame.canvas.write(
                    title(row), x: rect.x + (row.kind == .ownFeature ? 1 : 3), y: rect.y, style: style,
                    limit: step - 3)
                frame.hit(rect, .features, .row(.features, index))
            }
        }
        if scroll > 0 { frame.canvas.write("▴", x: content.maxX - 1, y: content.y + top, style: quiet) }
        if scroll + height < lines {
            frame.canvas.write("▾", x: content.maxX - 1, y: content.y + top + height - 1, style: quiet)
        }
    }

    /// How many features stand side by side: as many as let the longest name stand whole.
    func columns(width: Int) -> Int {
        let widest = (app.editing.rows[.features] ?? []).map { columnWidth(title($0)) }.max() ?? 6
        return max(1, width / max(9, widest + 3))
    }

    /// "x1²" cannot be said in ASCII: its formula can.
    private func title(_ row: EditorRow) -> String {
        guard capabilities.glyphs == .ascii, let formula = row.kind.formula,
            !row.title.unicodeScalars.allSatisfy(\.isASCII)
        else { return row.title }
        return formula
    }
}
