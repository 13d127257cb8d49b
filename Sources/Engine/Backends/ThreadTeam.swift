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

    /// Calls `work` once for each part 0 ..< parts, on whichever thread is free, and returns when all are done.
    func run(parts: Int, _ work: (Int) -> Void) {
        withoutActuallyEscaping(work) { escaping in
            var box = escaping
            withUnsafeMutablePointer(to: &box) { pointer in
                lc_team_run(
                    team, Int32(parts),
                    { context, part in
                        context!.assumingMemoryBound(to: ((Int) -> Void).self).pointee(Int(part))
                    }, pointer)
            }
        }
    }
}
