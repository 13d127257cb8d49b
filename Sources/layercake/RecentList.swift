import ArgumentParser
import Basics
import PlaygroundUI
import Session

struct RecentList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recent",
        abstract: "List the experiments that were open, the last one first; 'layercake PATH' opens one again.",
        discussion: "The playground keeps the open experiment with its weights: on leaving, and every 30 seconds.")

    func run() throws {
        let experiments = RecentFolder.own?.experimentsAndDamaged ?? []
        if experiments.isEmpty { return print("none yet") }
        for experiment in experiments {
            print("\(visibleText(experiment.title)): \(experiment.details)")
            print("  \(visibleText(experiment.path))")
        }
    }
}
