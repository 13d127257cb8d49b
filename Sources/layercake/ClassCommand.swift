import ArgumentParser
import Basics
import PlaygroundUI
import Session

struct ClassCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "class",
        abstract: "A class on one machine: students join, the teacher sees where each of them is.",
        discussion: """
            NAME is a word, whose folder is /var/tmp/layercake-class-NAME, or a path with a slash. There is no server: the \
            playgrounds write files, and the system's permissions hold. The folder is the teacher's and sticky (mode 1777): \
            everyone may add files, nobody but their owner and the teacher may take them away. A student's two files are \
            named by the number of the user and are the student's own: a report (lesson, step, epoch, loss) and the \
            experiment with its weights. Everyone on the machine can read them (mode 644), nobody else can write them; links \
            are refused.
            """,
        subcommands: [Start.self, Join.self, Watch.self, Leave.self, End.self], defaultSubcommand: Watch.self)

    struct Start: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Begin a class: makes its folder.")
        @OptionGroup var target: ClassName

        func run() throws {
            let folder = try target.folder()
            try folder.start()
            print("class \(folder.name) has begun in \(folder.path)")
            print(
                "students come in by 'layercake class join \(folder.name)'; 'layercake class \(folder.name)' shows them"
            )
        }
    }

    struct Join: ParsableCommand, DeviceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Open the playground in a class: the teacher sees where you are, and may open your experiment.",
            discussion: """
                Others on this machine can read your report and your experiment as well. 'layercake class leave NAME' takes \
                both away.
                """)
        @OptionGroup var target: ClassName
        @OptionGroup var source: OptionalExperimentOptions
        @Flag(help: "Start paused.")
        var paused = false
        @OptionGroup var screen: ScreenOptions

        var place: DeviceOption { screen.place }

        func run() throws {
            let folder = try target.folder()
            let teacher = ClassFolder.userName(try folder.owner())
            let opened = try source.open()
            try opened.naming { try opened.experiment.checkMemory() }
            let reporter = try ClassReporter(folder, .first(opened.experiment))
            try screen.play(
                Session(opened), weights: opened.weights, kept: opened.kept, in: .own, paused: paused,
                classroom: .student(reporter, teacher: teacher))
        }
    }

    struct Watch: ParsableCommand, DeviceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show where each student is: ⏎ opens an experiment, F4 leads back to the list.")
        @OptionGroup var target: ClassName
        @Flag(name: .customLong("print"), help: "Print the list once, without a screen.")
        var prints = false
        @OptionGroup var screen: ScreenOptions

        var place: DeviceOption { screen.place }

        func run() throws {
            let folder = try target.folder()
            try folder.owner()
            if prints {
                let list = ClassList(name: folder.name, members: folder.members())
                print(list.members.isEmpty ? "nobody yet" : list.lines(width: 100).joined(separator: "\n"))
                return print(list.summary)
            }
            try screen.play(Session(.standard), paused: true, classroom: .teacher(folder))
        }
    }

    struct Leave: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take your own report and experiment out of a class.")
        @OptionGroup var target: ClassName

        func run() throws {
            let folder = try target.folder()
            try folder.owner()
            folder.leave()
        }
    }

    struct End: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a class: removes its folder with all reports and experiments in it.")
        @OptionGroup var target: ClassName

        func run() throws {
            let folder = try target.folder()
            let left = try folder.end()
            print("class \(folder.name) is over" + (left.map { "; \($0)" } ?? ""))
        }
    }
}

/// NAME of a class.
struct ClassName: ParsableArguments {
    @Argument(help: "A word, or the path of the class's folder.", completion: .directory)
    var name: String

    func folder() throws(ExperimentError) -> ClassFolder { try ClassFolder(named: name) }
}
