import Engine
import Session
import TerminalKit

/// A table of small networks: one setting grows to the right, another downwards, all else is the experiment's.
struct Atlas: GridScreen {
    struct Cell: Sendable {
        /// Index into `experiments`; nil: the experiment cannot have these values.
        var member: Int?
        /// Why not.
        var refusal: String?
    }

    let base: Experiment
    let across: VariedSetting
    let down: VariedSetting
    /// A cell's rows on the screen, its number and its frame included, where the window stays as it was.
    let cellHeight: Int
    let columns: [JSON]
    let rows: [JSON]
    /// Row by row.
    let cells: [Cell]
    let experiments: [Experiment]
    /// The selected cell.
    var column: Int
    var row: Int

    static let cellHeights = 5...18
    /// Three rows of cells at least where a window is low.
    static func standardCellHeight(in room: Rect) -> Int { min(7, max(cellHeights.lowerBound, room.height / 3)) }

    /// - Parameter room: where the cells will stand; as many values as fit, two each way at least.
    init(_ base: Experiment, across: VariedSetting, down: VariedSetting, cellHeight: Int, in room: Rect) {
        self.base = base
        self.across = across
        self.down = down
        self.cellHeight = cellHeight
        // Never empty: a setting without a possible value has the present one, whose cells say why it cannot be.
        func values(_ setting: VariedSetting, _ most: Int) -> [JSON] {
            let values = setting.values(most, around: base)
            return values.isEmpty ? [setting.value(in: base)] : values
        }
        columns = values(across, min(16, max(2, room.width / AtlasView.cellWidth(height: cellHeight))))
        rows = values(down, min(12, max(2, room.height / cellHeight)))
        var cells: [Cell] = []
        var experiments: [Experiment] = []
        for row in rows {
            for column in columns {
                do {
                    let experiment =
                        across.contains(down)
                        ? try down.apply(row, to: across.apply(column, to: base))
                        : try across.apply(column, to: down.apply(row, to: base))
                    experiments.append(experiment)
                    cells.append(Cell(member: experiments.count - 1))
                } catch { cells.append(Cell(refusal: error.message)) }
            }
        }
        self.cells = cells
        self.experiments = experiments
        column = columns.firstIndex(of: across.value(in: base)) ?? 0
        row = rows.firstIndex(of: down.value(in: base)) ?? 0
    }

    func cell(column: Int, row: Int) -> Cell { cells[row * columns.count + column] }
    var selected: Cell { cell(column: column, row: row) }

    /// "learning rate 0.1, layer 1 units 4".
    var selectedTitle: String {
        "\(across.title) \(across.text(columns[column])), \(down.title) \(down.text(rows[row]))"
    }

    /// The settings varied at first: the learning rate and the first layer's units, or what comes nearest.
    static func firstSettings(_ settings: [VariedSetting]) -> (across: VariedSetting, down: VariedSetting)? {
        func first(_ matches: (String) -> Bool) -> VariedSetting? { settings.first { $0.path.map(matches) ?? false } }
        let across =
            first { $0.hasPrefix("training.optimizer.") && $0.hasSuffix("earningRate") } ?? settings.first
        let down =
            first { $0.hasPrefix("layers.") && $0.hasSuffix(".units") } ?? first { $0 == "training.batchSize" }
            ?? settings.last
        guard let across, let down, across != down else { return nil }
        return (across, down)
    }
}

extension App {
    mutating func openAtlas() {
        let settings = VariedSetting.all(of: self)
        guard let (across, down) = Atlas.firstSettings(settings) else {
            notice = Notice("this lesson leaves no two settings to vary", bad: true)
            return
        }
        openAtlas(of: experiment, across: across, down: down, cellHeight: Atlas.standardCellHeight(in: atlasRoom))
    }

    /// Opens an atlas with cells of a height; of networks that are too large together with larger cells, which are fewer.
    private mutating func openAtlas(of base: Experiment, across: VariedSetting, down: VariedSetting, cellHeight: Int) {
        let wanted = Atlas(base, across: across, down: down, cellHeight: cellHeight, in: atlasRoom)
        var atlas = wanted
        while sizeProblem(atlas.experiments) != nil, Atlas.cellHeights.contains(atlas.cellHeight + 1) {
            atlas = Atlas(base, across: across, down: down, cellHeight: atlas.cellHeight + 1, in: atlasRoom)
        }
        let fits = sizeProblem(atlas.experiments) == nil
        open(fits ? atlas : wanted)
        if fits, atlas.cells.count < wanted.cells.count {
            notice = Notice("larger networks, fewer of them: \(atlas.cells.count) train side by side")
        }
    }

    fileprivate var atlasRoom: Rect { AtlasView.room(width: width, height: height) }

