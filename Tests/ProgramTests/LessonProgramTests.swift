import Foundation
import Testing

@Suite("Lists of lessons in the locale's language")
struct LessonProgramTests {
    @Test("the list of the playground and layercake learn have German titles and progress")
    func german() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path("layercake"), withIntermediateDirectories: true)
        _ = try folder.write(
            #"{"version":1,"lessons":{"neuron-line":{"step":2,"done":[0,1]}}}"#, as: "layercake/lessons.json")
        let home = folder.url.path
        func run(_ arguments: String..., locale: String) throws -> String {
            let result = try Program.run(
                arguments, environment: ["LC_ALL": locale, "XDG_STATE_HOME": home, "XDG_CONFIG_HOME": home])
            #expect(result.status == 0, "\(result.errors)")
            return result.output
        }
        let list = try run("learn", locale: "de_DE.UTF-8")
        #expect(list.hasPrefix("neuron: Ein Neuron, 0 von 8 Lektionen geschafft\n"))
        #expect(list.contains(#/neuron-line +Eine Gerade in der Ebene +Schritt 3 von 5/#))
        #expect(list.contains(#/layers-bend +The layer bends the plane +3 Schritte/#))
        let screen = try run("show", "circle", "--keys", "F2", "--size", "80x24", locale: "de_DE.UTF-8")
        #expect(screen.contains(#/Ein Neuron 1: An oder aus +5 Schritte/#), "\(screen)")
        #expect(screen.contains(#/Ein Neuron 2: Eine Gerade in der Ebene +Schritt 3 von 5/#))
        let english = try run("show", "circle", "--keys", "F2", "--size", "80x24", locale: "C.UTF-8")
        #expect(english.contains(#/One neuron 1: On or off +5 steps/#))
    }
}
