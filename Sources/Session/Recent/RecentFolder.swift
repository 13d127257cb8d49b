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
    /// The experiment's title, else the name that it was opened by.
    public var title: String
    public var epoch: Int
    public var step: Int
    /// The loss of the test samples, else of the training samples; nil: not measured.
    public var loss: Double?
    /// When it was saved, in seconds since 1970.
    public var time: Double
    /// Another playground has it open.
    public var isOpen: Bool

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
    static let suffix = ".safetensors"

    public init(_ path: String) { self.path = path }

    /// The experiments, the one saved last first.
    /// - Parameter most: so many at most.
    public func experiments(most: Int = .max) -> [RecentExperiment] {
        files.lazy.compactMap { file -> RecentExperiment? in
            guard let header = Checkpoint.metadata(of: file.path), let title = header["open.title"] else { return nil }
            return RecentExperiment(
                path: file.path, title: title, epoch: header["epoch"].flatMap { Int($0) } ?? 0,
                step: header["step"].flatMap { Int($0) } ?? 0, loss: header["open.loss"].flatMap { Double($0) },
                time: file.time, isOpen: OpenLock.isHeld(of: file.path))
        }.prefix(most).map { $0 }
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
    func make() {
        var whole = ""
        for part in path.split(separator: "/") {
            whole += "/" + part
            mkdir(whole, whole == path ? 0o700 : 0o755)
        }
    }

    /// Removes the oldest where they are too many, with the files of programs that were killed. Those that are open stay.
    func tidy(keeping own: String) {
        var bytes = 0
        for (place, file) in files.enumerated() {
            bytes += file.bytes
            guard place >= Self.most || bytes > Self.mostBytes, place > 0, file.path != own,
                let lock = OpenLock(of: file.path)
            else { continue }
            unlink(file.path)
            unlink(stem(file.path) + ".csv")
            lock.end()
            bytes -= file.bytes
        }
        // The locks and half-written files of programs that are gone.
        for name in names where name.hasSuffix(".lock") {
            let file = "\(path)/\(name.dropLast(5))\(Self.suffix)"
            guard file != own, let lock = OpenLock(of: file) else { continue }
            unlink(SavedFile.draft(of: file))
            lock.end()
        }
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
