import Basics
import Testing

@testable import Session

@Suite("Where experiments come from")
struct ExperimentSourceTests {
    @Test("nothing is the standard experiment, a preset its own")
    func presets() throws {
        #expect(try ExperimentSource.open(nil).experiment == .standard)
        let xor = try ExperimentSource.open("xor")
        #expect(xor.name == "xor")
        #expect(xor.experiment.data.dataset.id == "xor")
    }

    @Test("a file's data files are relative to its folder")
    func files() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Experiment.standard.json.text(), to: "mine.json")
        let source = try ExperimentSource.open(path)
        #expect(source.experiment == .standard)
        #expect(source.name == path)
        #expect(source.directory == folder.path)
        #expect(FilePath.directory("mine.json") == ".")
        #expect(FilePath.directory("/mine.json") == "/")
    }

    @Test("a file that holds one link is opened as the link is; mistakes in it name the file")
    func linkFile() throws {
        let folder = try TemporaryFolder()
        let link = "https://playground.tensorflow.org/#activation=relu&dataset=xor&networkShape=3,2&seed=0.5"
        let path = try folder.write("\(link)\n\n", to: "mine.json")
        let source = try ExperimentSource.open(path)
        #expect(source.experiment == (try ExperimentSource.open(link).experiment) && source.name == path)
        let saved = try folder.write(PlaygroundLink.pageLink(for: source.experiment).address + "\r\n", to: "saved.json")
        #expect(try ExperimentSource.open(saved).experiment.layers == source.experiment.layers)
        let bad = try folder.write("https://playground.tensorflow.org/#nonsense=5\n", to: "bad.json")
        #expect(
            #expect(throws: ExperimentError.self) { try ExperimentSource.open(bad) }?.place.contains("bad.json") == true
        )
    }

    @Test("a copy in another folder finds the data where they are, one in the same folder keeps the short path")
    func copies() throws {
        let (home, other) = (try TemporaryFolder(), try TemporaryFolder())
        try home.write("a,b,kind\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n", to: "points.csv")
        let text = #"{"data": {"dataset": "csv", "file": "points.csv"}, "layers": []}"#
        let source = try ExperimentSource.open(try home.write(text, to: "mine.json"))
        #expect(source.experiment.saved(to: home.path + "/again.json", from: source.directory) == source.experiment)
        let session = Session(source.experiment, name: source.name, directory: source.directory)
        let path = other.path + "/copy.json"
        let copy = try ExperimentSource.open(try other.write(session.text(savedTo: path), to: "copy.json"))
        let data = try Trainer(copy.experiment, directory: copy.directory).data
        #expect(data.columns.map(\.name) == ["a", "b"])
    }

    @Test("a checkpoint opens as the experiment that it holds, with its weights")
    func checkpoint() throws {
        let (home, other) = (try TemporaryFolder(), try TemporaryFolder())
        try home.write("a,b,kind\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n", to: "points.csv")
        let text = #"{"data": {"dataset": "csv", "file": "points.csv"}, "layers": [{"dense": {"units": 3}}]}"#
        let source = try ExperimentSource.open(try home.write(text, to: "mine.json"))
        let trainer = try Trainer(source.experiment, directory: source.directory)
        for _ in 0..<5 { _ = trainer.epoch() }
        let path = other.path + "/weights.safetensors"
        try trainer.checkpoint(for: path).write(to: path)
        let opened = try ExperimentSource.open(path)
        #expect(opened.weights == path)
        let again = try Trainer(opened.experiment, directory: opened.directory)
        try again.restore(Checkpoint(readingFrom: path))
        #expect(again.procedure.parameters == trainer.procedure.parameters && again.procedure.epoch == 5)
    }

    @Test("a link is read as a link")
    func links() throws {
        #expect(try ExperimentSource.open("#dataset=xor").experiment.data.dataset.id == "xor")
    }

    @Test("mistakes say which file, where in it, and what to do")
    func mistakes() throws {
        let folder = try TemporaryFolder()
        func check(_ argument: String, _ kind: ExperimentError.Kind, _ place: String, _ message: String) {
            let error = #expect(throws: ExperimentError.self) { try ExperimentSource.open(argument) }
            #expect(error?.kind == kind)
            #expect(error?.place == place)
            #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        }
        let broken = try folder.write("{\n  \"data\": }", to: "broken.json")
        check(broken, .malformed, "\(broken):2:11", "expected a value")
        let wrong = try folder.write(#"{"data": {"dataset": "circle", "nois": 1}, "layers": []}"#, to: "wrong.json")
        check(wrong, .malformed, "\(wrong): data.nois", "did you mean “noise”?")
        let unsound = try folder.write(
            #"{"data": {"dataset": "circle"}, "layers": ["dense"], "training": {"rule": "delta"}}"#, to: "unsound.json")
        check(unsound, .malformed, "\(unsound): training.rule", "single layer")
        check("nowhere.json", .missing, "nowhere.json", "no such file")
        check(folder.path, .missing, folder.path, "folder")
        check("xro", .missing, "xro", "did you mean “xor”?")
        check("zzzzzzzz", .missing, "zzzzzzzz", "layercake presets")
    }

    @Test("the user's own presets stand in the menu, broken ones with what is wrong")
    func userPresets() throws {
        let folder = try TemporaryFolder()
        var mine = Experiment.standard
        (mine.title, mine.story) = ("Mine", "My story.")
        let path = try folder.write(mine.json.text(), to: "mine.json")
        try folder.write("{", to: "a-broken.json")
        let presets = Preset.userPresets(in: folder.path)
        #expect(presets.map(\.name) == ["a-broken", "mine"])
        #expect(presets[1].title == "Mine")
        #expect(presets[1].story == "My story.")
        #expect(presets[1].path == path)
        #expect(presets[0].story.contains("cannot be read: 1:2"))
        #expect(Preset.userPresets(in: "/nowhere/at/all").isEmpty)
    }
}