    var atlas: Atlas? { grid?.screen as? Atlas }

    /// Moves over the table; at its ends it stands still.
    mutating func moveInAtlas(_ dx: Int, _ dy: Int) {
        guard var atlas else { return }
        atlas.column = min(max(0, atlas.column + dx), atlas.columns.count - 1)
        atlas.row = min(max(0, atlas.row + dy), atlas.rows.count - 1)
        grid?.screen = atlas
        if let refusal = atlas.selected.refusal { notice = Notice(refusal) }
    }

    /// The menu of the settings that one side of the table can have.
    mutating func chooseAtlasSetting(across isAcross: Bool) {
        guard let atlas else { return }
        let other = isAcross ? atlas.down : atlas.across
        let settings = VariedSetting.all(of: self).filter { $0 != other }
        let present = isAcross ? atlas.across : atlas.down
        popup = MenuPopup(
            menu: Menu(
                title: isAcross ? "To the right" : "Downwards",
                items: settings.map { MenuItem($0.title, detail: $0.text($0.value(in: experiment))) },
                selected: settings.firstIndex(of: present) ?? 0),
            chosen: { app, index in
                let setting = settings[index]
                app.openAtlas(
                    of: atlas.base, across: isAcross ? setting : atlas.across, down: isAcross ? atlas.down : setting,
                    cellHeight: atlas.cellHeight)
            })
    }

    /// Larger cells are fewer ones.
    mutating func resizeAtlas(_ step: Int) {
        guard let atlas else { return }
        var height = atlas.cellHeight + step
        while Atlas.cellHeights.contains(height) {
            let next = Atlas(atlas.base, across: atlas.across, down: atlas.down, cellHeight: height, in: atlasRoom)
            if next.cells.count != atlas.cells.count { return open(next) }
            height += step
        }
        notice = step > 0 ? "fewer would be no table" : "no more fit"
    }

    mutating func openAtlasCell() {
        guard let atlas else { return }
        guard let member = atlas.selected.member else {
            notice = Notice(atlas.selected.refusal ?? "", bad: true)
            return
        }
        take(.replace(atlas.experiments[member]), title: atlas.selectedTitle)
    }
}

extension Atlas {
    static let title = "Atlas"

    func requests(in app: App) -> [ViewRequest] { AtlasView(app, self).requests }

    func draw(into frame: inout Frame, _ app: App) { AtlasView(app, self).draw(into: &frame) }

    func select(_ index: Int, in app: inout App) {
        let (row, column) = index.quotientAndRemainder(dividingBy: columns.count)
        let again = (row, column) == (self.row, self.column)
        var atlas = self
        (atlas.row, atlas.column) = (row, column)
        app.grid?.screen = atlas
        if again { app.openAtlasCell() }
    }

    static let commands: [Command] =
        [
            Command("atlas.left", "the cell to the left", hint: "move", keys: ["left", "h"]) { $0.moveInAtlas(-1, 0) },
            Command("atlas.right", "the cell to the right", hint: "move", keys: ["right", "l"]) {
                $0.moveInAtlas(1, 0)
            },
            Command("atlas.up", "the cell above", hint: "move", keys: ["up", "k"]) { $0.moveInAtlas(0, -1) },
            Command("atlas.down", "the cell below", hint: "move", keys: ["down", "j"]) { $0.moveInAtlas(0, 1) },
            Command("atlas.open", "open this cell as the experiment", hint: "open", keys: ["enter"]) {
                $0.openAtlasCell()
            }.lasting,
            Command("atlas.across", "what grows to the right", hint: "across", keys: ["x"]) {
                $0.chooseAtlasSetting(across: true)
            },
            Command("atlas.downwards", "what grows downwards", hint: "down", keys: ["y"]) {
                $0.chooseAtlasSetting(across: false)
            },
            Command("atlas.larger", "larger cells, fewer of them", hint: "size", keys: ["+", "="]) {
                $0.resizeAtlas(1)
            },
            Command("atlas.smaller", "smaller cells, more of them", hint: "size", keys: ["-"]) { $0.resizeAtlas(-1) },
            Command("atlas.newWeights", "start all again with new weights (the next seed)", keys: ["n"]) { app in
                guard let atlas = app.atlas else { return }
                var base = atlas.base
                base.seed = (base.seed &+ 1) & 0x1F_FFFF_FFFF_FFFF
                var next = Atlas(
                    base, across: atlas.across, down: atlas.down, cellHeight: atlas.cellHeight, in: app.atlasRoom)
                (next.column, next.row) = (
                    min(atlas.column, next.columns.count - 1), min(atlas.row, next.rows.count - 1)
                )
                app.open(next)
                app.notice = Notice("new weights, seed \(base.seed)")
            },
        ] + sharedCommands(of: "atlas")
}
