import Basics
import ArgumentParser
import Engine
import Session
import TerminalKit

struct Devices: ParsableCommand, VerboseCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the devices that can train a network, with their speed.",
        discussion: """
            --device takes "cpu", "gpu" (the first graphics card; where there is none, device 0), a device's number, its \
            name, or a part of it. Of several devices that have the part the first is meant; the number tells devices of \
            the same name apart.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @Option(help: "How to print: text or json.")
    var format = Format.text

    @OptionGroup var verbosity: VerboseOption

    var isVerbose: Bool { verbosity.verbose }

    func run() throws {
        let devices = OpenCLDevice.all
        switch format {
        case .text:
            print(
                Self.entry(
                    "cpu", Machine.name,
                    ["\(plural(Machine.processors, "thread")), kernels \(try Processor.simdLevel())"]))
            for device in devices { print(Self.text(device)) }
            if devices.isEmpty {
                print("\n" + wrapText("No other device: \(OpenCL.advice).", columns: 80).joined(separator: "\n"))
            }
        case .json:
            let processor = JSON.object([
                JSON.Member("name", .string(Machine.name)), JSON.Member("kernels", .string(try Processor.simdLevel())),
                JSON.Member("threads", .number(Double(Machine.processors))),
            ])
            var members = [
                JSON.Member("cpu", processor), JSON.Member("devices", .array(devices.map(Self.json))),
            ]
            if devices.isEmpty { members.append(JSON.Member("advice", .string(OpenCL.advice))) }
            print(json: JSON.object(members).text())
        }
    }

    /// A name behind what `--device` takes, and what there is to say of it below, within 80 columns.
    private static func entry(_ number: String, _ name: String, _ lines: [String]) -> String {
        let gap = String(repeating: " ", count: 5)
        let below = lines.flatMap { wrapText($0, columns: 80 - gap.count) }.map { gap + $0 }
        return ([padRight(number, gap.count) + name] + below).joined(separator: "\n")
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
        let kind =
            switch device.kind {
            case .gpu: "graphics card"
            case .cpu: "processor"
            case .other: "accelerator"
            }
        // The standard puts the version behind "OpenCL", and what the maker likes behind that.
        let version = device.version.split(separator: " ").prefix(2).joined(separator: " ")
        return entry(
            "\(device.index)", device.name,
            [
                "\(kind), \(plural(device.computeUnits, "compute unit")), \(short(Double(device.memory) / 1e9)) GB, "
                    + "local memory \(device.localMemory >> 10) KiB",
                "\(device.platform), driver \(device.driver), \(version)", measured,
            ])
    }

    private static func json(_ device: OpenCLDevice) -> JSON {
        var members = [
            JSON.Member("index", .number(Double(device.index))), JSON.Member("name", .string(device.name)),
            JSON.Member("kind", .string(device.kind.rawValue)), JSON.Member("vendor", .string(device.vendor)),
            JSON.Member("platform", .string(device.platform)), JSON.Member("driver", .string(device.driver)),
            JSON.Member("version", .string(device.version)),
            JSON.Member("computeUnits", .number(Double(device.computeUnits))),
            JSON.Member("memory", .number(Double(device.memory))),
            JSON.Member("largestBuffer", .number(Double(device.largestBuffer))),
            JSON.Member("localMemory", .number(Double(device.localMemory))),
            JSON.Member("largestWorkGroup", .number(Double(device.largestWorkGroup))),
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
        value >= 100 ? "\(Int(bounded: value.rounded()))" : "\((value * 10).rounded() / 10)"
    }
}
