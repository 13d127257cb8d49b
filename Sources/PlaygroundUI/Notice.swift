import Session

/// A line of news.
public struct Notice: Sendable, Hashable, ExpressibleByStringInterpolation {
    public var text: String
    public var bad: Bool
    public init(_ text: String, bad: Bool = false) {
        self.text = text
        self.bad = bad
    }
    public init(stringLiteral text: String) { self.init(text) }
}

/// The line of news on the screen: until the next key, and for some seconds at most unless it is bad.
struct NoticeLine: Sendable {
    private(set) var notice: Notice?
    /// All that have been shown, the newest last.
    private(set) var past: [Notice] = []
    private var since = 0.0

    private static let mostPast = 50

    private static let seconds = 2.0
    private static let charactersPerSecond = 25.0

    mutating func show(_ notice: Notice?, at time: Double) {
        (self.notice, since) = (notice, time)
        guard let notice, notice != past.last else { return }
        past = past.suffix(Self.mostPast - 1) + [notice]
    }

    /// Takes the line away once it has been read.
    /// - Parameter coversPanel: it stands over a panel, which it is not to hide for long.
    mutating func expire(at time: Double, coversPanel: Bool) {
        guard let notice, !notice.bad else { return }
        let reading = Double(notice.text.count) / Self.charactersPerSecond
        if time - since > Self.seconds + (coversPanel ? min(4, reading) : reading) { self.notice = nil }
    }
}

extension Snapshot {
    /// The news of it for the user; nil: nothing that was not so before.
    /// - Parameter reset: the key that starts again; nil: the lesson goes without it.
    func news(since before: Snapshot?, reset: String?) -> Notice? {
        if let notes, notes != before?.notes { return Notice(notes) }
        if case .finished(let reason) = state, before?.state != state {
            return Notice("finished: \(reason)" + (reset.map { "; \($0) starts again" } ?? ""))
        }
        return message.flatMap { $0 != before?.message ? Notice($0, bad: messageIsMistake) : nil }
    }

    /// The guesses that were made of a table, under its name, and notes on the network with its samples.
    private var notes: String? {
        let table = data.report?.notes.joined(separator: "; ") ?? ""
        let notes =
            (table.isEmpty ? [] : ["\(experiment.dataName): \(table)"])
            + experiment.notes(on: data, for: outline)
        return notes.isEmpty ? nil : notes.joined(separator: "; ")
    }
}
