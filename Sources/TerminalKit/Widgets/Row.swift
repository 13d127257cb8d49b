/// The styles of a list's rows.
public struct RowStyles: Sendable, Hashable {
    public var label: Style
    public var value: Style
    /// Its background covers the whole row.
    public var selectedLabel: Style
    public var selectedValue: Style
    public init(label: Style, value: Style, selectedLabel: Style, selectedValue: Style) {
        self.label = label
        self.value = value
        self.selectedLabel = selectedLabel
        self.selectedValue = selectedValue
    }
    public static let plain = RowStyles(
        label: .plain, value: .plain, selectedLabel: Style(reverse: true),
        selectedValue: Style(bold: true, reverse: true))
}

/// Draws one row of settings: the label on the left, the value right-aligned, and on the selected row ◂ ▸ around a value
/// that can be changed. The value stands in the same columns whether selected or not: ` label       ◂ value ▸`.
/// A selected row without such a value begins with ▸.
/// - Parameter changeable: whether ← and → change the value.
public func drawRow(
    into canvas: inout Canvas, x: Int, y: Int, width: Int, label: String, value: String = "", selected: Bool = false,
    changeable: Bool = true, styles: RowStyles = .plain
) {
    if width <= 0 { return }
    let labelStyle = selected ? styles.selectedLabel : styles.label
    let valueStyle = selected ? styles.selectedValue : styles.value
    canvas.fill(Rect(x: x, y: y, width: width, height: 1), with: Cell(" ", labelStyle))
    let columns = min(columnWidth(value), max(0, width - 5))
    let valueX = x + width - 2 - columns
    canvas.write(value, x: valueX, y: y, style: valueStyle, limit: columns)
    let marked = selected && changeable && columns > 0
    if marked {
        canvas.write("◂", x: valueX - 2, y: y, style: valueStyle)
        canvas.write("▸", x: x + width - 1, y: y, style: valueStyle)
    }
    // Without colours the row must still be seen to be selected.
    if selected && !marked { canvas.write("▸", x: x, y: y, style: valueStyle) }
    canvas.write(
        label, x: x + 1, y: y, style: labelStyle, limit: (marked ? valueX - 3 : valueX - 1) - x - (columns > 0 ? 1 : 0))
}
