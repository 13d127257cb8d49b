import Engine
import Foundation
import Testing

@testable import Datasets

/// The parts that tests of images share.
protocol ImageFixtures {}

extension ImageFixtures {
    func prepared(
        _ id: String, _ knobs: [String: KnobValue] = [:], standardize: Bool? = nil, shuffle: Bool = true,
        trainFraction: Double? = nil, directory: String? = nil, record: DataRecord? = nil
    ) throws -> PreparedData {
        try prepare(
            DataDescription(
                dataset: Choice(id, knobs), trainFraction: trainFraction, shuffle: shuffle, standardize: standardize),
            features: [], directory: directory, record: record)
    }

    /// A folder that is gone after the test.
    func inFolder(_ files: [String: [UInt8]], _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "layercake-images-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, bytes) in files {
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: file)
        }
        try body(folder.path)
    }

    /// A file of zeros that takes no room on the disk.
    func writeZeros(_ count: UInt64, to path: String) throws {
        try Data().write(to: URL(filePath: path))
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.truncate(atOffset: count)
        try file.close()
    }

    func mistake(_ body: () throws -> Void) -> String {
        let error = #expect(throws: DataError.self) { try body() }
        return error?.description ?? ""
    }

    func idx(_ dimensions: [Int], _ bytes: [UInt8]) -> [UInt8] {
        [0, 0, 8, UInt8(dimensions.count)]
            + dimensions.flatMap { length in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) } } + bytes
    }
}
