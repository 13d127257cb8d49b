import COpenCL
import Synchronization

/// The system's OpenCL library, found at run time: a program that never sees a graphics card starts without it.
public enum OpenCL {
    /// The library's functions; nil where no library is installed.
    static let api: lcl_api? = lcl_load(nil)?.pointee

    /// The missing part where there is no device, and the package that brings it.
    public static var advice: String {
        #if os(Linux)
            let brings =
                "nvidia-opencl-icd (NVIDIA), mesa-opencl-icd or rocm-opencl-icd (AMD), intel-opencl-icd (Intel); "
                + "pocl-opencl-icd computes with OpenCL on the processor"
            // PoCL compiles in a folder of its own beside ours.
            if api != nil, let folder = ProgramCache.unwritableFolder {
                return
                    "OpenCL is installed, but no driver offers a device, and \(folder) cannot be written: PoCL "
                    + "needs a folder to compile in; set XDG_CACHE_HOME to one that can be "
                    + "written, or install your card's driver (names as in Debian and Ubuntu): \(brings)"
            }
            return api == nil
                ? "no OpenCL library is installed: install ocl-icd-libopencl1 (names as in Debian and Ubuntu), "
                    + "and your card's driver: \(brings)"
                : "OpenCL is installed, but no driver offers a device; "
                    + "install your card's (names as in Debian and Ubuntu): \(brings)"
        #else
            return "the system offers no OpenCL device"
        #endif
    }

    fileprivate static let anyFailure = Atomic(false)

    /// Whether any device has failed, or refused a network.
    public static var hasFailed: Bool { anyFailure.load(ordering: .relaxed) }

    /// A call that failed.
    struct Failure: Error, Hashable {
        /// Empty: none of the library's, the detail says it all.
        var call: String
        var code: Int32
        /// The compiler's first lines; or the amount that was asked for, and the amount there is.
        var detail = ""

        /// The names that users meet, and that they find advice for.
        var name: String {
            switch code {
            case -2: "the device is not available"
            case -4: "out of device memory"
            case -5: "out of resources on the device"
            case -6: "out of memory"
            case -11: "a kernel does not build"
            case -30: "invalid value"
            case -36: "invalid command queue"
            case -38: "invalid memory object"
            case -46: "there is no such kernel"
            case -48: "invalid kernel"
            case -52: "invalid kernel arguments"
            case -54: "invalid work-group size"
            case -61: "invalid buffer size"
            default: "error \(code)"
            }
        }

        /// Whether what was asked for was wrong, and the context is not to blame.
        var isRefusal: Bool { code == -11 || code == -54 || code == -61 || (code == -4 && !detail.isEmpty) }

        var isWantOfMemory: Bool { code == -4 || code == -5 || code == -6 }

        func engineError(on device: String) -> EngineError {
            OpenCL.anyFailure.store(true, ordering: .relaxed)
            let failed = call.isEmpty ? "" : "\(name) (\(call))"
            return EngineError(
                place: device, message: [failed, detail].filter { !$0.isEmpty }.joined(separator: ": "))
        }
    }

    static func check(_ code: Int32, _ call: String) throws(Failure) {
        guard code == CL_SUCCESS else { throw Failure(call: call, code: code) }
    }
}

/// An object of the library that goes when its owner goes.
final class OpenCLObject {
    let handle: OpaquePointer
    private let release: @convention(c) (OpaquePointer?) -> Int32

    /// - Parameter handle: what the library returned; nil with an error's code.
    init(
        _ handle: OpaquePointer?, _ code: Int32, _ call: String,
        release: @escaping @convention(c) (OpaquePointer?) -> Int32
    ) throws(OpenCL.Failure) {
        try OpenCL.check(code, call)
        guard let handle else { throw OpenCL.Failure(call: call, code: -6) }
        self.handle = handle
        self.release = release
        lcl_count(1)
    }

    deinit {
        _ = release(handle)
        lcl_count(-1)
    }
}
