import Foundation
import Testing

@testable import Session

@Suite("A class in a folder")
struct ClassTests {
    private let temporary: TemporaryFolder
    private var base: String { temporary.path }

    init() throws { temporary = try TemporaryFolder() }

    private func folder(_ name: String = "class") throws -> ClassFolder { try ClassFolder(named: "\(base)/\(name)") }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    private func report(_ change: (inout ClassReport) -> Void = { _ in }) -> ClassReport {
        var report = ClassReport()
        report.title = "XOR"
        change(&report)
        return report
    }

    private static func message(_ action: () throws(ExperimentError) -> Void) -> String {
        do throws(ExperimentError) {
            try action()
            return ""
        } catch { return error.description }
    }

    @Test("a word stands for a folder in /var/tmp, a path for itself; other words are refused")
    func names() throws {
        #expect(try ClassFolder(named: "ml-2_b").path == "/var/tmp/layercake-class-ml-2_b")
        #expect(try ClassFolder(named: "/srv/ml").path == "/srv/ml")
        for name in ["", "a b", "ä", "a.b", String(repeating: "a", count: 41)] {
            #expect(throws: ExperimentError.self) { try ClassFolder(named: name) }
        }
    }

    @Test("the folder is sticky whatever the user's mask, and begins once")
    func start() throws {
        let folder = try folder()
        #expect(Self.message { () throws(ExperimentError) in try folder.owner() }.contains("there is no class"))
        try folder.start()
        let owner = try folder.owner()
        #expect(mode(folder.path) == 0o1777 && owner == getuid())
        #expect(Self.message(folder.start).contains("begun already"))
        // One that others could replace files in is refused.
        let open = try self.folder("open")
        try FileManager.default.createDirectory(atPath: open.path, withIntermediateDirectories: true)
        #expect(Self.message { () throws(ExperimentError) in try open.owner() }.contains("not sticky"))
        #expect(throws: ExperimentError.self) { try ClassReporter(open, report()) }
        #expect(try folder.end() == nil)
        #expect(!FileManager.default.fileExists(atPath: folder.path))
    }

    @Test("a student's report is read as it was told, and is the student's own file")
    func reports() throws {
        let folder = try folder()
        try folder.start()
        let reporter = try ClassReporter(folder, report())
        let told = report {
            ($0.epoch, $0.loss, $0.state) = (120, 0.25, .training)
            $0.lesson = ClassReport.Lesson(title: "The line", step: 2, steps: 5, done: 1)
        }
        reporter.tell(told)
        reporter.end(within: 20)
        let member = try #require(folder.members().first)
        #expect(member.user == getuid() && member.report == told && !member.hasExperiment)
        #expect(member.silence(at: member.time + 1) == nil && member.silence(at: member.time + 100) == 100)
        #expect(mode("\(folder.path)/\(getuid()).json") == 0o644)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.filter { $0 != ClassFolder.marker } == ["\(getuid()).json"], "no draft is left")
        folder.leave()
        #expect(folder.members().isEmpty)
    }

