import Basics

extension ClassFolder {
    /// Opens a copy of a student's experiment, in a folder of the teacher's own.
    public func opened(_ user: UInt32) throws(ExperimentError) -> ExperimentSource {
        guard let own = FilePath.stateFolder else {
            throw ExperimentError(.unwritable, place: "HOME", message: "is not set, so there is no folder for a copy")
        }
        let copy = "\(own)/class/\(Self.userName(user))\(Self.experimentSuffix)"
        let words = try copyExperiment(of: user, to: copy)
        var source = try ExperimentSource.open(copy)
        (source.words, source.isAnothers) = (words, true)
        return source
    }
}

extension ExperimentOpening {
    /// Opens a copy of a student's experiment.
    /// - Parameter done: called from its thread at the end.
    public convenience init(of user: UInt32, in folder: ClassFolder, done: @escaping @Sendable () -> Void) {
        self.init("opener", done: done) { _ in
            Result<OpenedSource, ExperimentError> { () throws(ExperimentError) in .experiment(try folder.opened(user)) }
        }
    }
}

extension Experiment {
    /// The files that the experiment or one of its variants reads, as it names them.
    public var namedFiles: [String] {
        var files: [String] = []
        func add(_ experiment: Experiment) {
            var named = [experiment.initial.file]
            if case .text(let file)? = experiment.data.dataset.knobs["file"] { named.append(file) }
            files += named.filter { !$0.isEmpty && !files.contains($0) }
        }
        add(self)
        for variant in compare {
            var changed = self
            for member in variant.set { changed = (try? changed.setting(member.key, to: member.value)) ?? changed }
            add(changed)
        }
        return files
    }
}
