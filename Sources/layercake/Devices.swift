import ArgumentParser
import Engine
import Session

struct Devices: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the devices that can train a network, with their speed.",
        discussion: """
            --device takes "cpu", "gpu" (the first graphics card; where there is none, the first device of this list), \
            a device's number, or a part of its name.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @Option(help: "How to print: text or json.")
    var format = Format.text

    func run() throws {
        let devices = OpenCLDevice.all
        switch format {
        case .text:
            print("cpu  the processor, with kernels of level \(try Processor.simdLevel())")
            for device in devices { print(Self.text(device)) }
            if devices.isEmpty { print("\nNo other device: \(OpenCL.advice).") }
        case .json:
            var members = [JSON.Member("devices", .array(devices.map(Self.json)))]
            if devices.isEmpty { members.append(JSON.Member("advice", .string(OpenCL.advice))) }
            print(JSON.object(members).text())
        }
    }

    private static func speed(of device: OpenCLDevice) -> Result<DeviceSpeed, EngineError> {
        do throws(EngineError) { return .success(try DeviceSpeed(of: device)) } catch { return .failure(error) }
    }

    private static func text(_ device: OpenCLDevice) -> String {
        let measured =
            switch speed(of: device) {
            case .success(let speed): "\(short(speed.gigaflops)) GFLOP/s, \(short(speed.gigabytes)) GB/s"
            case .failure(let error): "cannot be used: \(error.message)"
            }
        let number = "\(device.index)" + String(repeating: " ", count: max(1, 5 - "\(device.index)".count))
        return """
            \(number)\(device.name)
                 \(device.kind == .gpu ? "graphics card" : device.kind == .cpu ? "processor" : "accelerator"), \
            \(device.computeUnits) compute units, \(short(Double(device.memory) / 1e9)) GB, \
            local memory \(device.localMemory >> 10) KiB
                 \(device.platform), driver \(device.driver), \(device.version)
                 \(measured)
            """
    }

    private static func json(_ device: OpenCLDevice) -> JSON {
        var members = [
            JSON.Member("index", .number(Double(device.index))), JSON.Member("name", .string(device.name)),
            JSON.Member("kind", .string(device.kind.rawValue)), JSON.Member("vendor", .string(device.vendor)),
            JSON.Member("platform", .string(device.platform)), JSON.Member("driver", .string(device.driver)),
            JSON.Member("version", .string(device.version)),
            JSON.Member("computeUnits", .number(Double(device.computeUnits))),
            JSON.Member("memory", .number(Double(device.memory))),
            JSON.Member("localMemory", .number(Double(device.localMemory))),
        ]
        switch speed(of: device) {
        case .success(let speed):
            members.append(JSON.Member("gigaflopsPerSecond", .number(speed.gigaflops)))
            members.append(JSON.Member("gigabytesPerSecond", .number(speed.gigabytes)))
        case .failure(let error):
            members.append(JSON.Member("error", .string(error.message)))
        }
        return .object(members)
    }

    /// Three digits are what a measurement is good for.
    private static func short(_ value: Double) -> String {
        value >= 100 ? "\(Int(value.rounded()))" : "\((value * 10).rounded() / 10)"
    }
}
