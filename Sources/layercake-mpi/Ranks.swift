import Basics
import CMPI
import Engine
import Session

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The processes that train together, and this one's place among them. All of them do the same in the same order; only the
/// first prints and saves. MPI is called by the main thread alone.
final class Ranks: ModelCopies {
    let count: Int
    let place: Int
    /// The ranks that share this machine's processors.
    let onHost: Int
    let normalizeTogether: Bool

    private init(_ ranks: lc_ranks, normalizeTogether: Bool) {
        (count, place, onHost) = (Int(ranks.count), Int(ranks.rank), Int(ranks.onHost))
        self.normalizeTogether = normalizeTogether
    }

    /// Joins the others.
    static func join() -> Ranks { Ranks(lc_ranks_begin(), normalizeTogether: false) }

    /// The same ranks, which normalize batches together or each its own part.
    func normalizing(together: Bool) -> Ranks {
        Ranks(
            lc_ranks(rank: Int32(place), count: Int32(count), onHost: Int32(onHost)), normalizeTogether: together)
    }

    var isFirst: Bool { place == 0 }

    func sum(_ values: UnsafeMutableBufferPointer<Float>) {
        if let base = values.baseAddress { lc_ranks_sum_floats(base, Int64(values.count)) }
    }

    func sum(_ values: UnsafeMutableBufferPointer<Double>) {
        if let base = values.baseAddress { lc_ranks_sum_doubles(base, Int64(values.count)) }
    }

    func spread(_ values: UnsafeMutableBufferPointer<Double>) {
        if let base = values.baseAddress { lc_ranks_spread_doubles(base, Int64(values.count)) }
    }

    /// The numbers of all ranks, in their order.
    func gather(_ own: [UInt64]) -> [[UInt64]] {
        var all = [UInt64](repeating: 0, count: own.count * count)
        own.withUnsafeBytes { own in
            all.withUnsafeMutableBytes { all in
                lc_ranks_gather(
                    own.bindMemory(to: UInt8.self).baseAddress!, Int32(own.count),
                    all.bindMemory(to: UInt8.self).baseAddress!)
            }
        }
        return (0..<count).map { Array(all[$0 * own.count..<($0 + 1) * own.count]) }
    }

    /// The texts of all ranks; of a long one the beginning.
    func gather(_ text: String) -> [String] {
        let most = 1024
        var own = Array(text.utf8.prefix(most - 1))
        own += [UInt8](repeating: 0, count: most - own.count)
        var all = [UInt8](repeating: 0, count: most * count)
        lc_ranks_gather(own, Int32(most), &all)
        return (0..<count).map { String(decoding: all[$0 * most..<($0 + 1) * most].prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// "rank 2 on node7"
    func name(_ place: Int, _ hosts: [String]) -> String { "rank \(place) on \(hosts[place])" }

    /// Does something that may fail in every rank. Where it fails in one, all end with its message, which only one prints.
    func together<T>(_ body: () throws -> T) -> T {
        var (result, failure): (T?, (any Error)?) = (nil, nil)
        do { result = try body() } catch { failure = error }
        let failed = gather([failure == nil ? 0 : 1]).map { $0[0] == 1 }
        guard let teller = failed.firstIndex(of: true) else { return result! }
        let hosts = gather(String(cString: lc_ranks_host()))
        if place == teller, let failure {
            if failed.contains(false) { Output.writeError("layercake-mpi: \(name(place, hosts)):\n") }
            end(with: failure)
        }
        // The launcher passes the status of the one that tells on; another one's would end that one before it has told.
        end(0)
    }

    /// Prints an error, as the program does, and ends this rank.
    private func end(with error: any Error) -> Never {
        lc_ranks_end()
        Failure.exit(with: error, verbose: false)
    }

    /// Leaves the others.
    func end(_ status: Int32) -> Never {
        lc_ranks_end()
        Failure.end(status, verbose: false)
    }

    /// Ends all ranks where one has failed. Where all fail alike only the first tells: it ends the others meanwhile.
    func abort(_ error: any Error) -> Never {
        if !isFirst { sleep(1) }
        let host = String(cString: lc_ranks_host())
        Output.writeError("layercake-mpi: rank \(place) on \(host): \(error)\n")
        lc_ranks_abort(Failure.status(of: error) ?? 1)
        Failure.end(1, verbose: false)
    }

    /// Takes the lowest of the ranks' instruction-set levels in all of them, before a kernel is chosen: other levels round
    /// otherwise.
    func takeLowestLevel() {
        let own = together { () throws -> Int in
            do throws(EngineError) { return try Processor.wishedLevel() } catch {
                throw ExperimentError(.arguments, place: error.place, message: error.message)
            }
        }
        let lowest = gather([UInt64(own)]).map { Int($0[0]) }.min()!
        setenv(Processor.variable, Processor.levels[lowest], 1)
    }

    /// - Parameters:
    ///   - digests: of what must be the same in all ranks, with its name.
    ///   - threads: of this rank, which the message names where they differ: sums over other parts round otherwise.
    ///   - advice: where they do not.
    /// - Throws: the first that is not, and the rank that has another one.
    func compare(_ digests: KeyValuePairs<String, UInt64>, threads: Int, advice: String) throws(ExperimentError) {
        let all = gather(digests.map(\.value))
        let allThreads = gather([UInt64(threads)]).map { $0[0] }
        let hosts = gather(String(cString: lc_ranks_host()))
        for (index, (name, _)) in digests.enumerated() {
            guard let other = all.indices.first(where: { all[$0][index] != all[0][index] }) else { continue }
            let (own, first) = (allThreads[other], allThreads[0])
            throw ExperimentError(
                .malformed, place: name,
                message: "\(self.name(other, hosts)) has another one than \(self.name(0, hosts)); "
                    + (own == first
                        ? advice
                        : "they have \(own) and \(first) threads, which add up in other orders: give all the same number "
                            + "with --threads"))
        }
    }
}
