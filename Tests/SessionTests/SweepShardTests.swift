import Engine
import Foundation
import Testing

@testable import Session

@Suite("Parts of sweeps")
struct SweepShardTests {
    private let folder = "/tmp/layercake-shards-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"

    private static func sweep() throws -> Sweep {
        try Sweep(
            .standard, directory: nil,
            vary: ["layers.0.dense.units=2,3", "training.optimizer.sgd.learningRate=0.03,0.1,0.01"],
            seeds: 3, epochs: 2)
    }

    private static func train(_ sweep: Sweep, _ shard: SweepShard?, to path: String) throws -> [Int: Sweep.Result] {
        let opened = try SweepFile.open(path, for: sweep)
        let run = try SweepRun(sweep, finished: opened.finished, shard: shard, threads: 2)
        try run.train(
            isInterrupted: { false },
            finished: { (cells) throws(ExperimentError) in try opened.file.append(cells, results: run.results) },
            report: { _ in })
        return run.results
    }

    @Test("parts that are merged are the run in one piece, bit for bit")
    func merge() throws {
        mkdir(folder, 0o700)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let sweep = try Self.sweep()
        let whole = try Self.train(sweep, nil, to: folder + "/whole.jsonl")
        #expect(whole.count == 18)
        var paths: [String] = []
        for index in 0..<4 {
            let shard = try SweepShard(parsing: "\(index)/4", surroundings: [:])
            let path = shard.path(folder + "/cells.jsonl")
            #expect(path == folder + "/cells.\(index)-of-4.jsonl")
            let results = try Self.train(sweep, shard, to: path)
            #expect(Set(results.keys) == Set(stride(from: index, to: 18, by: 4)))
            paths.append(path)
        }
        let merged = try SweepMerge(paths)
        #expect(merged.notes.isEmpty && merged.isComplete)
        #expect(merged.sweep.cells.map(\.values) == sweep.cells.map(\.values) && merged.results == whole)
        try SavedFile.write(merged.text, to: folder + "/merged.jsonl")
        let again = try SweepFile.open(folder + "/merged.jsonl", for: sweep)
        #expect(again.finished == whole)
        // Missing and doubled cells are told of.
        let part = try SweepMerge([paths[0], paths[1], paths[1], paths[2]])
        #expect(part.notes.count == 3 && part.notes[0].contains("twice") && part.notes[1].contains("4 of 18"))
        #expect(part.notes.last == "part 3-of-4 has not finished: start it again, it goes on where it was")
        #expect(!part.isComplete && part.results.count == 14)
        let doubled = try SweepMerge(paths + [paths[1]])
        #expect(doubled.isComplete && doubled.notes.count == 1)
        // The folder shows all while they are written.
        let watch = try SweepWatch(folder, for: sweep)
        watch.read()
        #expect(watch.isComplete && watch.results == whole && watch.others.isEmpty)
        // Another sweep does not belong to them.
        let other = try Sweep(.standard, directory: nil, vary: ["layers.0.dense.units=2,3"], seeds: 1, epochs: 1)
        _ = try Self.train(other, nil, to: folder + "/other.jsonl")
        let mistake = #expect(throws: ExperimentError.self) { try SweepMerge([paths[0], folder + "/other.jsonl"]) }
        #expect(mistake?.message.contains("its keys are") == true, "\(mistake?.message ?? "")")
        watch.read()
        #expect(watch.others.keys.sorted() == [folder + "/other.jsonl"] && watch.isComplete)
    }

