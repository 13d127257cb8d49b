import Basics
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An experiment that was open, as it lies in the folder of recent ones.
public struct RecentExperiment: Sendable, Hashable {
    public var path: String
    /// The experiment's title, else the name that it was opened by; the file's name where that cannot be read.
    public var title: String
    public var epoch: Int
    public var step: Int
    /// The loss of the test samples, else of the training samples; nil: not measured.
    public var loss: Double?
    /// When it was saved, in seconds since 1970.
    public var time: Double
    /// Another playground has it open.
    public var isOpen: Bool
    /// The file cannot be read.
    public var isDamaged = false

    /// Seconds since it was saved.
    public var age: Double {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Double(now.tv_sec) - time
    }
}

/// The folder in which the playgrounds of one user keep the experiments that are or were open: one file for each, with the
/// document, the weights and the optimizer's state. Other users cannot read it.
///
/// The playground that has an experiment open holds a lock on NAME.lock beside it, which the system lets go of when the
/// program ends in any way: so any number of them use the folder at once.
public struct RecentFolder: Sendable, Hashable {
    public let path: String

    /// The most experiments that stay, and bytes of all of them together; the one saved last always stays.
    static let most = 30
    static let mostBytes = 256 << 20
    /// An experiment of at most so many bytes makes place for none.
    static let fairShare = mostBytes / most
    static let suffix = ".safetensors"

    public init(_ path: String) { self.path = path }

    /// The experiments that can be opened, the one saved last first.
    /// - Parameter most: so many at most.
    public func experiments(most: Int = .max) -> [RecentExperiment] {
        Array(files.lazy.map { experiment($0) }.filter { !$0.isDamaged }.prefix(most))
    }

    /// Those too whose files cannot be read.
    public var experimentsAndDamaged: [RecentExperiment] { files.map { experiment($0) } }

    private func experiment(_ file: File) -> RecentExperiment {
        let header = Checkpoint.metadata(of: file.path) ?? [:]
        return RecentExperiment(
            path: file.path, title: header["open.title"] ?? String(file.path.dropFirst(path.count + 1)),
            epoch: header["epoch"].flatMap { Int($0) } ?? 0, step: header["step"].flatMap { Int($0) } ?? 0,
            loss: header["open.loss"].flatMap { Double($0) }, time: file.time,
            isOpen: OpenLock.isHeld(of: file.path), isDamaged: header["open.title"] == nil)
    }

    /// Whether a path is one of the folder's.
    func holds(_ path: String) -> Bool {
        FilePath.directory(path) == self.path && path.hasSuffix(Self.suffix)
    }

    /// A path that no other program uses: the time, the process and a number.
    func newPath() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        localtime_r(&now.tv_sec, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let day = "\(parts.tm_year + 1900)\(two(parts.tm_mon + 1))\(two(parts.tm_mday))"
        let clock = two(parts.tm_hour) + two(parts.tm_min) + two(parts.tm_sec)
        while true {
            let number = Self.paths.withLock { count in
                count += 1
                return count
            }
            let padded = String(repeating: "0", count: max(0, 4 - "\(number)".count)) + "\(number)"
            let path = "\(path)/\(day)-\(clock)-\(getpid())-\(padded)\(Self.suffix)"
            if !FilePath.exists(path), !FilePath.exists(OpenLock.path(of: path)) { return path }
        }
    }

    /// The paths that this program has given.
    private static let paths = Mutex(0)

