import Engine
import Session
import TerminalKit

/// A game's picture in a rectangle: a board or lines, in square pixels of which two stand above each other in a cell of the
/// screen; of ASCII glyphs, or without colours, a board of glyphs and lines of dots.
struct GameBoard {
    private let picture: GamePicture
    private let context: PlotContext
    /// The cells of the screen that the picture takes.
    let area: Rect
    /// The side of a cell of the board in pixels.
    let size: Int

    init(_ picture: GamePicture, in room: Rect, _ context: PlotContext) {
        (self.picture, self.context) = (picture, context)
        let isText = Self.isText(context)
        size = Self.size(picture, width: room.width, height: room.height, isText: isText)
        let (width, height): (Int, Int)
        if picture.columns == 0 {
            let rows = max(1, min(room.height, Int(Float(room.width) / 2 / picture.aspect)))
            (width, height) = (max(1, min(room.width, Int(Float(rows) * 2 * picture.aspect))), rows)
        } else {
            (width, height) = (size * picture.columns, (size * picture.rows + 1) / 2)
        }
        area = Rect(
            x: room.x + max(0, (room.width - width) / 2), y: room.y, width: max(0, min(width, room.width)),
            height: max(0, min(height, room.height)))
    }

    private static func isText(_ context: PlotContext) -> Bool { context.colorless || context.ascii }

    /// The largest side of a board's cells in some room; of lines the pixels of the height in tens.
    static func size(_ picture: GamePicture, width: Int, height: Int, isText: Bool = false) -> Int {
        guard picture.columns > 0 else {
            return max(1, min(2 * height, Int(Float(width) / picture.aspect)) / 10)
        }
        let size = max(1, min(2 * height / picture.rows, width / picture.columns))
        // Glyphs fill whole cells of the screen.
        return isText && size > 1 ? size / 2 * 2 : size
    }

    /// The cell of the screen in the middle of one of the board's; nil: those are too small for a glyph.
    func middle(row: Int, column: Int) -> (x: Int, y: Int)? {
        guard size > 1 else { return nil }
        return (area.x + column * size + (size - 1) / 2, area.y + (row * size + size / 2) / 2)
    }

    /// The place on the board under a cell of the screen, row by row; nil: none.
    func place(x: Int, y: Int) -> Int? {
        guard picture.columns > 0, area.contains(x: x, y: y) else { return nil }
        let (row, column) = (2 * (y - area.y) / size, (x - area.x) / size)
        return row < picture.rows && column < picture.columns ? row * picture.columns + column : nil
    }

    /// - Parameter ground: of a free cell, by its place; nil: the board's own.
    func draw(into canvas: inout Canvas, ground: (Int) -> UInt32? = { _ in nil }) {
        if Self.isText(context) {
            if picture.columns > 0 { drawGlyphs(into: &canvas, ground) } else { drawDots(into: &canvas) }
        } else {
            let colors = picture.columns > 0 ? pixels(ground) : linePixels
            drawPixels(into: &canvas, area, colors: colors, capabilities: context.capabilities)
        }
    }

    // MARK: - Pixels

    /// `[2 · area.height, area.width]`.
    private func pixels(_ ground: (Int) -> UInt32?) -> [UInt32?] {
        (0..<2 * area.height * area.width).map { pixel in
            let (y, x) = (pixel / area.width, pixel % area.width)
            let (row, column) = (y / size, x / size)
            guard row < picture.rows, column < picture.columns else { return nil }
            let place = row * picture.columns + column
            let mark = picture.marks[place]
            let own = ground(place) ?? self.ground(row, column)
            guard let share = Self.shape(mark, x % size, y % size, of: size) else { return own }
            let color = mark == .brick ? brick(row) : Self.color(mark, context)
            return share < 1 && !context.fewColors ? mixColors(own, color, share) : color
        }
    }

    /// Free cells take turns in two shades, so that rows and columns can be followed.
    private func ground(_ row: Int, _ column: Int) -> UInt32 {
        let ground = Self.color(.empty, context)
        guard context.capabilities.colors == .truecolor, (row + column) % 2 == 1 else { return ground }
        return mixColors(ground, contrast(ground), 0.04)
    }

    /// How much of a mark's colour a pixel of its cell has; nil: none.
    private static func shape(_ mark: GamePicture.Mark, _ x: Int, _ y: Int, of size: Int) -> Float? {
        func disc(_ radius: Float) -> Float? {
            let middle = Float(size - 1) / 2
            let (dx, dy) = (Float(x) - middle, Float(y) - middle)
            return (dx * dx + dy * dy).squareRoot() <= radius * Float(size) ? 1 : nil
        }
        switch mark {
        case .empty: return nil
        case .goal: return size >= 3 ? disc(0.52) : 1
        case .trail: return size >= 4 ? disc(0.3) : 1
        // Mortar between bricks.
        case .brick: return size >= 3 && (x == size - 1 || y == size - 1) ? 0.35 : 1
        case .wall: return size >= 4 && (x == size - 1 || y == size - 1) ? 0.7 : 1
        case .danger: return size >= 4 && (x + y) % 4 < 2 ? 0.6 : 1
        case .player, .body: return 1
        }
    }

    /// Rows of bricks have colours of their own.
    private func brick(_ row: Int) -> UInt32 {
        guard !context.fewColors else { return Self.color(.brick, context) }
        let rows = [context.theme.bad, context.theme.negative, context.theme.accent]
        return rows[row % rows.count]
    }

