import ArgumentParser
import Engine
import Session
import TerminalKit

/// `--verbose`, of commands that call libraries which may write to standard error.
struct VerboseOption: ParsableArguments {
    @Flag(help: "Also print, at the end, what libraries such as a device's driver wrote to standard error.")
    var verbose = false
}

/// A command with `--verbose`.
protocol VerboseCommand { var isVerbose: Bool { get } }

/// A command with `--device` and `--verbose`.
protocol DeviceCommand: VerboseCommand { var place: DeviceOption { get } }

extension DeviceCommand {
    var isVerbose: Bool { place.verbosity.verbose }
}

/// `--device`, as `play`, `train`, `sweep` and `bench` take it.
struct DeviceOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where to train: cpu, gpu (the first graphics card, else the first OpenCL device), or from 'layercake devices' "
                + "a number, a name or a part of one (the first device that has it) (default: cpu).",
            valueName: "device"))
    var device: String?

    @OptionGroup var verbosity: VerboseOption

    /// - Throws: what there is to choose from.
    func open() throws(ExperimentError) -> ComputeDevice {
        guard let device else { return .processor }
        defer { guardProgram() }
        do { return try ComputeDevice(named: device) } catch {
            throw ExperimentError(.arguments, place: "--device", message: error.message)
        }
    }

    /// Says on standard error why training left the device.
    static func warn(_ failure: EngineError?) {
        guard let failure else { return }
        Output.writeError(
            "layercake: \(failure.place): \(failure.message); training goes on with the processor, nothing is lost\n")
    }
}
