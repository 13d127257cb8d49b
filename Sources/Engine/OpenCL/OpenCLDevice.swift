import COpenCL

/// A device that the system's OpenCL offers, and what it says of itself.
public struct OpenCLDevice: Sendable, Hashable {
    public enum Kind: String, Sendable { case gpu, cpu, other }

    /// Its place in the system's list: what `--device N` names.
    public let index: Int
    public let name: String
    /// The name, with the number behind it where others have the same: "NVIDIA H100 #1".
    public private(set) var label: String
    public let vendor: String
    public let platform: String
    public let kind: Kind
    public let driver: String
    /// The OpenCL version, as the device writes it.
    public let version: String
    public let computeUnits: Int
    /// Bytes.
    public let memory: UInt64
    public let largestBuffer: UInt64
    public let localMemory: UInt64
    /// Work-items.
    public let largestWorkGroup: Int
    /// Whether it computes with Double.
    let hasDouble: Bool
    let handle: Handle

    /// PoCL keeps compiled kernels in `$XDG_CACHE_HOME` by itself; asked for them, it compiles each a second time, for
    /// groups of any size (0.9 s become 2.6 s).
    var keepsPrograms: Bool { platform == "Portable Computing Language" }

    /// The system keeps devices as long as the program runs.
    struct Handle: @unchecked Sendable, Hashable { let id: cl_device_id }

    public static func == (a: OpenCLDevice, b: OpenCLDevice) -> Bool { a.handle == b.handle }
    public func hash(into hasher: inout Hasher) { hasher.combine(handle) }

    /// All devices with a compiler, in the system's order. Empty where OpenCL is not installed.
    public static let all: [OpenCLDevice] = list()

    private static func list() -> [OpenCLDevice] {
        guard let api = OpenCL.api else { return [] }
        var count: UInt32 = 0
        guard api.clGetPlatformIDs(0, nil, &count) == CL_SUCCESS, count > 0 else { return [] }
        var platforms = [cl_platform_id?](repeating: nil, count: Int(count))
        guard api.clGetPlatformIDs(count, &platforms, nil) == CL_SUCCESS else { return [] }
        var devices: [OpenCLDevice] = []
        for platform in platforms {
            var found: UInt32 = 0
            guard api.clGetDeviceIDs(platform, LCL_DEVICE_TYPE_ALL, 0, nil, &found) == CL_SUCCESS, found > 0 else {
                continue
            }
            var ids = [cl_device_id?](repeating: nil, count: Int(found))
            guard api.clGetDeviceIDs(platform, LCL_DEVICE_TYPE_ALL, found, &ids, nil) == CL_SUCCESS else { continue }
            let name = text { api.clGetPlatformInfo(platform, UInt32(CL_PLATFORM_NAME), $0, $1, $2) }
            for case let id? in ids {
                if let device = OpenCLDevice(id, index: devices.count, platform: name, api: api) {
                    devices.append(device)
                }
            }
        }
        let labels = labels(of: devices.map(\.name))
        for index in devices.indices { devices[index].label = labels[index] }
        return devices
    }

    static func labels(of names: [String]) -> [String] {
        names.enumerated().map { index, name in
            names.count { $0 == name } > 1 ? "\(name) #\(index)" : name
        }
    }

    /// - Returns: nil for a device that is not available, or without a compiler.
    private init?(_ id: cl_device_id, index: Int, platform: String, api: lcl_api) {
        func number<N: FixedWidthInteger>(_ what: Int, as type: N.Type) -> N {
            var value: N = 0
            _ = api.clGetDeviceInfo(id, UInt32(what), MemoryLayout<N>.size, &value, nil)
            return value
        }
        func words(_ what: Int) -> String { Self.text { api.clGetDeviceInfo(id, UInt32(what), $0, $1, $2) } }
        guard number(Int(CL_DEVICE_AVAILABLE), as: UInt32.self) != 0,
            number(Int(CL_DEVICE_COMPILER_AVAILABLE), as: UInt32.self) != 0
        else { return nil }
        self.index = index
        self.platform = platform
        handle = Handle(id: id)
        name = words(Int(CL_DEVICE_NAME))
        label = name
        vendor = words(Int(CL_DEVICE_VENDOR))
        driver = words(Int(CL_DRIVER_VERSION))
        version = words(Int(CL_DEVICE_VERSION))
        computeUnits = Int(number(Int(CL_DEVICE_MAX_COMPUTE_UNITS), as: UInt32.self))
        memory = number(Int(CL_DEVICE_GLOBAL_MEM_SIZE), as: UInt64.self)
        largestBuffer = number(Int(CL_DEVICE_MAX_MEM_ALLOC_SIZE), as: UInt64.self)
        localMemory = number(Int(CL_DEVICE_LOCAL_MEM_SIZE), as: UInt64.self)
        largestWorkGroup = number(Int(CL_DEVICE_MAX_WORK_GROUP_SIZE), as: Int.self)
        hasDouble = words(Int(CL_DEVICE_EXTENSIONS)).split(separator: " ").contains("cl_khr_fp64")
        let type = number(Int(CL_DEVICE_TYPE), as: UInt64.self)
        kind = type & LCL_DEVICE_TYPE_GPU != 0 ? .gpu : type & LCL_DEVICE_TYPE_CPU != 0 ? .cpu : .other
    }

    /// A text that OpenCL hands out: once asked for its size, once for itself.
    static func text(
        _ ask: (_ size: Int, _ bytes: UnsafeMutableRawPointer?, _ needed: UnsafeMutablePointer<Int>?) -> Int32
    ) -> String {
        var size = 0
        guard ask(0, nil, &size) == CL_SUCCESS, size > 0 else { return "" }
        var bytes = [UInt8](repeating: 0, count: size)
        guard bytes.withUnsafeMutableBytes({ ask(size, $0.baseAddress, nil) }) == CL_SUCCESS else { return "" }
        let end = bytes.firstIndex(of: 0) ?? bytes.endIndex
        let words = String(decoding: bytes[..<end], as: UTF8.self).split(whereSeparator: \.isWhitespace)
        return words.joined(separator: " ")
    }
}