    /// Lines as thick as they are, smooth at their edges.
    private var linePixels: [UInt32?] {
        let (width, height) = (area.width, 2 * area.height)
        let scale = Float(height)
        var colors = [UInt32?](repeating: Self.color(.empty, context), count: width * height)
        for line in picture.lines {
            let (from, to) = (place(line.from, width, height), place(line.to, width, height))
            let radius = max(0.5, line.thickness * scale / 2)
            let color = Self.color(line.mark, context)
            let way = to - from
            let length = (way * way).sum()
            for y in rows(from.y, to.y, radius, height) {
                for x in rows(from.x, to.x, radius, width) {
                    let point = SIMD2(Float(x) + 0.5, Float(y) + 0.5)
                    let along = length > 0 ? min(max(((point - from) * way).sum() / length, 0), 1) : 0
                    let away = point - from - way * along
                    let share = min(max(radius - (away * away).sum().squareRoot() + 0.5, 0), 1)
                    guard share > 0 else { continue }
                    let place = y * width + x
                    if context.capabilities.colors == .truecolor {
                        colors[place] = mixColors(colors[place]!, color, share)
                    } else if share >= 0.5 {
                        colors[place] = color
                    }
                }
            }
        }
        return colors
    }

    private func place(_ point: SIMD2<Float>, _ width: Int, _ height: Int) -> SIMD2<Float> {
        point * SIMD2(Float(width), Float(height))
    }

    /// The pixels that a line may touch.
    private func rows(_ from: Float, _ to: Float, _ radius: Float, _ count: Int) -> Range<Int> {
        let first = min(max(0, Int(bounded: min(from, to) - radius - 1)), count)
        return first..<max(first, min(count, Int(bounded: max(from, to) + radius + 2)))
    }

    // MARK: - Glyphs

    private func drawGlyphs(into canvas: inout Canvas, _ ground: (Int) -> UInt32?) {
        for y in 0..<area.height {
            for x in 0..<area.width {
                let (row, column) = (2 * y / size, x / size)
                // Moving marks count more than standing ones, where a cell of the screen has two of the board.
                let rows = size > 1 ? [row] : [row, row + 1]
                let places = rows.filter { $0 < picture.rows && column < picture.columns }.map {
                    $0 * picture.columns + column
                }
                guard let place = places.max(by: { rank($0) < rank($1) }) else { continue }
                let mark = picture.marks[place]
                canvas[area.x + x, area.y + y] = Cell(Self.glyph(mark), ink(mark, place, ground))
            }
        }
    }

    private func rank(_ place: Int) -> UInt8 { Self.rank(picture.marks[place]) }

    /// Without colours the glyph is all; else it stands on the colour.
    private func ink(_ mark: GamePicture.Mark, _ place: Int, _ ground: (Int) -> UInt32?) -> Style {
        guard !context.colorless else { return Style(context.theme.text) }
        let own = mark == .empty ? ground(place) : nil
        let color = own ?? Self.color(mark, context)
        return Style(.rgb(contrast(color)), on: .rgb(color))
    }

    private func drawDots(into canvas: inout Canvas) {
        var dots = DotPlot(width: area.width, height: area.height, capabilities: context.capabilities)
        let (width, height) = (Float(dots.dotWidth - 1), Float(dots.dotHeight - 1))
        for line in picture.lines {
            dots.line(
                Double(line.from.x * width) + 0.5, Double(line.from.y * height) + 0.5,
                Double(line.to.x * width) + 0.5, Double(line.to.y * height) + 0.5,
                style: Style(.rgb(Self.color(line.mark, context)), bold: line.mark != .wall),
                weight: Self.rank(line.mark), step: 1)
        }
        dots.draw(into: &canvas, x: area.x, y: area.y)
    }

    /// The sign of a mark, where colours cannot tell them apart.
    static func glyph(_ mark: GamePicture.Mark) -> Unicode.Scalar {
        switch mark {
        case .empty: "."
        case .wall: "#"
        case .player: "@"
        case .body: "o"
        case .goal: "*"
        case .danger: "x"
        case .brick: "="
        case .trail: ":"
        }
    }

    private static func rank(_ mark: GamePicture.Mark) -> UInt8 {
        switch mark {
        case .empty: 0
        case .wall, .trail: 1
        case .brick, .body: 2
        case .danger: 3
        case .goal: 4
        case .player: 5
        }
    }

    static func color(_ mark: GamePicture.Mark, _ context: PlotContext) -> UInt32 {
        let theme = context.theme
        if context.capabilities.colors == .palette16 {
            switch mark {
            case .empty: return colorOf16(theme.light ? 15 : 0)
            case .wall, .trail: return colorOf16(8)
            case .player: return colorOf16(12)
            case .body: return colorOf16(4)
            case .goal: return colorOf16(2)
            case .danger: return colorOf16(1)
            case .brick: return colorOf16(3)
            }
        }
        switch mark {
        case .empty: return theme.zero
        case .wall: return mixColors(theme.zero, theme.light ? 0 : 0xFFFFFF, 0.35)
        case .player: return mixColors(theme.positive, theme.light ? theme.positive : 0xFFFFFF, 0.3)
        case .body: return theme.faded(theme.positive, 0.75)
        case .goal: return theme.good
        case .danger: return theme.bad
        case .brick: return theme.negative
        case .trail: return mixColors(theme.zero, theme.good, 0.35)
        }
    }
}
