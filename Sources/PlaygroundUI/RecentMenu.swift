import Basics
import Session
import TerminalKit

extension RecentFolder {
    /// The user's own, in the folder for what the program keeps by itself; nil: there is none.
    public static var own: RecentFolder? { FilePath.stateFolder.map { RecentFolder($0 + "/recent") } }
}

extension RecentExperiment {
    /// "epoch 1,240, loss 0.021, 5 minutes ago".
    public var details: String {
        if isDamaged { return "damaged, \(ageWords)" }
        var words = ["epoch \(formatCount(epoch))"]
        if let loss { words.append("loss \(formatNumber(loss, digits: 3))") }
        words.append(isOpen ? "open elsewhere" : ageWords)
        return words.joined(separator: ", ")
    }

    private var ageWords: String {
        let minutes = Int(bounded: age / 60)
        if minutes < 1 { return "just now" }
        if minutes < 120 { return "\(plural(minutes, "minute")) ago" }
        let hours = minutes / 60
        return hours < 48 ? "\(hours) hours ago" : "\(hours / 24) days ago"
    }
}

extension MenuPopup {
    /// The experiments that were open.
    static func recent(_ experiments: [RecentExperiment]) -> MenuPopup {
        MenuPopup(
            menu: Menu(
                title: "Recent", items: experiments.map { MenuItem(visibleText($0.title), detail: $0.details) }),
            stories: experiments.map {
                if $0.isDamaged {
                    return "The file cannot be read, and nothing is done with it: \(visibleText($0.path))"
                }
                return $0.isOpen
                    ? "Another playground has it open: this one goes on with a copy of what was kept last."
                    : "Opens with its weights as they were, paused or training as now. \(visibleText($0.path))"
            },
            chosen: { app, index in app.outbox.append(.open(experiments[index].path)) })
    }
}

extension App {
    static let openRecent = Command(
        "file.recent", "open again what was open: the experiment with its weights", hint: "recent", keys: ["ctrl-r"],
        disabled: { $0.recent == nil ? "nothing is kept here" : nil }
    ) { app in
        let own = app.keptPath
        let experiments = (app.recent?.experimentsAndDamaged ?? []).filter { $0.path != own }
        if experiments.isEmpty {
            app.notice = "no experiment has been kept yet"
        } else {
            app.popup = MenuPopup.recent(experiments)
        }
    }

    /// Says that the experiment that was open last can be opened again.
    mutating func offerRecent() {
        guard let last = recent?.experiments(most: 1).first, !last.isOpen else { return }
        notice = Notice("\(label("file.recent")) opens again: \(visibleText(last.title)), \(last.details)")
    }
}