    @Test("a part that alone has the last seeds is missed, whether its file has no cells, is empty, or is not there")
    func missingSeeds() throws {
        mkdir(folder, 0o700)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let sweep = try Sweep(.standard, directory: nil, vary: ["layers.0.dense.units=3,2"], seeds: 3, epochs: 1)
        var paths: [String] = []
        for index in 0..<3 {
            let shard = try SweepShard(parsing: "\(index)/3", surroundings: [:])
            paths.append(shard.path(folder + "/cells.jsonl"))
            _ = try Self.train(sweep, shard, to: paths[index])
        }
        let whole = try SweepMerge(paths)
        #expect(whole.notes.isEmpty && whole.isComplete)
        try SavedFile.write(whole.text, to: folder + "/all.jsonl")
        #expect(try SweepMerge([folder + "/all.jsonl", paths[0]]).isComplete, "a merged file has all parts")
        let last = try Self.lines(paths[2])
        for left in [last.prefix(1).joined(separator: "\n") + "\n", ""] {
            try left.write(toFile: paths[2], atomically: true, encoding: .utf8)
            for files in [paths, Array(paths.prefix(2))] {
                let merged = try SweepMerge(files)
                #expect(!merged.isComplete && merged.sweep.cells.count == 6 && merged.results.count == 4)
                #expect(
                    merged.notes == [
                        "2 of 6 cells are missing: [3] with seed 3, …",
                        "part 2-of-3 has not finished: start it again, it goes on where it was",
                    ])
            }
        }
        #expect(
            SweepShard(named: "a/cells.12-of-16.jsonl")?.index == 12 && SweepShard(named: "cells.4-of-4.jsonl") == nil)
    }

    @Test("more parts than cells are no missing ones, and files without a grid are judged by their names")
    func emptyParts() throws {
        mkdir(folder, 0o700)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let sweep = try Sweep(.standard, directory: nil, vary: ["layers.0.dense.units=2,3"], seeds: 1, epochs: 1)
        var paths: [String] = []
        for index in 0..<3 {
            let shard = try SweepShard(parsing: "\(index)/3", surroundings: [:])
            paths.append(shard.path(folder + "/cells.jsonl"))
            _ = try Self.train(sweep, shard, to: paths[index])
        }
        for files in [paths, Array(paths.prefix(2))] { #expect(try SweepMerge(files).isComplete) }
        // As programs wrote them that kept no grid.
        for path in paths {
            let lines = try Self.lines(path).map { line in
                line.replacing(#","grid":{"values":[[2,3]],"seeds":1}"#, with: "")
            }
            #expect(!lines.joined().contains("grid"))
            try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        }
        let opened = try SweepFile.results(in: paths[0], for: sweep)
        #expect(opened.count == 1)
        let old = try SweepMerge(paths)
        #expect(!old.isComplete && old.results.count == 2)
        #expect(old.notes == ["part 2-of-3 has not finished: start it again, it goes on where it was"])
        #expect(try !SweepMerge(Array(paths.prefix(1))).isComplete)
    }

    @Test("a part that went on in a larger grid and was ended before it had a cell of it is missed")
    func grownGrid() throws {
        mkdir(folder, 0o700)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func sweep(seeds: Int) throws -> Sweep {
            try Sweep(.standard, directory: nil, vary: ["layers.0.dense.units=3,2"], seeds: seeds, epochs: 1)
        }
        let path = folder + "/cells.jsonl"
        _ = try Self.train(sweep(seeds: 1), nil, to: path)
        #expect(try SweepMerge([path]).isComplete)
        for _ in 0..<2 { #expect(try SweepFile.open(path, for: sweep(seeds: 2)).finished.count == 2) }
        #expect(try Self.lines(path).count == 5, "the grid stands there once")
        let merged = try SweepMerge([path])
        #expect(!merged.isComplete && merged.notes == ["2 of 4 cells are missing: [3] with seed 2, …"])
        #expect(try merged.sweep.cells.map(\.values) == sweep(seeds: 2).cells.map(\.values))
        let all = try Self.train(sweep(seeds: 2), nil, to: path)
        #expect(try SweepMerge([path]).isComplete && SweepFile.results(in: path, for: sweep(seeds: 2)) == all)
    }

    /// The lines of a file, an empty one behind the last line's end.
    private static func lines(_ path: String) throws -> [Substring] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
    }

    @Test("a part that was ended goes on where it was")
    func resume() throws {
        mkdir(folder, 0o700)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let sweep = try Self.sweep()
        let shard = try SweepShard(parsing: "1/3", surroundings: [:])
        let path = shard.path(folder + "/cells.jsonl")
        let all = try Self.train(sweep, shard, to: path)
        let lines = try Self.lines(path)
        try lines.prefix(3).joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try SweepFile.results(in: path, for: sweep).count == 1)
        #expect(try Self.train(sweep, shard, to: path) == all)
    }

    @Test(
        "auto takes ranks before tasks before arrays",
        arguments: [
            (
                ["OMPI_COMM_WORLD_RANK": "2", "OMPI_COMM_WORLD_SIZE": "4", "SLURM_PROCID": "0", "SLURM_NTASKS": "8"],
                "2-of-4"
            ),
            (["PMI_RANK": "1", "PMI_SIZE": "2"], "1-of-2"), (["SLURM_PROCID": "3", "SLURM_NTASKS": "5"], "3-of-5"),
            (
                [
                    "SLURM_PROCID": "0", "SLURM_NTASKS": "1", "SLURM_ARRAY_TASK_ID": "4", "SLURM_ARRAY_TASK_MIN": "1",
                    "SLURM_ARRAY_TASK_MAX": "4", "SLURM_ARRAY_TASK_COUNT": "4",
                ], "3-of-4"
            ),
            (
                [
                    "SLURM_ARRAY_TASK_ID": "12", "SLURM_ARRAY_TASK_MIN": "10", "SLURM_ARRAY_TASK_MAX": "16",
                    "SLURM_ARRAY_TASK_STEP": "2", "SLURM_ARRAY_TASK_COUNT": "4",
                ], "1-of-4"
            ),
        ])
    func surroundings(variables: [String: String], part: String) throws {
        #expect(try SweepShard(parsing: "auto", surroundings: variables).path("a.jsonl") == "a.\(part).jsonl")
    }

    @Test(
        "other parts are refused",
        arguments: [
            ("4/4", [:]), ("-1/4", [:]), ("1", [:]), ("0/0", [:]), ("auto", [:]),
            ("auto", ["SLURM_PROCID": "0", "SLURM_NTASKS": "1"]),
            (
                "auto",
                [
                    "SLURM_ARRAY_TASK_ID": "1", "SLURM_ARRAY_TASK_MIN": "1", "SLURM_ARRAY_TASK_MAX": "9",
                    "SLURM_ARRAY_TASK_COUNT": "3",
                ]
            ), ("auto", ["PMI_RANK": "x", "PMI_SIZE": "2"]), ("auto", ["PMI_RANK": "-1", "PMI_SIZE": "2"]),
            (
                "auto",
                [
                    "SLURM_ARRAY_TASK_ID": "1", "SLURM_ARRAY_TASK_MIN": "-9", "SLURM_ARRAY_TASK_MAX": "\(Int.max)",
                ]
            ),
        ] as [(String, [String: String])])
    func refused(text: String, variables: [String: String]) {
        #expect(throws: ExperimentError.self) { try SweepShard(parsing: text, surroundings: variables) }
    }
}
