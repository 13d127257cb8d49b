import COpenCL
import Testing

@testable import Engine

@Suite("OpenCL devices")
struct OpenCLDeviceTests {
    private static let twoDevices: [(name: String, kind: OpenCLDevice.Kind)] = [
        ("pthread-skylake", .cpu), ("GeForce RTX 4090", .gpu), ("GeForce RTX 4070", .gpu),
    ]

    @Test("A device is found by cpu, gpu, its number, its name or a part of it")
    func finding() throws {
        func find(_ wish: String) throws -> Int? { try ComputeDevice.find(wish, among: Self.twoDevices) }
        #expect(try find("cpu") == nil)
        #expect(try find("GPU") == 1, "a graphics card before any other")
        #expect(try find("2") == 2)
        #expect(try find("geforce") == 1)
        #expect(try find("GeForce RTX 4070") == 2)
        #expect(try ComputeDevice.find("gpu", among: [Self.twoDevices[0]]) == 0, "without a card, the first device")
    }

    @Test("A device that is not there is named, with what there is")
    func missing() {
        let number = #expect(throws: EngineError.self) { try ComputeDevice.find("3", among: Self.twoDevices) }
        #expect(number?.message.contains("0 to 2") == true)
        let name = #expect(throws: EngineError.self) { try ComputeDevice.find("gpuu", among: Self.twoDevices) }
        #expect(name?.message.contains("gpu") == true)
        let none = #expect(throws: EngineError.self) { try ComputeDevice.find("gpu", among: []) }
        #expect(none?.message == OpenCL.advice)
    }

    @Test("A library that is not installed, or is another, gives no functions")
    func noLibrary() {
        #expect(lcl_load("libNoSuchOpenCL.so.1") == nil)
        #expect(lcl_load("libm.so.6") == nil)
    }

    @Test("What stands between comments is left of a kernel's text")
    func strippedText() {
        #expect(KernelText.stripped("/* é */\nint a; /* b\n c */ int d;\n#pragma once\n\n") == "int a;  int d;")
    }
}
