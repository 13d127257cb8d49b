import Basics

/// A part of a sweep's cells that one process trains: those whose number in the whole grid leaves a rest by the number of parts.
public struct SweepShard: Sendable, Hashable {
    /// 0 ..< count.
    public let index: Int
    public let count: Int

    private init(_ index: Int, of count: Int, place: String) throws(ExperimentError) {
        guard count >= 1, (0..<count).contains(index) else {
            throw Self.mistake(place, "expected a part from 0 to \(max(0, count - 1)) of \(count), found \(index)")
        }
        (self.index, self.count) = (index, count)
    }

    /// - Parameters:
    ///   - text: "I/N" with I from 0 to N − 1, or "auto".
    ///   - surroundings: the environment's variables, of which `auto` alone reads some.
    /// - Throws: what was expected and found.
    public init(parsing text: String, surroundings: [String: String]) throws(ExperimentError) {
        if text == "auto" {
            self = try Self.found(surroundings)
            return
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let index = parts[0], let count = parts[1], count >= 1 else {
            throw Self.mistake("--shard", "expected I/N, as 0/4 to 3/4, or auto; found \(quoted(text))")
        }
        try self.init(index, of: count, place: "--shard")
    }

    /// The cells of this part, in the order of the grid.
    public func cells(of sweep: Sweep) -> [Int] { Array(stride(from: index, to: sweep.cells.count, by: count)) }

    /// A file's path with the part in its name: "cells.jsonl" becomes "cells.2-of-4.jsonl".
    public func path(_ path: String) -> String {
        let name = FilePath.name(path)
        let dot = name.lastIndex(of: ".").flatMap { $0 == name.startIndex ? nil : $0 } ?? name.endIndex
        return path.dropLast(name.count) + "\(name[..<dot]).\(index)-of-\(count)\(name[dot...])"
    }

    /// The part in the name of a file: "cells.2-of-4.jsonl" is part 2 of 4; nil: the name tells none.
    init?(named path: String) {
        let told = FilePath.name(path).split(separator: ".").compactMap { word -> (index: Int, count: Int)? in
            let parts = word.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[1] == "of", let index = Int(parts[0]), let count = Int(parts[2]),
                index >= 0, index < count
            else { return nil }
            return (index, count)
        }
        guard let part = told.last else { return nil }
        (index, count) = (part.index, part.count)
    }

    // MARK: - Surroundings

    private static func mistake(_ place: String, _ message: String) -> ExperimentError {
        ExperimentError(.arguments, place: place, message: message)
    }

    /// Pairs of variables with a process's number and the number of processes, in the order in which they are asked.
    private static let pairs = [
        (index: "OMPI_COMM_WORLD_RANK", count: "OMPI_COMM_WORLD_SIZE"), (index: "PMI_RANK", count: "PMI_SIZE"),
    ]

    /// Those of processes and jobs, with room to count with.
    private static let numbers = 0...1 << 40

    /// The part of this process by Open MPI's variables, else PMI's, else those of several tasks of Slurm, else those of an array
    /// of jobs. In an array each job has SLURM_PROCID 0 of one task besides.
    private static func found(_ variables: [String: String]) throws(ExperimentError) -> SweepShard {
        func number(_ name: String) throws(ExperimentError) -> Int? {
            guard let text = variables[name] else { return nil }
            guard let number = Int(text), Self.numbers.contains(number) else {
                throw mistake("--shard auto", "\(name): expected a whole number, found \(quoted(text))")
            }
            return number
        }
        for pair in pairs {
            if let index = try number(pair.index), let count = try number(pair.count) {
                return try SweepShard(index, of: count, place: "--shard auto: \(pair.index)")
            }
        }
        if let index = try number("SLURM_PROCID"), let tasks = try number("SLURM_NTASKS"), tasks > 1 {
            return try SweepShard(index, of: tasks, place: "--shard auto: SLURM_PROCID")
        }
        if let id = try number("SLURM_ARRAY_TASK_ID"), let least = try number("SLURM_ARRAY_TASK_MIN"),
            let most = try number("SLURM_ARRAY_TASK_MAX")
        {
            let written = try number("SLURM_ARRAY_TASK_STEP") ?? 1
            let step = max(1, written)
            let count = (most - least) / step + 1
            let told = try number("SLURM_ARRAY_TASK_COUNT") ?? count
            guard (id - least) % step == 0, told == count else {
                throw mistake(
                    "--shard auto",
                    "the array of jobs has gaps: expected \(plural(count, "job")) from \(least) to \(most) by \(step); number them without "
                        + "gaps, as --array=0-\(max(0, count - 1)), or write --shard I/N")
            }
            return try SweepShard((id - least) / step, of: count, place: "--shard auto: SLURM_ARRAY_TASK_ID")
        }
        throw mistake(
            "--shard auto",
            "found neither ranks (OMPI_COMM_WORLD_RANK, PMI_RANK), nor several tasks (SLURM_PROCID), nor an array of jobs "
                + "(SLURM_ARRAY_TASK_ID); write --shard I/N")
    }
}
