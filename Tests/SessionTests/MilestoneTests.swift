import Testing

@testable import Session

@Suite("The timeline")
struct MilestoneTests {
    @Test("it runs from 1943 to 2016, and the years ascend")
    func years() {
        let years = Milestone.all.map(\.year)
        #expect(years.first == 1943 && years.last == 2016)
        #expect(zip(years, years.dropFirst()).allSatisfy(<=))
        #expect(years.count >= 40 && Set(Milestone.all.map(\.title)).count == years.count)
    }

    @Test("every event opens its preset, with the setting that shows it")
    func presets() throws {
        for event in Milestone.all {
            let source = try event.experiment()
            #expect(source.name == event.preset)
            try source.experiment.validate()
            let preset = try ExperimentSource.open(event.preset)
            #expect((source.experiment != preset.experiment) == (event.with != nil), "\(event.title)")
            #expect(Preset.all.contains { $0.name == event.preset && $0.path == nil }, "\(event.preset)")
        }
    }

    @Test("every event has two or three sentences, people, a source, and a title that fits")
    func texts() {
        for event in Milestone.all {
            let sentences = event.text.split(separator: ". ").count
            #expect((1...4).contains(sentences) && event.text.count >= 80 && event.text.count <= 320, "\(event.title)")
            #expect([".", "?"].contains(event.text.suffix(1)), "\(event.title)")
            #expect(!event.people.isEmpty && !event.source.isEmpty)
            #expect(event.title.count <= 26, "\(event.title)")
        }
        #expect(Set(Milestone.all.map(\.branch)) == Set(Milestone.Branch.allCases))
    }
}
