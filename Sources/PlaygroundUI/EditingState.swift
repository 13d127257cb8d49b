import Engine
import Session
import TerminalKit

/// The rows of the editing panels, and where their cursors and lists stand.
struct EditingState: Sendable {
    /// Made anew after every event that changes them.
    private(set) var rows: [PanelID: [EditorRow]] = [:]
    /// The selected row of each panel.
    var selection: [PanelID: Int] = [:]
    /// A value being typed into the selected row.
    var typing: TextField?
    /// The edit that was refused last, with the settings with which it fits; nil: none was, or none is known.
    var mended: Action?
    /// The panel of the data or of the network in front where only one fits.
    var side = Panel.network.id
    /// The first row that is shown of each list, and of the stack the first layer.
    var scrolls: [PanelID: Int] = [:]
    /// The first dataset of which a picture is shown.
    var firstPicture = 0
    /// The first unit that is shown of each layer of the stack.
    var firstUnits: [LayerPath: Int] = [:]
    /// The document's `data` of each dataset with a file that was there, for the way back to it.
    var filed: [String: JSON] = [:]

    func selectedRow(of panel: PanelID) -> EditorRow? {
        guard let list = rows[panel], let place = selection[panel], list.indices.contains(place) else { return nil }
        return list[place]
    }

    /// Keeps every selection within its rows.
    /// - Parameter maker: makes the rows anew; nil: they are as they were.
    mutating func refresh(from maker: EditorRows?) {
        for panel in Panel.editors {
            guard let editor = panel.editor else { continue }
            if let maker { rows[panel.id] = editor.rows(maker) }
            let list = rows[panel.id] ?? []
            selection[panel.id] = min(max(0, selection[panel.id] ?? editor.firstRow(list)), max(0, list.count - 1))
        }
    }

    mutating func moveSelection(of panel: PanelID, by delta: Int) {
        guard let list = rows[panel], !list.isEmpty else { return }
        selection[panel] = min(max(0, (selection[panel] ?? 0) + delta), list.count - 1)
    }

    /// Moves by one line where several rows stand side by side.
    mutating func moveSelection(of panel: PanelID, lines: Int, columns: Int) {
        guard let list = rows[panel], let place = selection[panel] else { return }
        let target = place + lines * columns
        if list.indices.contains(target) {
            selection[panel] = target
        } else if lines > 0 {
            selection[panel] = list.count - 1
        }
    }

    /// How many rows of a list are scrolled away at its top: as many as before as long as the selected one is seen, so
    /// that a row does not leave its place under the mouse.
    func scroll(of panel: PanelID, selected: Int, visible: Int, count: Int) -> Int {
        guard count > visible, visible > 0 else { return 0 }
        let present = min(scrolls[panel] ?? 0, count - visible)
        return max(0, min(max(present, selected - visible + 1), selected))
    }

    /// Remembers how far a list is scrolled.
    mutating func keepScroll(of panel: PanelID, _ place: Panel.RowList) {
        guard let list = rows[panel] else { return }
        scrolls[panel] = scroll(
            of: panel, selected: ((selection[panel] ?? 0) - place.first) / place.columns, visible: place.rect.height,
            count: (list.count - place.first + place.columns - 1) / place.columns)
    }
}
