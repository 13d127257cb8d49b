import CKernels

/// Threads that do the parts of one task at once; the caller's is one of them. One task at a time.
final class ThreadTeam {
    private let team: OpaquePointer

    /// - Parameter threads: with the caller's; the system may give fewer.
    init(threads: Int) {
        precondition(threads >= 1, "a team has a thread")
        team = lc_team_create(Int32(threads))
    }

    deinit { lc_team_destroy(team) }

    /// The number of threads.
    var size: Int { Int(lc_team_size(team)) }

    /// Calls `work` once for each part 0 ..< parts, at the same time, and returns when all are done.
    /// - Parameter work: takes the part and the number of the thread that does it, 0 ..< size.
    func run(parts: Int, _ work: (_ part: Int, _ thread: Int) -> Void) {
        withoutActuallyEscaping(work) { run(SharedCall($0), parts: parts) }
    }

    /// Does each part 0 ..< parts of the task once, at the same time, and returns when all are done. A thread that is
    /// done with its part takes the next one, so more parts than threads even out what delays one of them.
    func run(_ task: SharedTask, parts: Int) {
        lc_team_run(
            team, Int32(parts),
            { context, part, thread in
                Unmanaged<SharedTask>.fromOpaque(context!).takeUnretainedValue().work(Int(part), thread: Int(thread))
            }, Unmanaged.passUnretained(task).toOpaque())
    }
}

/// A task that a team divides. A class, because passing a closure allocates memory each time.
class SharedTask {
    /// Does one part, whose result depends neither on the thread nor on the other parts.
    func work(_ part: Int, thread: Int) { preconditionFailure("a task says what its parts are") }
}

private final class SharedCall: SharedTask {
    private let call: (Int, Int) -> Void

    init(_ call: @escaping (Int, Int) -> Void) { self.call = call }

    override func work(_ part: Int, thread: Int) { call(part, thread) }
}
