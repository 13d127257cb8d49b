import Datasets
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

    fileprivate init(
        _ maker: AtlasMaker, cellHeight: Int, _ columns: [JSON], _ rows: [JSON], _ cells: [Cell],
        _ experiments: [Experiment]
    ) {
        (base, across, down) = (maker.base, maker.across, maker.down)
        self.cellHeight = cellHeight
        (self.columns, self.rows, self.cells, self.experiments) = (columns, rows, cells, experiments)
        column = columns.firstIndex(of: across.value(in: base)) ?? 0
        row = rows.firstIndex(of: down.value(in: base)) ?? 0
    }

    /// - Parameter room: where the cells will stand; as many values as fit, two each way at least.
    init(_ base: Experiment, across: VariedSetting, down: VariedSetting, cellHeight: Int, in room: Rect) {
        var maker = AtlasMaker(base, across: across, down: down, in: room)
        self = maker.atlas(cellHeight: cellHeight)!
    }

    func cell(column: Int, row: Int) -> Cell { cells[row * columns.count + column] }
    var selected: Cell { cell(column: column, row: row) }

    /// "learning rate 0.1, layer 1 units 4".
    var selectedTitle: String {
        "\(across.title) \(across.text(columns[column])), \(down.title) \(down.text(rows[row]))"
    }

    /// The settings varied at first: the learning rate and the first layer's units, or what comes nearest.
    /// - Parameter experiment: the one whose layers are tried: the units are of the first layer that may have others; nil: of the
    ///   first layer.
    static func firstSettings(
        _ settings: [VariedSetting], of experiment: Experiment? = nil
    ) -> (across: VariedSetting, down: VariedSetting)? {
        func first(_ matches: (String) -> Bool) -> VariedSetting? { settings.first { $0.path.map(matches) ?? false } }
        let across =
            first { $0.hasPrefix("training.optimizer.") && $0.hasSuffix("earningRate") } ?? settings.first
        let units = settings.filter { $0.path.map { $0.hasPrefix("layers.") && $0.hasSuffix(".units") } ?? false }
        let free = units.first { setting in
            guard let experiment else { return true }
            return setting.values(3, around: experiment).allSatisfy {
                (try? setting.apply($0, to: experiment)) != nil
            }
        }
        let down = free ?? units.first ?? first { $0 == "training.batchSize" } ?? settings.last
        guard let across, let down, across != down else { return nil }
        return (across, down)
    }
}

/// Makes atlases with cells of different heights, and remembers what it has planned: they show many of the same networks.
struct AtlasMaker {
    let base: Experiment
    let across: VariedSetting
    let down: VariedSetting
    private let room: Rect
    private let loading: Loading
    private var size: GridSize
    /// The experiments with one of the two settings changed, and with both.
    private var halves: [JSON: Result<Experiment, ExperimentError>] = [:]
    private var known: [[JSON]: Result<Experiment, ExperimentError>] = [:]

    /// - Parameters:
    ///   - room: where the cells will stand.
    ///   - data: the present experiment's; nil: they are not known.
    ///   - loading: ends the making.
    init(
        _ base: Experiment, across: VariedSetting, down: VariedSetting, in room: Rect, data: PreparedData? = nil,
        loading: Loading = Loading()
    ) {
        (self.base, self.across, self.down, self.room) = (base, across, down, room)
        (size, self.loading) = (GridSize(data), loading)
    }

    /// An atlas whose networks train side by side: of networks that are too large together with larger cells, which are fewer.
    /// - Returns: nil: it was cancelled.
    /// - Throws: why the fewest are too many.
    mutating func fitting(cellHeight: Int) throws(ExperimentError) -> Atlas? {
        var height = cellHeight
        while !loading.isCancelled {
            let isLast = !Atlas.cellHeights.contains(height + 1)
            if let atlas = atlas(cellHeight: height, mostWeights: isLast ? .max : GridSize.mostWeights) {
                guard let problem = size.problem(atlas.experiments) else { return atlas }
                if isLast { throw ExperimentError(.arguments, place: "", message: problem) }
            }
            height += 1
        }
        return nil
    }

    /// The values of each side. Never empty: a setting without a possible value has the present one, whose cells say why it
    /// cannot be.
    func sides(cellHeight: Int) -> (columns: [JSON], rows: [JSON]) {
        func values(_ setting: VariedSetting, _ most: Int) -> [JSON] {
            let values = setting.values(most, around: base)
            return values.isEmpty ? [setting.value(in: base)] : values
        }
        return (
            values(across, min(16, max(2, room.width / AtlasView.cellWidth(height: cellHeight)))),
            values(down, min(12, max(2, room.height / cellHeight)))
        )
    }

