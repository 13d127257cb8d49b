import TerminalKit

/// The box of a menu on the screen.
struct MenuPlace {
    let rect: Rect
    /// The part of the box that the menu draws; the story of the selected item stands below it.
    let list: Rect

    init(of popup: MenuPopup, in app: App) {
        let screen = app.popupRoom
        let menu = popup.menu
        let story: Int
        if popup.find != nil {
            // It keeps its place whatever is found.
            rect = centredRect(width: min(84, screen.width - 4), height: screen.height - 2, in: screen)
            story = 5
        } else {
            let longest = menu.items.map { columnWidth($0.title) + columnWidth($0.detail) + 8 }.max() ?? 20
            let width = min(screen.width - 4, max(popup.stories.isEmpty ? 36 : 56, longest))
            story = popup.stories.map { wrapText($0, columns: width - 4).count }.max().map { min(7, $0 + 1) } ?? 0
            let height = min(screen.height - 2, menu.items.count + (menu.filterable ? 4 : 2) + story)
            rect = centredRect(width: width, height: height, in: screen)
        }
        list = Rect(x: rect.x, y: rect.y, width: rect.width, height: max(4, rect.height - story))
    }
}
