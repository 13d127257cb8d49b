import Session

/// A source that is being opened, networks that are being planned and data that are being read, while keys are answered.
struct Reading: Sendable {
    /// The source that is being opened, as it was asked for.
    var source: String?
    /// The networks side by side that are being planned: "the atlas".
    var grid: String?
    /// The data that are being read for the present experiment.
    var data: DataLoading?

    /// The work under way in words.
    /// - Parameters:
    ///   - canUndo: undo brings the data before back.
    ///   - isBusy: a popup is open or a value is being typed, where only the opening is said.
    ///   - label: the key of a command.
    func progress(canUndo: Bool, isBusy: Bool, label: (String) -> String) -> Notice? {
        if let source { return Notice("opening \(source); \(label("app.back")) cancels") }
        if let grid { return Notice("planning the networks of \(grid); \(label("app.back")) cancels") }
        guard let data, !isBusy else { return nil }
        if data.isInitial {
            return Notice(
                "training \(data.name) first: \(data.percent) %; \(label("app.back")) starts from drawn weights")
        }
        return Notice(
            "reading \(data.name): \(data.percent) %; every edit cancels it, \(canUndo ? "\(label("edit.undo")) goes back" : "\(label("app.quit")) quits")"
        )
    }
}
