#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The memory that this process may still take: the least of what the machine has free, what its control groups allow
/// and its limit on address space. Asked before anything large is reserved, so that a document that asks for more is
/// refused in words and takes nothing with it.
public struct MemoryRoom: Sendable, Hashable {
    public var bytes: Int
    /// The source of the bound, in words: "the memory that is free".
    public var bound: String

    public init(bytes: Int, bound: String) {
        self.bytes = bytes
        self.bound = bound
    }

    /// Left to the rest of the program: the screen, its pictures, messages.
    static let reserve = 64 << 20
    /// Less than this is reserved without asking: it is as likely to be there as the program itself.
    static let unasked = 16 << 20

    /// The place of errors about what training takes.
    public static let place = "memory"

    static let advice = "make the layers, the batch or the number of samples smaller"

    /// Refuses what is more than may be had. What is small is never asked for.
    /// - Parameters:
    ///   - bytes: all that is about to be reserved.
    ///   - what: what needs them, "this network".
    ///   - advice: how to need less.
    public static func require(
        _ bytes: Int, place: String = MemoryRoom.place, for what: @autoclosure () -> String,
        advice: @autoclosure () -> String
    ) throws(EngineError) {
        guard bytes > unasked, let room = present else { return }
        try room.require(bytes, place: place, for: what(), advice: advice())
    }

    /// The bytes that can be had; nil where the system does not say.
    public static var free: Int? { present.map { max(0, $0.bytes - reserve) } }

    func require(
        _ bytes: Int, place: String, for what: @autoclosure () -> String, advice: @autoclosure () -> String
    ) throws(EngineError) {
        guard bytes > max(0, self.bytes - Self.reserve) else { return }
        throw EngineError(
            place: place,
            message: "\(what()) would take \(byteWords(bytes)), but \(byteWords(self.bytes)) can be had "
                + "(\(bound)); \(advice())")
    }

    // MARK: - Asking the system

    /// nil where the system does not say.
    static var present: MemoryRoom? {
        var limit = rlimit()
        #if canImport(Glibc)
            let known = getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0
            let isLimited = known && limit.rlim_cur < UInt(Int.max)
            let pageSize = sysconf(Int32(_SC_PAGESIZE))
        #else
            let isLimited = getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur < UInt64(Int.max)
            let pageSize = sysconf(_SC_PAGESIZE)
        #endif
        return least(
            file: systemFile, addressLimit: isLimited ? Int(limit.rlim_cur) : nil, pageSize: max(1, pageSize))
    }

    /// - Parameters:
    ///   - file: the text of a file of the system, nil where it is not there.
    ///   - addressLimit: the most address space of the process in bytes, nil for none.
    static func least(file: (String) -> String?, addressLimit: Int?, pageSize: Int) -> MemoryRoom? {
        var rooms: [MemoryRoom] = []
        if let text = file("/proc/meminfo"), let free = number(of: "MemAvailable:", in: text) {
            rooms.append(MemoryRoom(bytes: saturated(free, times: 1024), bound: "the memory that is free"))
        }
        rooms += groups(file)
        if let addressLimit, let used = file("/proc/self/statm").flatMap({ words(in: $0).first }).flatMap({ Int($0) }) {
            rooms.append(
                MemoryRoom(
                    bytes: max(0, addressLimit - saturated(used, times: pageSize)),
                    bound: "the process's limit on address space"))
        }
        return rooms.min { $0.bytes < $1.bytes }
    }

    /// The memory that the control groups of the process leave, those above them too: each may have a limit.
    private static func groups(_ file: (String) -> String?) -> [MemoryRoom] {
        var rooms: [MemoryRoom] = []
        for line in (file("/proc/self/cgroup") ?? "").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let names: (root: String, limit: String, used: String, cache: String)
            if parts[0] == "0", parts[1].isEmpty {
                names = ("/sys/fs/cgroup", "memory.max", "memory.current", "inactive_file")
            } else if parts[1].split(separator: ",").contains("memory") {
                names = (
                    "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
                )
            } else {
                continue
            }
            // In a container the path may be the host's, and the group is then mounted at the root.
            var path = parts[2]
            while true {
                let folder = names.root + (path == "/" ? "" : path)
                if let limit = file("\(folder)/\(names.limit)").flatMap({ words(in: $0).first }).flatMap({ Int($0) }),
                    let used = file("\(folder)/\(names.used)").flatMap({ words(in: $0).first }).flatMap({ Int($0) })
                {
                    // Memory that files left behind is given back when it is needed.
                    let cache = file("\(folder)/memory.stat").flatMap { number(of: names.cache, in: $0) } ?? 0
                    rooms.append(
                        MemoryRoom(
                            bytes: max(0, limit - max(0, used - max(0, min(cache, used)))),
                            bound: "the control group's limit"))
                }
                guard let slash = path.lastIndex(of: "/"), path != "/", !path.isEmpty else { break }
                path = slash == path.startIndex ? "/" : path[..<slash]
            }
        }
        return rooms
    }

    private static func words(in text: String) -> [Substring] { text.split(whereSeparator: \.isWhitespace) }

    /// The number behind a name at the beginning of a line.
    private static func number(of name: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            let parts = line.split(whereSeparator: \.isWhitespace)
            if parts.count > 1, parts[0] == name { return Int(parts[1]) }
        }
        return nil
    }

    private static func saturated(_ value: Int, times factor: Int) -> Int {
        let (product, overflow) = value.multipliedReportingOverflow(by: factor)
        return overflow ? .max : product
    }

    private static func systemFile(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // All of them are short, but for a group's statistics, whose first lines are enough.
        var bytes = [UInt8](repeating: 0, count: 16384)
        let count = read(descriptor, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}
