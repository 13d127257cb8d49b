import COpenCL

/// The system's OpenCL library, found at run time: a program that never sees a graphics card starts without it.
public enum OpenCL {
    /// The library's functions; nil where no library is installed.
    static let api: lcl_api? = load()

    private static func load() -> lcl_api? {
        withUnsafePointer(to: lcl_library_names) { names in
            names.withMemoryRebound(to: UnsafePointer<CChar>?.self, capacity: 3) { lcl_load($0)?.pointee }
        }
    }

    /// What is missing, and which package brings it, where there is no device.
    public static var advice: String {
        #if os(Linux)
            let brings =
                "nvidia-opencl-icd (NVIDIA), mesa-opencl-icd or rocm-opencl-icd (AMD), intel-opencl-icd (Intel); "
                + "pocl-opencl-icd computes with OpenCL on the processor"
            return api == nil
                ? "no OpenCL library is installed: install ocl-icd-libopencl1 (names as in Debian and Ubuntu), "
                    + "and your card's driver: \(brings)"
                : "OpenCL is installed, but no driver offers a device; "
                    + "install your card's (names as in Debian and Ubuntu): \(brings)"
        #else
            return "the system offers no OpenCL device"
        #endif
    }

    /// A call that failed.
    struct Failure: Error, Hashable {
        var call: String
        var code: Int32

        /// The names that users meet, and that they find advice for.
        var name: String {
            switch code {
            case -2: "device not available"
            case -4: "out of device memory"
            case -5: "out of resources"
            case -6: "out of host memory"
            case -11: "the program does not build"
            case -30: "invalid value"
            case -36: "invalid command queue"
            case -48: "invalid kernel"
            case -54: "invalid work-group size"
            case -61: "invalid buffer size"
            default: "error \(code)"
            }
        }

        func engineError(on device: String) -> EngineError {
            EngineError(place: device, message: "\(name) (\(call))")
        }
    }

    static func check(_ code: Int32, _ call: String) throws(Failure) {
        guard code == CL_SUCCESS else { throw Failure(call: call, code: code) }
    }
}