    /// Makes the folder, and those above it; nobody else may look into it.
    /// - Throws: that it cannot be made or written into.
    public func make() throws(ExperimentError) {
        var whole = ""
        var code: Int32 = 0
        for part in path.split(separator: "/") {
            whole += "/" + part
            if mkdir(whole, whole == path ? 0o700 : 0o755) != 0, errno != EEXIST { code = errno }
        }
        if access(path, W_OK | X_OK) != 0 {
            throw SavedFile.unwritable(path, SavedFile.reason(errno == ENOENT && code != 0 ? code : errno))
        }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw SavedFile.unwritable(path, "it is no folder")
        }
    }

    /// Removes the oldest where they are too many, with the files of programs that were killed. Where all together are too
    /// large, the weights of large ones go, the oldest first, and their documents stay. Those that are open stay as they are.
    func tidy(keeping own: String) {
        let files = files
        var bytes = files.reduce(0) { $0 + $1.bytes }
        for (place, file) in files.enumerated().reversed() where place > 0 && file.path != own {
            let isTooMuch = bytes > Self.mostBytes && file.bytes > Self.fairShare
            guard place >= Self.most || isTooMuch, let lock = OpenLock(of: file.path) else { continue }
            defer { lock.end() }
            if place >= Self.most {
                unlink(file.path)
                unlink(stem(file.path) + ".csv")
                bytes -= file.bytes
            } else if let left = dropWeights(of: file) {
                bytes -= file.bytes - left
            }
        }
        // The locks and half-written files of programs that are gone.
        for name in names where name.hasSuffix(".lock") {
            let file = "\(path)/\(name.dropLast(5))\(Self.suffix)"
            guard file != own, let lock = OpenLock(of: file) else { continue }
            unlink(SavedFile.draft(of: file))
            lock.end()
        }
    }

    /// Leaves the document and the figures of an experiment alone, at its time.
    /// - Returns: the bytes that are left; nil: the file stays as it was.
    private func dropWeights(of file: File) -> Int? {
        guard let metadata = Checkpoint.metadata(of: file.path), metadata["experiment"] != nil else { return nil }
        var document = Checkpoint()
        document.file.metadata = metadata
        guard (try? document.write(to: file.path)) != nil else { return nil }
        let seconds = Int(file.time)
        let nanoseconds = Int((file.time - Double(seconds)) * 1e9)
        var times = [timespec(), timespec()]
        for index in times.indices { (times[index].tv_sec, times[index].tv_nsec) = (seconds, nanoseconds) }
        utimensat(AT_FDCWD, file.path, &times, 0)
        var status = stat()
        return lstat(file.path, &status) == 0 ? Int(status.st_size) : nil
    }

    private func stem(_ file: String) -> String { String(file.dropLast(Self.suffix.count)) }

    private struct File {
        var path: String
        var bytes: Int
        var time: Double
    }

    /// The newest first.
    private var files: [File] {
        names.filter { $0.hasSuffix(Self.suffix) && !$0.hasPrefix(".") }.compactMap { name in
            var status = stat()
            let file = "\(path)/\(name)"
            guard lstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
            #if canImport(Darwin)
                let time = status.st_mtimespec
            #else
                let time = status.st_mtim
            #endif
            return File(
                path: file, bytes: Int(status.st_size), time: Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9)
        }.sorted { ($0.time, $0.path) > ($1.time, $1.path) }
    }

    private var names: [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names
    }
}

/// The lock of the program that has an experiment open.
struct OpenLock: Sendable {
    private let descriptor: Int32
    private let path: String

    static func path(of experiment: String) -> String {
        String(experiment.dropLast(RecentFolder.suffix.count)) + ".lock"
    }

    /// nil: another program has it open, or there can be no lock.
    init?(of experiment: String) {
        path = Self.path(of: experiment)
        while true {
            let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard file >= 0 else { return nil }
            guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
                close(file)
                return nil
            }
            // Another program may have removed it in the meantime as one that was left.
            var (held, named) = (stat(), stat())
            if fstat(file, &held) == 0, lstat(path, &named) == 0, held.st_ino == named.st_ino {
                descriptor = file
                return
            }
            close(file)
        }
    }

    func end() {
        unlink(path)
        close(descriptor)
    }

    /// Whether a program has the experiment open.
    static func isHeld(of experiment: String) -> Bool {
        let file = open(path(of: experiment), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return false }
        defer { close(file) }
        return flock(file, LOCK_SH | LOCK_NB) != 0
    }
}