    @Test("the experiment opens from a copy of the teacher's own, with its weights")
    func experiment() throws {
        let folder = try folder()
        try folder.start()
        let reporter = try ClassReporter(folder, report())
        let trainer = try Trainer(.standard)
        _ = trainer.epoch()
        let kept = KeptExperiment(Session(.standard, name: "/home/student/own.json"), loss: nil)
        reporter.keep(kept, .network(trainer.checkpoint(for: "\(folder.path)/x")))
        reporter.end(within: 20)
        #expect(reporter.takeFailure() == nil)
        #expect(try #require(folder.members().first).hasExperiment)
        let copy = "\(base)/copies/one.safetensors"
        try folder.copyExperiment(of: getuid(), to: copy)
        #expect(mode(copy) == 0o600)
        let source = try ExperimentSource.open(copy)
        #expect(source.experiment == .standard && source.name == copy, "the student's path is none of the teacher's")
        let other = try Trainer(source.experiment)
        try other.restore(Checkpoint(readingFrom: try #require(source.weights)))
        #expect(other.procedure.epoch == 1 && other.procedure.parameters == trainer.procedure.parameters)
    }

    @Test("a copy says how old it is, and a document without bounds is refused")
    func age() throws {
        let folder = try folder()
        try folder.start()
        let reporter = try ClassReporter(folder, report())
        let trainer = try Trainer(.standard)
        for _ in 0..<3 { _ = trainer.epoch() }
        let kept = KeptExperiment(Session(.standard), loss: nil)
        reporter.keep(kept, .network(trainer.checkpoint(for: "\(folder.path)/x")))
        reporter.end(within: 20)
        let own = "\(folder.path)/\(getuid()).safetensors"
        var times = [timeval(tv_sec: time(nil) - 30, tv_usec: 0), timeval(tv_sec: time(nil) - 30, tv_usec: 0)]
        #expect(utimes(own, &times) == 0)
        let copy = "\(base)/copy.safetensors"
        let words = try folder.copyExperiment(of: getuid(), to: copy)
        #expect(words.contains(#/experiment of 3[0-9] s ago, at epoch 3$/#), "\(words)")
        // The document alone, of a network that is too large.
        let other = try ClassReporter(folder, report())
        other.keep(kept, .tooLarge(bytes: 1 << 30))
        other.end(within: 20)
        #expect(try folder.copyExperiment(of: getuid(), to: copy).hasSuffix("without weights"))
        // A header of more bytes than a document has.
        let length = ClassFolder.mostHeaderBytes + 8
        var bytes = [UInt8](repeating: 0x20, count: 8 + length)
        for place in 0..<8 { bytes[place] = UInt8(truncatingIfNeeded: length >> (8 * place)) }
        (bytes[8], bytes[9]) = (0x7B, 0x7D)
        try Data(bytes).write(to: URL(filePath: own))
        let message = Self.message { () throws(ExperimentError) in try folder.copyExperiment(of: getuid(), to: copy) }
        #expect(message.contains("header of at most"), "\(message)")
    }

    @Test("the files that an experiment names are known, those of its variants too")
    func files() throws {
        #expect(Experiment.standard.namedFiles.isEmpty)
        let document = #"""
            {"data": {"dataset": "csv", "file": "/etc/passwd"}, "layers": [], "initial": {"file": "../w.safetensors"},
             "compare": [{"title": "other", "set": {"data.file": "/dev/tty"}}, {"title": "same", "set": {"seed": 3}}]}
            """#
        let experiment = try Experiment(json: JSON(parsing: document))
        #expect(Set(experiment.namedFiles) == ["/etc/passwd", "../w.safetensors", "/dev/tty"])
    }

    @Test("a name that another has taken keeps nobody out: the newest file of the user's own counts")
    func taken() throws {
        let folder = try folder()
        try folder.start()
        // A folder that is not empty cannot be replaced.
        let own = "\(folder.path)/\(getuid()).json"
        mkdir(own, 0o755)
        try "x".write(toFile: "\(own)/x", atomically: true, encoding: .utf8)
        let reporter = try ClassReporter(folder, report())
        reporter.tell(report { $0.epoch = 7 })
        reporter.end(within: 20)
        #expect(reporter.takeFailure() == nil)
        let name = try #require(folder.newest(ClassFolder.reportSuffix, of: getuid()))
        #expect(name.hasPrefix("\(getuid()).") && name != "\(getuid()).json")
        #expect(ClassFolder.user(of: name) == getuid() && folder.members().map(\.report.epoch) == [7])
        #expect(ClassFolder.user(of: "\(getuid()).07.json") == nil && ClassFolder.user(of: "7.8.9.json") == nil)
        folder.leave()
        #expect(folder.members().isEmpty)
        #expect(try folder.end() == nil)
    }

    @Test("a class that is over and could not be removed is told, and begins again")
    func closed() throws {
        let folder = try folder()
        try folder.start()
        chmod(folder.path, ClassFolder.closedMode)
        #expect(Self.message { () throws(ExperimentError) in try folder.owner() }.contains("over"))
        try folder.start()
        #expect(mode(folder.path) == 0o1777)
    }

    @Test("a sticky folder is no class, and nothing in it is removed; one that was cut off is completed")
    func strange() throws {
        let folder = try folder("strange")
        mkdir(folder.path, 0o777)
        chmod(folder.path, 0o1777)
        let file = "\(folder.path)/mine.txt"
        try "mine".write(toFile: file, atomically: true, encoding: .utf8)
        #expect(Self.message { () throws(ExperimentError) in _ = try folder.end() }.contains("no class"))
        #expect(Self.message(folder.start).contains("no class"))
        #expect(FileManager.default.fileExists(atPath: file))
        let other = try self.folder("half")
        mkdir(other.path, 0o700)
        chmod(other.path, 0o700)
        try other.start()
        #expect(mode(other.path) == 0o1777)
        #expect(try other.end() == nil)
        #expect(!FileManager.default.fileExists(atPath: other.path))
    }

    @Test("links, pipes, files under two names and what is no report are not read, and are taken away")
    func foreign() throws {
        let folder = try folder()
        try folder.start()
        let secret = "\(base)/secret"
        try #"{"title": "secret"}"#.write(toFile: secret, atomically: true, encoding: .utf8)
        let own = "\(folder.path)/\(getuid()).json"
        for make in [{ symlink(secret, own) }, { link(secret, own) }, { mkfifo(own, 0o600) }] {
            #expect(make() == 0)
            #expect(folder.read("\(getuid()).json", of: getuid(), most: 1000) == nil)
            #expect(folder.members().isEmpty && !FileManager.default.fileExists(atPath: own))
        }
        // Names that are numbers in another spelling, folders, and what comes from the future.
        for name in ["+\(getuid()).json", "0\(getuid()).json"] {
            try #"{"title": "twice"}"#.write(toFile: "\(folder.path)/\(name)", atomically: true, encoding: .utf8)
        }
        mkdir(own, 0o755)
        #expect(folder.members().isEmpty && !FileManager.default.fileExists(atPath: own))
        // Another user's name: this user owns the file.
        try #"{"title": "forged"}"#.write(toFile: "\(folder.path)/4242.json", atomically: true, encoding: .utf8)
        #expect(folder.members().isEmpty && !FileManager.default.fileExists(atPath: "\(folder.path)/4242.json"))
        // A link in the place of the user's own file is replaced, not followed.
        symlink(secret, own)
        let reporter = try ClassReporter(folder, report())
        reporter.end(within: 20)
        #expect(try String(contentsOfFile: secret, encoding: .utf8) == #"{"title": "secret"}"#)
        #expect(folder.members().map(\.report.title) == ["XOR"])
        // Control characters and endless texts do no harm; what is no JSON is nobody.
        let text =
            #"{"title": "a\u001b[2Jb\#(String(repeating: "x", count: 500))", "epoch": -3, "loss": "no", "state": 7}"#
        try text.write(toFile: own, atomically: true, encoding: .utf8)
        let title = try #require(folder.members().first).report.title
        #expect(!title.unicodeScalars.contains("\u{1B}") && title.count <= 130)
        try "no json".write(toFile: own, atomically: true, encoding: .utf8)
        #expect(folder.members().isEmpty)
        #expect(throws: ExperimentError.self) {
            try folder.copyExperiment(of: getuid(), to: "\(base)/copy.safetensors")
        }
    }

    @Test("a report that the teacher took away comes again, and a class that is over is told")
    func over() throws {
        let folder = try folder()
        try folder.start()
        let reporter = try ClassReporter(folder, report())
        unlink("\(folder.path)/\(getuid()).json")
        reporter.tell(report { $0.epoch = 1 })
        reporter.end(within: 20)
        #expect(folder.members().map(\.report.epoch) == [1])
        let other = try ClassReporter(folder, report())
        _ = try folder.end()
        other.tell(report { $0.epoch = 2 })
        other.end(within: 20)
        #expect(other.takeFailure()?.description.contains("over") == true)
    }
}
