import Basics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The folder through which the playgrounds of a class on one machine tell the teacher's where they are: files and the
/// system's permissions, no server.
///
/// It belongs to the teacher and is sticky (mode 1777): everyone may add files, and only a file's owner and the teacher may
/// take one away. A student has two files, named by the number of the user: the report, and the experiment with its weights.
/// They belong to the student and are not writable by others (mode 644). A file counts only when its owner is the user of its
/// name, and when it is no link: nobody can speak for another, nor have another's files read.
public struct ClassFolder: Sendable, Hashable {
    public let path: String
    /// The word by which messages call it.
    public let name: String

    static let mode: mode_t = 0o1777
    static let fileMode: mode_t = 0o644
    /// A file of the teacher's that tells a class from any other folder.
    static let marker = ".layercake-class"
    static let draftSuffix = ".part"
    static let reportSuffix = ".json"
    static let experimentSuffix = ".safetensors"
    /// The most bytes that are read of a report, and of an experiment.
    static let mostReportBytes = 64 << 10
    static let mostExperimentBytes = 64 << 20

    /// - Parameter name: a word, whose folder lies in /var/tmp, or a path with a slash.
    public init(named name: String) throws(ExperimentError) {
        self.name = name
        if name.contains("/") {
            path = FilePath.absolute(FilePath.expanded(name))
            return
        }
        let isWord = name.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || "0123456789-_".unicodeScalars.contains($0))
        }
        guard isWord, (1...40).contains(name.utf8.count) else {
            throw ExperimentError(
                .arguments, place: "NAME",
                message: "expected a word of letters, digits, - and _, or the path of a folder, found \(quoted(name))")
        }
        path = "/var/tmp/layercake-class-" + name
    }

    // MARK: The teacher's

    /// Makes the folder.
    public func start() throws(ExperimentError) {
        guard mkdir(path, 0o700) == 0 else {
            if errno == EEXIST {
                // One that was cut off while it was made.
                if isUnfinished { return try finish() }
                let owner = try owner()
                throw ExperimentError(
                    .unwritable, place: path,
                    message: owner == getuid()
                        ? "this class has begun already: 'layercake class \(name)' shows it, 'layercake class end \(name)' ends it"
                        : "is there already and belongs to \(Self.userName(owner)); choose another name")
            }
            throw SavedFile.unwritable(path, SavedFile.reason(errno))
        }
        try finish()
    }

    /// Whether it is the user's own empty folder that nobody else can enter.
    private var isUnfinished: Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode == S_IFDIR | 0o700 && status.st_uid == getuid()
            && names.allSatisfy { $0 == Self.marker }
    }

    private func finish() throws(ExperimentError) {
        let file = open("\(path)/\(Self.marker)", O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, Self.fileMode)
        guard file >= 0 else { throw SavedFile.unwritable(path, SavedFile.reason(errno)) }
        close(file)
        // The user's mask takes bits away.
        guard chmod(path, Self.mode) == 0 else { throw SavedFile.unwritable(path, SavedFile.reason(errno)) }
    }

    /// Removes the folder with all reports and experiments in it.
    public func end() throws(ExperimentError) {
        let owner = try owner()
        guard owner == getuid() else {
            throw ExperimentError(
                .unwritable, place: path, message: "this class is \(Self.userName(owner))'s, who alone can end it")
        }
        // Playgrounds that still run may write meanwhile.
        for _ in 0..<3 {
            for name in names where name != Self.marker {
                if unlink("\(path)/\(name)") != 0 { rmdir("\(path)/\(name)") }
            }
            guard names.allSatisfy({ $0 == Self.marker }) else { continue }
            unlink("\(path)/\(Self.marker)")
            if rmdir(path) == 0 { return }
        }
        let left = names.filter { $0 != Self.marker }.sorted()
        guard let first = left.first else { throw SavedFile.unwritable(path, SavedFile.reason(errno)) }
        throw ExperimentError(
            .unwritable, place: path,
            message: "the reports are gone, but \(quoted(first))\(left.count > 1 ? " and \(left.count - 1) more" : "") "
                + "cannot be removed, or is still written; remove it, and then the folder")
    }

    // MARK: Everyone's

    /// The user whose class it is.
    /// - Throws: that there is no such folder, or that files in it would not be safe.
    @discardableResult
    public func owner() throws(ExperimentError) -> uid_t {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            throw ExperimentError(
                .missing, place: path,
                message: "there is no class \(quoted(name)); the teacher begins it by 'layercake class start \(name)'")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw ExperimentError(.malformed, place: path, message: "is no folder, so no class")
        }
        guard status.st_mode & S_ISVTX != 0 else {
            throw ExperimentError(
                .malformed, place: path,
                message: "is not sticky, so others could replace your files; 'layercake class start' makes one that is")
        }
        var marker = stat()
        guard lstat("\(path)/\(Self.marker)", &marker) == 0, marker.st_mode & S_IFMT == S_IFREG,
            marker.st_uid == status.st_uid
        else {
            throw ExperimentError(
                .malformed, place: path, message: "is a folder, but no class; 'layercake class start' makes one")
        }
        return status.st_uid
    }

    /// The user whose file it is by its name; nil: it is none of a class.
    static func user(of name: String) -> uid_t? {
        let isDraft = name.hasPrefix(".") && name.hasSuffix(draftSuffix)
        guard let user = uid_t(name.drop { isDraft && $0 == "." }.prefix { $0 != "." }) else { return nil }
        let isOwn = name == reportName(user) || name == experimentName(user) || isDraft && name.hasPrefix(".\(user).")
        return isOwn ? user : nil
    }

    /// The user's name, else the number.
    public static func userName(_ id: uid_t) -> String {
        var (entry, found) = (passwd(), nil as UnsafeMutablePointer<passwd>?)
        var buffer = [CChar](repeating: 0, count: 16384)
        guard getpwuid_r(id, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name else {
            return "user \(id)"
        }
        return visibleText(String(cString: name))
    }

    public static func reportName(_ user: uid_t) -> String { "\(user)\(reportSuffix)" }
    public static func experimentName(_ user: uid_t) -> String { "\(user)\(experimentSuffix)" }

    /// Writes one of the user's own files: beside the one before, then in its place.
    func write(_ bytes: [UInt8], as name: String) throws(ExperimentError) {
        // Nobody can know its name beforehand and take it.
        let draft = "\(path)/.\(getuid()).\(UInt64.random(in: .min ... .max))\(Self.draftSuffix)"
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw unwritable(name, errno) }
        var failure = SavedFile.write(bytes, to: file)
        if failure == nil, fchmod(file, Self.fileMode) != 0 { failure = errno }
        close(file)
        // Never follows a link that another has put in its place: the name itself is replaced.
        if failure == nil, rename(draft, "\(path)/\(name)") != 0 { failure = errno }
        guard let failure else { return }
        unlink(draft)
        throw unwritable(name, failure)
    }

    private func unwritable(_ name: String, _ code: Int32) -> ExperimentError {
        switch code {
        case ENOENT: ExperimentError(.missing, place: path, message: "this class is over")
        case EPERM, EACCES:
            ExperimentError(
                .unwritable, place: "\(path)/\(name)",
                message: "another user has put a file there; the teacher's playground removes it")
        default: SavedFile.unwritable("\(path)/\(name)", SavedFile.reason(code))
        }
    }

    /// Says that the user is still there: the time of the report is now.
    /// - Returns: whether the report is there.
    func touch(_ name: String) -> Bool {
        let file = open("\(path)/\(name)", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        return futimens(file, nil) == 0
    }

    /// Removes the user's own files.
    public func leave() {
        for name in names where Self.user(of: name) == getuid() { unlink("\(path)/\(name)") }
    }

    // MARK: Reading

    /// A file of a user; nil: there is none, or it is not the user's own.
    func read(_ name: String, of user: uid_t, most: Int) -> (bytes: [UInt8], time: Double)? {
        let file = open("\(path)/\(name)", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, Self.isOwn(status, user), status.st_size <= most else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes {
                pread(file, $0.baseAddress! + count, $0.count - count, off_t(count))
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return nil }
            count += got
        }
        return (bytes, Self.time(status))
    }

    /// A regular file of the user's, under one name.
    private static func isOwn(_ status: stat, _ user: uid_t) -> Bool {
        status.st_mode & S_IFMT == S_IFREG && status.st_uid == user && status.st_nlink == 1
    }

    private static func time(_ status: stat) -> Double {
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// The students, by their names. Files that are not their owner's by name are removed where this user is the teacher.
    public func members() -> [ClassMember] {
        removeForeign()
        return names.compactMap { name -> ClassMember? in
            guard let user = Self.user(of: name), name == Self.reportName(user),
                let file = read(name, of: user, most: Self.mostReportBytes),
                let json = try? JSON(parsing: String(decoding: file.bytes, as: UTF8.self))
            else { return nil }
            var status = stat()
            let isThere =
                lstat("\(path)/\(Self.experimentName(user))", &status) == 0 && Self.isOwn(status, user)
            return ClassMember(
                user: user, name: Self.userName(user), report: ClassReport(json), time: min(file.time, ClassMember.now),
                hasExperiment: isThere)
        }.sorted { ($0.name, $0.user) < ($1.name, $1.user) }
    }

    /// A copy of a student's experiment that is the teacher's own, as it was when it was kept last.
    /// - Parameter copy: the path to write; nobody else may read it.
    public func copyExperiment(of user: uid_t, to copy: String) throws(ExperimentError) {
        guard let file = read(Self.experimentName(user), of: user, most: Self.mostExperimentBytes) else {
            throw ExperimentError(
                .missing, place: Self.userName(user), message: "has kept no experiment yet, or it cannot be read")
        }
        var checkpoint = try Checkpoint(file.bytes, path: Self.userName(user))
        // Its name is a path of the student's, and none of the teacher's.
        checkpoint.file.metadata["open.name"] = nil
        FilePath.makeFolder(FilePath.directory(copy))
        try SavedFile.write(checkpoint.file.bytes, to: copy)
        chmod(copy, 0o600)
    }

    private func removeForeign() {
        var folder = stat()
        guard lstat(path, &folder) == 0, folder.st_uid == getuid() else { return }
        for name in names {
            guard let user = Self.user(of: name) else { continue }
            var status = stat()
            guard lstat("\(path)/\(name)", &status) == 0, !Self.isOwn(status, user) else { continue }
            if unlink("\(path)/\(name)") != 0 { rmdir("\(path)/\(name)") }
        }
    }

    private var names: [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
