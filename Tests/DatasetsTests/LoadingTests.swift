import Engine
import Foundation
import Testing

@testable import Datasets

struct LoadingTests {
    private func prepareTable(rows: Int, loading: Loading) throws -> PreparedData {
        let path = FileManager.default.temporaryDirectory.appending(path: "layercake-loading-\(UUID().uuidString).csv")
        let text = "a,b,kind\n" + (0..<rows).map { "\($0),1,\($0 % 2 == 0 ? "x" : "y")\n" }.joined()
        try Data(text.utf8).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        return try prepare(
            DataDescription(dataset: Choice("csv", ["file": .text(path.path)])), features: [], directory: nil,
            loading: loading)
    }

    @Test("the reading of a table says how far it is")
    func progress() throws {
        let loading = Loading()
        #expect(loading.fraction == 0)
        _ = try prepareTable(rows: 20_000, loading: loading)
        #expect(loading.fraction > 0.5 && loading.fraction <= 1)
    }

    @Test("a cancelled reading ends with an error of its own kind")
    func cancelled() {
        let loading = Loading()
        loading.cancel()
        let error = #expect(throws: DataError.self) { try prepareTable(rows: 20_000, loading: loading) }
        #expect(error?.kind == .cancelled)
    }
}
