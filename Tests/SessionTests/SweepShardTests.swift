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
        #expect(merged.notes.isEmpty && merged.sweep.cells.count == 18 && merged.results.count == 18)
        try SavedFile.write(merged.text, to: folder + "/merged.jsonl")
        let again = try SweepFile.open(folder + "/merged.jsonl", for: sweep)
        #expect(again.finished == whole)
        // Missing and doubled cells are told of.
        let part = try SweepMerge([paths[0], paths[1], paths[1], paths[2]])
        #expect(part.notes.count == 3 && part.notes[0].contains("twice") && part.notes[1].contains("4 of 18"))
        #expect(part.notes.last == "1 of 4 parts is missing: 3-of-4")
        // The folder shows all while they are written.
        let watch = try SweepWatch(folder, for: sweep)
        watch.read()
        #expect(watch.isComplete && watch.results == whole && watch.others.isEmpty)
        // Another sweep does not belong to them.
        let other = try Sweep(.standard, directory: nil, vary: ["layers.0.dense.units=2,3"], seeds: 1, epochs: 1)
        _ = try Self.train(other, nil, to: folder + "/other.jsonl")
        #expect(throws: ExperimentError.self) { try SweepMerge([paths[0], folder + "/other.jsonl"]) }
        watch.read()
        #expect(watch.others.keys.sorted() == [folder + "/other.jsonl"] && watch.isComplete)
    }

    @Test("a part that alone has the last seeds is missed by the names of the others")
    func missingSeeds() throws {
        mkdir(folder, 0o700)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let sweep = try Sweep(.standard, directory: nil, vary: ["layers.0.dense.units=2,3"], seeds: 3, epochs: 1)
        var paths: [String] = []
        for index in 0..<3 {
            let shard = try SweepShard(parsing: "\(index)/3", surroundings: [:])
            paths.append(shard.path(folder + "/cells.jsonl"))
            _ = try Self.train(sweep, shard, to: paths[index])
        }
        #expect(try SweepMerge(paths).notes.isEmpty)
        #expect(try SweepMerge(Array(paths.prefix(2))).notes == ["1 of 3 parts is missing: 2-of-3"])
        // A merged file beside a part is no part: the others may be in it.
        try SavedFile.write(SweepMerge(paths).text, to: folder + "/all.jsonl")
        #expect(try SweepMerge([folder + "/all.jsonl", paths[0]]).notes.allSatisfy { !$0.contains("missing") })
        #expect(
            SweepShard(named: "a/cells.12-of-16.jsonl")?.index == 12 && SweepShard(named: "cells.4-of-4.jsonl") == nil)
    }

    @Test("a part that was ended goes on where it was")
    func resume() throws {
        mkdir(folder, 0o700)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let sweep = try Self.sweep()
        let shard = try SweepShard(parsing: "1/3", surroundings: [:])
        let path = shard.path(folder + "/cells.jsonl")
        let all = try Self.train(sweep, shard, to: path)
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        try lines.prefix(3).joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        let opened = try SweepFile.open(path, for: sweep)
        #expect(opened.finished.count == 1)
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
            ), ("auto", ["PMI_RANK": "x", "PMI_SIZE": "2"]),
        ] as [(String, [String: String])])
    func refused(text: String, variables: [String: String]) {
        #expect(throws: ExperimentError.self) { try SweepShard(parsing: text, surroundings: variables) }
    }
}
