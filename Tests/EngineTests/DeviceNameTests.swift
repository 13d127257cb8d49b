import Testing

@testable import Engine

@Suite("Names of devices")
struct DeviceNameTests {
    @Test("Devices of one name are told apart by their number, and found by what they are called then")
    func twins() throws {
        let labels = OpenCLDevice.labels(of: ["H100", "A100", "H100"])
        #expect(labels == ["H100 #0", "A100", "H100 #2"])
        let devices = labels.map { (name: $0, kind: OpenCLDevice.Kind.gpu) }
        #expect(try ComputeDevice.find("h100 #2", among: devices) == 2)
        #expect(try ComputeDevice.find("H100", among: devices) == 0, "of several the first")
        #expect(try ComputeDevice.find(" A100 ", among: devices) == 1)
    }

    @Test("Nothing, or spaces alone, is no device's name", arguments: ["", " ", "\t "])
    func nothing(wish: String) {
        let device = (name: "H100", kind: OpenCLDevice.Kind.gpu)
        for devices in [[], [device]] {
            let error = #expect(throws: EngineError.self) { try ComputeDevice.find(wish, among: devices) }
            #expect(error?.message.hasPrefix("expected cpu, gpu") == true)
        }
    }
}
