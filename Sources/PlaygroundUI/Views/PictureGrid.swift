import Basics
import Session
import TerminalKit

/// Places for pictures of one shape, each with lines of words below it: in as many columns as let them be largest.
struct PictureGrid {
    let columns: Int
    let lines: Int
    /// One picture's, in cells.
    let width: Int
    let height: Int
    private let rect: Rect
    private let step: (x: Int, y: Int)

    /// - Parameters:
    ///   - words: rows of words below each picture.
    ///   - least: columns that the words need.
    ///   - fixed: so many columns; nil: as suits.
    init(_ rect: Rect, count: Int, shape: ImageShape, words: Int = 1, least: Int = 1, columns fixed: Int? = nil) {
        var best: (columns: Int, lines: Int, size: Rect)?
        for columns in fixed.map({ $0...$0 }) ?? 1...max(1, count) {
            let lines = max(1, (count + columns - 1) / columns)
            // Pictures without words stand a row apart, too.
            let below = lines == 1 ? words : max(1, words)
            let room = Rect(
                x: 0, y: 0, width: (rect.width + 1) / columns - 1, height: rect.height / lines - below)
            guard best == nil || room.width >= least, room.width > 0, room.height > 0 else { continue }
            let size = imageRect(shape, in: room)
            if best == nil || size.width * size.height > best!.size.width * best!.size.height {
                best = (columns, lines, size)
            }
        }
        let (columns, lines, size) = best ?? (1, 1, Rect(x: 0, y: 0, width: 0, height: 0))
        (self.columns, self.lines, self.rect) = (columns, lines, rect)
        (width, height) = (size.width, size.height)
        let below = lines == 1 ? words : max(1, words)
        // The room that is left is shared by what stands between them.
        let spare = (
            max(0, rect.width - columns * max(least, size.width)) / columns,
            max(0, rect.height - lines * (size.height + below)) / lines
        )
        step = (max(least, size.width) + min(4, max(1, spare.0)), size.height + below + min(1, spare.1))
    }

    func place(_ index: Int) -> Rect {
        Rect(
            x: rect.x + index % columns * step.x, y: rect.y + index / columns * step.y, width: width, height: height)
    }

    /// A picture's place with its words.
    func whole(_ index: Int) -> Rect {
        let place = place(index)
        return Rect(x: place.x, y: place.y, width: step.x - 1, height: step.y)
    }
}
