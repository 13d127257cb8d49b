import ArgumentParser
import Basics
import Session
import TerminalKit

struct TimelineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "timeline",
        abstract: "Print the history of neural networks from 1943 to 2016, each event with its preset.")

    func run() throws {
        print(Milestone.all.map(Self.text).joined(separator: "\n\n"))
    }

    private static func text(_ event: Milestone) -> String {
        let indent = String(repeating: " ", count: 6)
        let lines = wrapText(event.text, columns: 72) + wrapText("“\(event.source)”", columns: 72)
        return
            (["\(event.year)  \(event.title) (\(event.people))"]
            + (lines + ["layercake \(event.preset)\(event.with.map { " --set \($0)" } ?? "")"]).map { indent + $0 })
            .joined(separator: "\n")
    }
}
