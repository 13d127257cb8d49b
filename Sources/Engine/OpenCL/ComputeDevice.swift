/// The place where a network trains: the processor with the engine's own kernels, or a device that OpenCL offers.
public enum ComputeDevice: Sendable, Hashable {
    case processor
    case openCL(OpenCLDevice)

    /// All of them, the processor first.
    public static var all: [ComputeDevice] { [.processor] + OpenCLDevice.all.map { .openCL($0) } }

    /// "cpu", or the device's name, with its number where others have the same.
    public var name: String {
        switch self {
        case .processor: "cpu"
        case .openCL(let device): device.label
        }
    }

    /// The values of `--device`: cpu; gpu, the first graphics card, or where there is none the first OpenCL device; the
    /// number of an OpenCL device; its name; or a part of it, and then the first device that has it.
    /// - Throws: what there is to choose from, or which package brings a device.
    public init(named wish: String) throws(EngineError) {
        self =
            try Self.find(wish, among: OpenCLDevice.all.map { ($0.label, $0.kind) }).map {
                .openCL(OpenCLDevice.all[$0])
            } ?? .processor
    }

    /// - Returns: the index of the device that `wish` means; nil: the processor.
    static func find(
        _ wish: String, among devices: [(name: String, kind: OpenCLDevice.Kind)]
    ) throws(EngineError) -> Int? {
        let wanted = wish.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard !wanted.isEmpty else {
            throw EngineError(
                place: "device",
                message: "expected cpu, gpu, a number or a part of a name, found \(quoted(wish)); "
                    + "`layercake devices` lists them")
        }
        if wanted == "cpu" { return nil }
        guard !devices.isEmpty else {
            guard wanted == "gpu" || Int(wanted) != nil else {
                throw EngineError(
                    place: "device", message: "found \(quoted(wish)), but there is only cpu; \(OpenCL.advice)")
            }
            throw EngineError(place: "device", message: OpenCL.advice)
        }
        if wanted == "gpu" { return devices.firstIndex { $0.kind == .gpu } ?? 0 }
        if let number = Int(wanted) {
            guard devices.indices.contains(number) else {
                throw EngineError(
                    place: "device",
                    message: "expected \(devices.count == 1 ? "0" : "a number from 0 to \(devices.count - 1)"), "
                        + "found \(number); `layercake devices` lists them")
            }
            return number
        }
        if let exact = devices.firstIndex(where: { $0.name.lowercased() == wanted }) { return exact }
        if let part = devices.firstIndex(where: { $0.name.lowercased().contains(wanted) }) { return part }
        let names = ["cpu", "gpu"] + devices.map(\.name)
        throw EngineError(
            place: "device", message: "there is no device \(quoted(wish)); \(NearestName.advice(wish, among: names))")
    }
}
