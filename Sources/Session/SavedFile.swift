import Basics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writes files, whole or not at all: weights, experiments, loss curves, answers.
///
/// The bytes go to a hidden file beside the target, which then takes the target's place with its mode and owner; a failure
/// leaves what was there. A symbolic link stays one: the file that it leads to is replaced. Pipes, terminals and character
/// devices are written to as they are; folders, sockets and disks are refused. Another process that saves the same file at
/// the same time waits.
public enum SavedFile {
    public static func write(_ text: String, to path: String) throws(ExperimentError) {
        try write(Array(text.utf8), to: path)
    }

    public static func write(_ bytes: [UInt8], to path: String) throws(ExperimentError) {
        switch try target(of: path) {
        case .file(let file, let old): try replace(file, old, with: bytes, named: path)
        case .stream(let flags): try pour(bytes, into: path, flags: flags)
        }
    }

    /// Says before a long run, not after it, that a file could not be written.
    public static func check(_ path: String) throws(ExperimentError) {
        guard case .file(let file, _) = try target(of: path) else { return }
        let folder = FilePath.directory(file)
        guard access(folder, W_OK) == 0 else { throw unwritable(path, "the folder \(folder): \(reason(errno))") }
    }

    /// Whether a path is or will be a file, not a pipe or a device.
    static func isFile(_ path: String) -> Bool {
        if case .file? = try? target(of: path) { true } else { false }
    }

    /// Whether a path is a file that would lose something; an empty one does not.
    public static func hasContent(_ path: String) -> Bool {
        guard case .file(_, let old?)? = try? target(of: path) else { return false }
        return old.st_size > 0
    }

