import Foundation
import Testing

@Suite("Devices without a screen")
struct DeviceProgramTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("devices lists the processor and every device with what it can, as text and as json")
    func list() throws {
        let text = try Program.run(["devices"])
        #expect(text.status == 0, "\(text.errors)")
        #expect(text.output.hasPrefix("cpu  ") && text.output.contains("kernels"))
        let report = try Program.run(["devices", "--format", "json"]).json()
        let processor = try #require(report["cpu"] as? [String: Any])
        #expect(try #require(processor["threads"] as? Int) >= 1)
        #expect(["baseline", "v3", "v4"].contains(try #require(processor["kernels"] as? String)))
        let devices = try #require(report["devices"] as? [[String: Any]])
        #expect(devices.isEmpty == (report["advice"] is String), "advice where there is none")
        for (index, device) in devices.enumerated() {
            #expect(device["index"] as? Int == index)
            let name = try #require(device["name"] as? String)
            #expect(text.output.contains(name))
            for key in ["kind", "vendor", "platform", "driver", "version"] {
                #expect(!(try #require(device[key] as? String)).isEmpty, "\(key) of \(name)")
            }
            guard device["error"] == nil else { continue }
            for key in [
                "computeUnits", "memory", "largestBuffer", "largestWorkGroup", "gigaflopsPerSecond",
                "gigabytesPerSecond",
            ] {
                #expect(try #require(device[key] as? Double) > 0, "\(key) of \(name)")
            }
        }
    }

    @Test(
        "a device that cannot be meant ends with 64 and says what there is", arguments: ["nonsense", "99", "-1", " "])
    func mistakes(wish: String) throws {
        let result = try Program.run(["train", "circle", "--epochs", "1", "--device=\(wish)"])
        #expect(result.status == 64)
        #expect(result.errors.contains("--device: ") && result.output.isEmpty, "\(result.errors)")
        guard wish == "nonsense" else { return }
        for name in ["cpu"] + Devices.names { #expect(result.errors.contains(name), "\(result.errors)") }
    }

    @Test("an empty name is a mistake, not a choice")
    func empty() throws {
        let result = try Program.run(["train", "circle", "--epochs", "1", "--device", ""])
        #expect(result.status == 64 && result.errors.contains("--device: expected cpu, gpu"), "\(result.errors)")
    }

    @Test("without a driver, devices says what is missing, and --device gpu ends with 64 and says it too")
    func noDriver() throws {
        // The loader of OpenCL's drivers looks into this folder, in place of the system's.
        let hidden = ["OCL_ICD_VENDORS": folder.url.path]
        let list = try Program.run(["devices"], environment: hidden)
        #expect(list.status == 0 && list.output.hasPrefix("cpu  "))
        #expect(list.output.contains("No other device") && list.output.contains("-opencl-icd"), "\(list.output)")
        let lines = list.output.components(separatedBy: "\n").dropFirst()
        #expect(lines.allSatisfy { $0.count <= 80 }, "\(list.output)")
        let report = try Program.run(["devices", "--format", "json"], environment: hidden).json()
        #expect((report["devices"] as? [Any])?.count == 0)
        #expect(try #require(report["advice"] as? String).contains("-opencl-icd"))
        let train = try Program.run(["train", "circle", "--epochs", "1", "--device", "gpu"], environment: hidden)
        #expect(train.status == 64 && train.errors.contains("-opencl-icd"), "\(train.errors)")
    }

    @Test("train on a device names it, and ends at the processor's loss", .enabled(if: Devices.exist, Devices.missing))
    func train() throws {
        func report(_ device: String) throws -> [String: Any] {
            let result = try Program.run([
                "train", "circle", "--device", device, "--epochs", "50", "--format", "json",
            ])
            #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
            return try result.json()
        }
        let (here, there) = (try report("cpu"), try report("gpu"))
        #expect(here["backend"] as? String == "cpu")
        #expect(Devices.names.contains(try #require(there["backend"] as? String)))
        #expect(there["steps"] as? Int == 1250)
        for key in ["trainLoss", "testLoss"] {
            let (a, b) = (try #require(here[key] as? Double), try #require(there[key] as? Double))
            #expect(abs(a - b) < 1e-3 && b < 0.1, "\(key): \(a) and \(b)")
        }
    }

    @Test("a sweep on a device has the processor's figures", .enabled(if: Devices.exist, Devices.missing))
    func sweep() throws {
        func rows(_ device: String) throws -> [[Substring]] {
            let result = try Program.run([
                "sweep", "circle", "--device", device, "--vary", "layers.0.dense.units=1,4", "--vary",
                "training.optimizer.sgd.learningRate=0.01,0.1", "--seeds", "3", "--epochs", "20", "--format", "csv",
            ])
            #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
            return result.output.split(separator: "\n").map {
                $0.split(separator: ",", omittingEmptySubsequences: false)
            }
        }
        let (here, there) = (try rows("cpu"), try rows("gpu"))
        #expect(here.count == 13 && there.count == 13 && here[0] == there[0])
        for (a, b) in zip(here, there).dropFirst() {
            #expect(a.count == b.count)
            for (x, y) in zip(a, b) {
                if let x = Double(x), let y = Double(y) {
                    #expect(abs(x - y) <= 1e-3, "\(a) and \(b)")
                } else {
                    #expect(x == y)
                }
            }
        }
    }

    @Test(
        "bench says for each row where it ran: a picture's is the processor",
        .enabled(if: Devices.exist, Devices.missing))
    func bench() throws {
        let result = try Program.run([
            "bench", "population", "boundary-default", "--networks", "64", "--device", "gpu", "--seconds", "0.05",
            "--format", "json",
        ])
        #expect(result.status == 0, "\(result.errors)")
        let rows = try #require(try result.json()["results"] as? [[String: Any]])
        #expect(Devices.names.contains(try #require(rows[0]["backend"] as? String)))
        #expect(rows[1]["backend"] as? String == "cpu")
    }
}
