import Basics
import Engine

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
/// name, and when it is no link: nobody can speak for another, nor have another's files read. Where another user has taken the
/// name, the file gets one that nobody could know; of several the newest counts.
public struct ClassFolder: Sendable, Hashable {
    public let path: String
    /// The word by which messages call it.
    public let name: String

    static let mode: mode_t = 0o1777
    /// Of a folder that is being made, and of a class that is over.
    static let closedMode: mode_t = 0o700
    static let fileMode: mode_t = 0o644
    /// A file of the teacher's that tells a class from any other folder.
    static let marker = ".layercake-class"
    static let draftSuffix = ".part"
    static let reportSuffix = ".json"
    static let experimentSuffix = ".safetensors"
    /// The most bytes that are read of a report, and of an experiment.
    static let mostReportBytes = 64 << 10
    static let mostExperimentBytes = 64 << 20
    /// Of an experiment's document and the names of its tensors: read, they take many times as much.
    static let mostHeaderBytes = 4 << 20

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
        guard mkdir(path, Self.closedMode) == 0 else {
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

    /// Whether it is the user's own folder that nobody else can enter, and empty, or a class that has ended and could not be
    /// removed.
    private var isUnfinished: Bool {
        var (status, marker) = (stat(), stat())
        return lstat(path, &status) == 0 && status.st_mode == S_IFDIR | Self.closedMode && status.st_uid == getuid()
            && (names.isEmpty
                || lstat("\(path)/\(Self.marker)", &marker) == 0 && marker.st_mode & S_IFMT == S_IFREG
                    && marker.st_uid == getuid())
    }

    private func finish() throws(ExperimentError) {
        let file = open("\(path)/\(Self.marker)", O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, Self.fileMode)
        guard file >= 0 else { throw SavedFile.unwritable(path, SavedFile.reason(errno)) }
        close(file)
        // The user's mask takes bits away.
        guard chmod(path, Self.mode) == 0 else { throw SavedFile.unwritable(path, SavedFile.reason(errno)) }
    }

    /// Removes the folder with all reports and experiments in it. Folders of students that are not empty are theirs: where they
    /// cannot be removed they stay, in a folder that nobody else can enter any more.
    /// - Returns: what stays, and why; nil: nothing.
    public func end() throws(ExperimentError) -> String? {
        let owner = try owner()
        guard owner == getuid() else {
            throw ExperimentError(
                .unwritable, place: path, message: "this class is \(Self.userName(owner))'s, who alone can end it")
        }
        // Playgrounds that still run may write no more.
        guard chmod(path, Self.closedMode) == 0 else { throw SavedFile.unwritable(path, SavedFile.reason(errno)) }
        for name in names where name != Self.marker { Self.remove("\(path)/\(name)") }
        let left = names.filter { $0 != Self.marker }.sorted()
        guard let first = left.first else {
            unlink("\(path)/\(Self.marker)")
            guard rmdir(path) == 0 else { throw SavedFile.unwritable(path, SavedFile.reason(errno)) }
            return nil
        }
        var status = stat()
        lstat("\(path)/\(first)", &status)
        return
            "\(quoted(first))\(left.count > 1 ? " and \(left.count - 1) more" : "") of \(Self.userName(status.st_uid)) stays in "
            + "\(path), which nobody else can enter: a folder that is not empty can be removed by its owner or the machine's "
            + "administrator alone; 'layercake class start' begins a class there all the same"
    }

    /// Removes a file, or a folder with all in it as far as the user may, without following links.
    private static func remove(_ path: String) {
        guard unlink(path) != 0, rmdir(path) != 0 else { return }
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0 else { return }
        empty(folder, depth: 0)
        rmdir(path)
    }

    /// Empties an open folder, which is closed then.
    private static func empty(_ folder: Int32, depth: Int) {
        guard let stream = fdopendir(folder) else {
            close(folder)
            return
        }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = Self.name(entry)
            guard name != ".", name != "..", unlinkat(folder, name, 0) != 0 else { continue }
            let inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            if inner >= 0, depth < 64 { empty(inner, depth: depth + 1) } else if inner >= 0 { close(inner) }
            unlinkat(folder, name, AT_REMOVEDIR)
        }
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
        if status.st_mode & 0o7777 == Self.closedMode, status.st_uid != getuid() || !names.isEmpty && isUnfinished {
            throw ExperimentError(
                .missing, place: path,
                message: "this class is over; the teacher begins another one by 'layercake class start \(name)'")
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
        if isDraft { return name.hasPrefix(".\(user).") ? user : nil }
        guard let suffix = [reportSuffix, experimentSuffix].first(where: name.hasSuffix) else { return nil }
        let middle = name.dropFirst("\(user)".count).dropLast(suffix.count)
        // Another spelling of the number is none.
        let isOwn =
            name.hasPrefix("\(user)") && (middle.isEmpty || middle == UInt64(middle.dropFirst()).map { ".\($0)" } ?? "")
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

    /// Writes one of the user's own files: beside the one before, then in its place.
    func write(_ bytes: [UInt8], as suffix: String) throws(ExperimentError) {
        // Nobody can know its name beforehand and take it.
        func unknown() -> String { "\(getuid()).\(UInt64.random(in: .min ... .max))" }
        let draft = "\(path)/.\(unknown())\(Self.draftSuffix)"
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw unwritable(suffix, errno) }
        var failure = SavedFile.write(bytes, to: file)
        if failure == nil, fchmod(file, Self.fileMode) != 0 { failure = errno }
        close(file)
        if failure == nil {
            // Never follows a link that another has put in its place: the name itself is replaced. What another has put there
            // and cannot be replaced leaves the name before, or one that nobody knows.
            let names = [newest(suffix, of: getuid()), "\(getuid())\(suffix)", unknown() + suffix]
            for name in names.compactMap(\.self) {
                failure = rename(draft, "\(path)/\(name)") == 0 ? nil : errno
                guard let failure, [EPERM, EACCES, EISDIR, ENOTEMPTY, EEXIST].contains(failure) else { break }
            }
        }
        guard let failure else { return }
        unlink(draft)
        throw unwritable(suffix, failure)
    }

    private func unwritable(_ suffix: String, _ code: Int32) -> ExperimentError {
        switch code {
        case ENOENT, EPERM, EACCES: ExperimentError(.missing, place: path, message: "this class is over")
        default: SavedFile.unwritable("\(path)/\(getuid())\(suffix)", SavedFile.reason(code))
        }
    }

    /// Says that the user is still there: the time of the report is now.
    /// - Returns: whether the report is there.
    func touchReport() -> Bool {
        guard let name = newest(Self.reportSuffix, of: getuid()) else { return false }
        let file = open("\(path)/\(name)", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        return futimens(file, nil) == 0
    }

    /// A user's newest file of a kind; nil: there is none that is the user's own.
    func newest(_ suffix: String, of user: uid_t) -> String? {
        var newest: (name: String, time: Double)?
        for name in names where name.hasSuffix(suffix) && Self.user(of: name) == user {
            var status = stat()
            guard lstat("\(path)/\(name)", &status) == 0, Self.isOwn(status, user) else { continue }
            if newest.map({ $0.time < Self.time(status) }) ?? true { newest = (name, Self.time(status)) }
        }
        return newest?.name
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
        guard fstat(file, &status) == 0, Self.isOwn(status, user), (0...off_t(most)).contains(status.st_size) else {
            return nil
        }
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
        let names = names
        let users = Set(names.filter { $0.hasSuffix(Self.reportSuffix) }.compactMap(Self.user))
        let withExperiment = Set(names.filter { $0.hasSuffix(Self.experimentSuffix) }.compactMap(Self.user))
        return users.compactMap { user -> ClassMember? in
            guard let name = newest(Self.reportSuffix, of: user),
                let file = read(name, of: user, most: Self.mostReportBytes),
                let json = try? JSON(parsing: String(decoding: file.bytes, as: UTF8.self))
            else { return nil }
            return ClassMember(
                user: user, name: Self.userName(user), report: ClassReport(json), time: min(file.time, ClassMember.now),
                hasExperiment: withExperiment.contains(user) && newest(Self.experimentSuffix, of: user) != nil)
        }.sorted { ($0.name, $0.user) < ($1.name, $1.user) }
    }

    /// A copy of a student's experiment that is the teacher's own, as it was when it was kept last.
    /// - Parameter copy: the path to write; nobody else may read it.
    /// - Returns: words for it, with its age.
    @discardableResult
    public func copyExperiment(of user: uid_t, to copy: String) throws(ExperimentError) -> String {
        let name = Self.userName(user)
        do throws(EngineError) {
            // As read, as numbers, and as written again; the document takes many times its bytes.
            try MemoryRoom.require(
                3 * Self.mostExperimentBytes + 32 * Self.mostHeaderBytes, for: "copying a student's experiment",
                advice: "end other programs")
        } catch { throw ExperimentError(.malformed, place: name, message: error.message) }
        guard let file = newest(Self.experimentSuffix, of: user),
            let file = read(file, of: user, most: Self.mostExperimentBytes)
        else {
            throw ExperimentError(.missing, place: name, message: "has kept no experiment yet, or it cannot be read")
        }
        var checkpoint = try Checkpoint(file.bytes, path: name, mostHeader: Self.mostHeaderBytes)
        // Its name is a path of the student's, and none of the teacher's.
        checkpoint.file.metadata["open.name"] = nil
        FilePath.makeFolder(FilePath.directory(copy))
        try SavedFile.write(checkpoint.file.bytes, to: copy)
        chmod(copy, 0o600)
        let age = Int(bounded: max(0, ClassMember.now - file.time))
        let time = age < 100 ? "\(age) s" : "\(age / 60) min"
        guard !checkpoint.file.tensors.isEmpty else { return "\(name)'s settings of \(time) ago, without weights" }
        return
            "\(name)'s experiment of \(time) ago, at epoch \(checkpoint.file.metadata["epoch"].flatMap { Int($0) } ?? 0)"
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
            let name = Self.name(entry)
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    private static func name(_ entry: UnsafeMutablePointer<dirent>) -> String {
        withUnsafePointer(to: &entry.pointee.d_name) { pointer in
            pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
    }
}
