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
            // Of a game, and of two networks against each other, a loss says nothing of what was learned.
            if name.hasPrefix("boundary") || ["cart-pole", "gan"].contains(name) {
                #expect(row["finalLoss"] is NSNull)
            } else {
                // A network of whose steps a second has a few dozen has hardly begun.
                let loss = try #require(row["finalLoss"] as? Double)
                // Guessing one of 60 symbols costs ln 60.
                #expect(loss < (name == "tale" ? 4.1 : figures[1] > 1000 ? 0.6 : 3), "\(name)")
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

    @Test("mlp takes a batch and population a number of networks, and mlp tells the operations of its products")
    func sizes() throws {
        let result = try Program.run([
            "bench", "mlp", "population", "--batch", "256", "--networks", "20", "--seconds", "0.05", "--format", "json",
        ])
        #expect(result.status == 0, "\(result.errors)")
        let rows = try #require(try result.json()["results"] as? [[String: Any]])
        #expect(rows.map { $0["batch"] as? Int } == [256, nil] && rows.map { $0["networks"] as? Int } == [nil, 20])
        let (rate, gigaflops) = (rows[0]["median"] as? Double, rows[0]["gigaflopsPerSecond"] as? Double)
        // Forward and the weights' gradients: all three layers. The inputs' gradients: the last two.
        let products = 2 * (784 * 512 + 512 * 512 + 512 * 10) + (512 * 512 + 512 * 10)
        let operations = Double(2 * 256 * products)
        #expect(abs(try #require(gigaflops) * 1e9 / (try #require(rate)) - operations) < 1)
        #expect(rows[1]["gigaflopsPerSecond"] == nil)
    }

    @Test("text fits 80 columns, with the sizes that were asked for")
    func text() throws {
        let result = try Program.run(["bench", "--seconds", "0.05", "--networks", "1000"])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("population, 1,000") && result.output.contains("GFLOP/s"))
        let lines = result.output.split(separator: "\n")
        // The processor's name is as long as it is.
        #expect(lines.dropFirst().allSatisfy { $0.count <= 80 }, "\(result.output)")
    }

    @Test(
        "a size out of range, or for a workload that is not measured, ends with 64 and says what was expected",
        arguments: [
            (["mlp", "--batch", "0"], "--batch: expected 1 to 16384, found 0"),
            (["population", "--networks", "100000"], "--networks: expected 1 to 65536, found 100000"),
            (
                ["population", "--batch", "256"],
                "--batch: is for mlp, lenet, digits-cnn, resnet-small, lstm, recurrent-small, tale, autoencoder, rbm, cart-pole, gan; found population"
            ),
            (
                ["playground-deep", "mlp", "--networks", "9"],
                "is for population, rnn-lanes; found playground-deep, mlp"
            ),
        ] as [([String], String)])
    func mistakes(arguments: [String], part: String) throws {
        let result = try Program.run(["bench"] + arguments)
        #expect(result.status == 64 && result.errors.contains(part), "\(result.errors)")
    }
}