    /// - Returns: nil: its networks have more weights together, or it was cancelled.
    mutating func atlas(cellHeight: Int, mostWeights: Int = .max) -> Atlas? {
        let (columns, rows) = sides(cellHeight: cellHeight)
        var cells: [Atlas.Cell] = []
        var experiments: [Experiment] = []
        var weights = 0
        for row in rows {
            for column in columns {
                switch experiment(column, row) {
                case .success(let experiment):
                    if mostWeights < .max { weights += size.weights(experiment) }
                    experiments.append(experiment)
                    cells.append(Atlas.Cell(member: experiments.count - 1))
                case .failure(let error): cells.append(Atlas.Cell(refusal: error.message))
                }
                guard weights <= mostWeights, !loading.isCancelled else { return nil }
            }
        }
        return Atlas(self, cellHeight: cellHeight, columns, rows, cells, experiments)
    }

    private mutating func experiment(_ column: JSON, _ row: JSON) -> Result<Experiment, ExperimentError> {
        if let known = known[[column, row]] { return known }
        let acrossFirst = across.contains(down)
        let (first, second) = acrossFirst ? (column, row) : (row, column)
        let (setting, other) = acrossFirst ? (across, down) : (down, across)
        let base = base
        let half =
            halves[first]
            ?? Result { () throws(ExperimentError) in try setting.apply(first, to: base) }
        halves[first] = half
        let result = half.flatMap { half in
            Result { () throws(ExperimentError) in try other.apply(second, to: half) }
        }
        known[[column, row]] = result
        return result
    }
}

extension App {
    mutating func openAtlas() {
        let settings = VariedSetting.all(of: self)
        guard let (across, down) = Atlas.firstSettings(settings, of: experiment) else {
            notice = Notice("this lesson leaves no two settings to vary", bad: true)
            return
        }
        openAtlas(of: experiment, across: across, down: down, cellHeight: Atlas.standardCellHeight(in: atlasRoom))
    }

    /// Opens an atlas with cells of a height; of networks that are too large together with larger cells, which are fewer.
    private mutating func openAtlas(of base: Experiment, across: VariedSetting, down: VariedSetting, cellHeight: Int) {
        let (room, data) = (atlasRoom, snapshot?.data)
        plan("the atlas") { loading in
            var maker = AtlasMaker(base, across: across, down: down, in: room, data: data, loading: loading)
            let wanted = maker.sides(cellHeight: cellHeight)
            do throws(ExperimentError) {
                guard let atlas = try maker.fitting(cellHeight: cellHeight) else { return { _ in } }
                let isLess = atlas.cells.count < wanted.columns.count * wanted.rows.count
                return { app in
                    app.open(atlas)
                    if isLess {
                        app.notice = Notice("larger networks, fewer of them: \(atlas.cells.count) train side by side")
                    }
                }
            } catch {
                return { $0.notice = Notice(error.description, bad: true) }
            }
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
        let room = atlasRoom
        plan("the atlas", notice: { $0 == nil ? step > 0 ? "fewer would be no table" : "no more fit" : nil }) {
            loading throws(ExperimentError) in
            var maker = AtlasMaker(atlas.base, across: atlas.across, down: atlas.down, in: room, loading: loading)
            var height = atlas.cellHeight + step
            while Atlas.cellHeights.contains(height) {
                let (columns, rows) = maker.sides(cellHeight: height)
                if columns.count * rows.count != atlas.cells.count {
                    return maker.atlas(cellHeight: height)
                }
                height += step
            }
            return nil
        }
    }

    /// The same networks with the weights of the next seed.
    fileprivate mutating func drawAtlasAnew() {
        guard let atlas else { return }
        let room = atlasRoom
        var base = atlas.base
        base.seed = (base.seed &+ 1) & 0x1F_FFFF_FFFF_FFFF
        plan("the atlas", notice: { [base] _ in Notice("new weights, seed \(base.seed)") }) {
            [base] loading throws(ExperimentError) in
            var maker = AtlasMaker(base, across: atlas.across, down: atlas.down, in: room, loading: loading)
            guard var next = maker.atlas(cellHeight: atlas.cellHeight) else { return nil }
            next.column = min(atlas.column, next.columns.count - 1)
            next.row = min(atlas.row, next.rows.count - 1)
            return next
        }
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
                app.drawAtlasAnew()
            },
        ] + sharedCommands(of: "atlas")
}
