import Foundation
import Testing

@Suite("bench")
struct BenchTests {
    @Test("json tells each workload's speed, and what was trained has learned")
    func json() throws {
        let result = try Program.run(["bench", "--seconds", "0.1", "--threads", "2", "--format", "json"])
        #expect(result.status == 0, "\(result.errors)")
        let object = try result.json()
        let rows = try #require(object["results"] as? [[String: Any]])
        #expect(rows.count >= 5)
        for row in rows {
            let name = try #require(row["workload"] as? String)
            let figures = try ["min", "median", "max"].map { try #require(row[$0] as? Double) }
            #expect(figures[0] > 0 && figures == figures.sorted(), "\(name)")
            #expect(row["threads"] as? Int == 2 && row["backend"] as? String == "cpu")
            #expect(row["unit"] is String)
            if name.hasPrefix("boundary") {
                #expect(row["finalLoss"] is NSNull)
            } else {
                #expect(try #require(row["finalLoss"] as? Double) < 0.6, "\(name)")
            }
        }
        let machine = try #require(object["machine"] as? [String: Any])
        #expect(machine["simd"] is String && machine["processor"] is String)
    }

    @Test("an unknown workload is offered the nearest one")
    func unknown() throws {
        let result = try Program.run(["bench", "playground-dep"])
        #expect(result.status == 64)
        #expect(result.errors.contains("playground-deep"))
    }
}