    /// Writes all bytes to an open file.
    /// - Returns: the system's error, or nil.
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { systemWrite(descriptor, $0) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return written < 0 ? errno : ENOSPC }
            rest = rest.dropFirst(written)
        }
        return nil
    }

    static func unwritable(_ path: String, _ reason: String) -> ExperimentError {
        ExperimentError(.unwritable, place: path, message: "cannot be written: \(reason)")
    }

    /// The system's word for an error.
    static func reason(_ code: Int32) -> String {
        switch code {
        case ENOENT: "there is no such folder"
        case EACCES, EPERM: "permission denied"
        case ENOSPC: "the disk is full"
        case EDQUOT: "the disk quota is used up"
        case EFBIG: "the file would be larger than is allowed"
        case EROFS: "the disk is read-only"
        case ENAMETOOLONG: "the name is too long"
        case EINVAL: "it is no regular file"
        case ELOOP: "the symbolic links lead in a circle"
        default: String(cString: strerror(code))
        }
    }

    // MARK: - The target

    private enum Target {
        /// A path without a link at its end; the file that is there.
        case file(String, old: stat?)
        /// Written to as it is; flags beside those of writing.
        case stream(flags: Int32)
    }

    private static func target(of path: String) throws(ExperimentError) -> Target {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw ExperimentError(
                .unwritable, place: "the file to save", message: "expected the path of a file, found \(quoted(path))")
        }
        var status = stat()
        guard stat(path, &status) == 0 else {
            guard errno == ENOENT else { throw unwritable(path, reason(errno)) }
            let file = try followed(path)
            guard !file.hasSuffix("/") else { throw unwritable(path, "expected the path of a file, found a folder's") }
            return .file(file, old: nil)
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            guard access(path, W_OK) == 0 else { throw unwritable(path, reason(errno)) }
            // Names such as /dev/stdout lead to a file that is open already and must not be replaced.
            let file = try followed(path)
            var end = stat()
            guard lstat(file, &end) == 0, end.st_ino == status.st_ino, end.st_dev == status.st_dev,
                !(0...2).contains(where: { isOpen(as: $0, status) })
            else { return .stream(flags: O_APPEND) }
            return .file(file, old: status)
        case S_IFIFO, S_IFCHR: return .stream(flags: 0)
        case S_IFDIR: throw unwritable(path, "is a folder; name a file in it")
        case S_IFBLK: throw unwritable(path, "is a disk, which would lose what is on it")
        default: throw unwritable(path, "is no regular file")
        }
    }

    private static func isOpen(as descriptor: Int32, _ file: stat) -> Bool {
        var open = stat()
        return fstat(descriptor, &open) == 0 && open.st_ino == file.st_ino && open.st_dev == file.st_dev
    }

    /// The path at the end of its symbolic links, whether or not there is a file.
    private static func followed(_ path: String) throws(ExperimentError) -> String {
        var file = path
        for _ in 0..<40 {
            guard let link = linked(file) else { return file }
            file = link.hasPrefix("/") || !file.contains("/") ? link : FilePath.directory(file) + "/" + link
        }
        throw unwritable(path, reason(ELOOP))
    }

    /// The target of a symbolic link as it is written there; nil for anything else.
    private static func linked(_ path: String) -> String? {
        var text = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlink(path, &text, text.count - 1)
        return count > 0 ? String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }

    // MARK: - Writing

    private static func pour(_ bytes: [UInt8], into path: String, flags: Int32) throws(ExperimentError) {
        // A pipe that nobody reads is an error, not a wait.
        let descriptor = systemOpen(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags, 0)
        guard descriptor >= 0 else {
            throw unwritable(path, errno == ENXIO ? "nobody reads from this pipe" : reason(errno))
        }
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
        let failure = write(bytes, to: descriptor)
        guard close(descriptor) == 0 || failure != nil else { throw unwritable(path, reason(errno)) }
        if let failure { throw unwritable(path, reason(failure)) }
    }

    private static func replace(
        _ file: String, _ old: stat?, with bytes: [UInt8], named path: String
    ) throws(ExperimentError) {
        let draft = draft(of: file)
        // Nobody else may read of a private file while it is written.
        let descriptor = openDraft(draft, mode: old == nil ? 0o666 : 0o600)
        guard descriptor >= 0 else { throw unwritable(path, reason(errno)) }
        var failure = write(bytes, to: descriptor)
        if failure == nil, let old {
            // The owner first, for that takes away what a mode may hold beside permissions.
            _ = fchown(descriptor, old.st_uid, old.st_gid)
            if fchmod(descriptor, old.st_mode & 0o7777) != 0 { failure = errno }
        }
        if failure == nil, fsync(descriptor) != 0, errno != EINVAL { failure = errno }
        if failure == nil, rename(draft, file) != 0 { failure = errno }
        if failure != nil { unlink(draft) }
        // Last, for it ends the lock.
        if close(descriptor) != 0, failure == nil { failure = errno }
        if let failure {
            throw unwritable(path, reason(failure) + (old == nil ? "" : "; what was there is as it was"))
        }
    }

    /// ".NAME.part" beside the file: one for each file, so that a program that was killed leaves no more than that.
    static func draft(of file: String) -> String {
        let longest = 255 - ".".utf8.count - ".part".utf8.count
        var name = FilePath.name(file)
        while name.utf8.count > longest { name.removeLast() }
        return (file.contains("/") ? FilePath.directory(file) + "/" : "") + ".\(name).part"
    }

    /// A new file, locked; one that a killed program left is removed first, and one that another is writing waited for.
    /// - Returns: −1 for an error, which `errno` says.
    private static func openDraft(_ draft: String, mode: mode_t) -> Int32 {
        while true {
            let left = systemOpen(draft, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0)
            if left >= 0 {
                // The other one's has its name no more when it lets go of it.
                while flock(left, LOCK_EX) != 0, errno == EINTR {}
                if hasName(left, draft) { unlink(draft) }
                close(left)
            } else if errno != ENOENT, unlink(draft) != 0 {
                return -1
            }
            let descriptor = systemOpen(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
            guard descriptor >= 0 else {
                if errno == EEXIST { continue }
                return -1
            }
            while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
            // Another may have taken it for one that was left.
            if hasName(descriptor, draft) { return descriptor }
            close(descriptor)
        }
    }

    private static func hasName(_ descriptor: Int32, _ path: String) -> Bool {
        var (open, named) = (stat(), stat())
        return fstat(descriptor, &open) == 0 && lstat(path, &named) == 0 && open.st_ino == named.st_ino
            && open.st_dev == named.st_dev
    }

    private static func systemOpen(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
        #if canImport(Glibc)
            Glibc.open(path, flags, mode)
        #else
            Darwin.open(path, flags, mode)
        #endif
    }

    private static func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
            Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #else
            Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }
}
