import ArgumentParser
import Engine
import Session

/// `--device`, as `play`, `train`, `sweep` and `bench` take it.
struct DeviceOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where to train: cpu, gpu (the first graphics card, else the first OpenCL device), or from 'layercake devices' "
                + "a number, a name or a part of one (the first device that has it) (default: cpu).",
            valueName: "device"))
    var device: String?

    /// - Throws: what there is to choose from.
    func open() throws(ExperimentError) -> ComputeDevice {
        guard let device else { return .processor }
        do { return try ComputeDevice(named: device) } catch {
            throw ExperimentError(.arguments, place: "--device", message: error.message)
        }
    }

    /// Says on standard error why training left the device.
    static func warn(_ failure: EngineError?) {
        guard let failure else { return }
        Failure.writeError(
            "layercake: \(failure.place): \(failure.message); training goes on with the processor, nothing is lost\n")
    }
}
