import COpenCL
import Synchronization

/// A device's memory and programs, shared by all networks on it. Its calls may come from any thread.
final class OpenCLContext: @unchecked Sendable {
    let device: OpenCLDevice
    let api: lcl_api
    private let object: OpenCLObject
    private let programs = Mutex<[Kept]>([])
    /// Bytes of the device's memory that networks have.
    let reserved = Atomic(0)

    /// A program that was built for this context, newest last.
    private struct Kept: @unchecked Sendable {
        var key: UInt64
        var program: OpenCLObject
    }

    /// Programs kept ready in memory; the folder of binaries has the others.
    private static let mostKept = 8
    private static let contexts = Mutex<[OpenCLDevice: OpenCLContext]>([:])

    var handle: OpaquePointer { object.handle }

    private init(_ device: OpenCLDevice) throws(OpenCL.Failure) {
        guard let api = OpenCL.api else { throw OpenCL.Failure(call: "clCreateContext", code: -2) }
        self.device = device
        self.api = api
        var code: Int32 = 0
        var id: cl_device_id? = device.handle.id
        object = try OpenCLObject(
            api.clCreateContext(nil, 1, &id, nil, nil, &code), code, "clCreateContext", release: api.clReleaseContext)
    }

    /// The device's context, made at the first call.
    static func shared(_ device: OpenCLDevice) throws(OpenCL.Failure) -> OpenCLContext {
        try contexts.withLock { (contexts) throws(OpenCL.Failure) in
            if let context = contexts[device] { return context }
            let context = try OpenCLContext(device)
            contexts[device] = context
            return context
        }
    }

    /// The message to the user after a call that failed. A context that may be spoilt is forgotten: the next network on
    /// the device gets a new one.
    static func report(_ failure: OpenCL.Failure, _ device: OpenCLDevice) -> EngineError {
        var failure = failure
        let context = contexts.withLock { contexts in
            let context = contexts[device]
            if !failure.isRefusal { contexts[device] = nil }
            return context
        }
        if let context, failure.isWantOfMemory, failure.detail.isEmpty {
            failure.detail = OpenCLReservation.detail(context)
        }
        return failure.engineError(on: device.name)
    }

    static func attempt<T>(
        on device: OpenCLDevice, _ work: () throws(OpenCL.Failure) -> T
    ) throws(EngineError) -> T {
        do throws(OpenCL.Failure) { return try work() } catch { throw report(error, device) }
    }

    /// The program that `source` is, from memory, from the folder of binaries or from the compiler.
    func program(_ source: String, options: String = "") throws(OpenCL.Failure) -> OpenCLObject {
        let key = ProgramCache.key(source: source, options: options, device: device)
        if let kept = programs.withLock({ Self.find(key, in: &$0) }) { return kept.program }
        let program = try build(source, options: options, key: device.keepsPrograms ? nil : key)
        programs.withLock { kept in
            kept.append(Kept(key: key, program: program))
            if kept.count > Self.mostKept { kept.removeFirst() }
        }
        return program
    }

    private static func find(_ key: UInt64, in kept: inout [Kept]) -> Kept? {
        guard let index = kept.firstIndex(where: { $0.key == key }) else { return nil }
        let found = kept.remove(at: index)
        kept.append(found)
        return found
    }

    /// - Parameter key: of its file; nil: it has none.
    func build(_ source: String, options: String, key: UInt64?) throws(OpenCL.Failure) -> OpenCLObject {
        if let key, let binary = ProgramCache.read(key), let program = try? fromBinary(binary, options: options) {
            return program
        }
        var code: Int32 = 0
        let handle = source.withCString { text in
            var start: UnsafePointer<CChar>? = text
            return api.clCreateProgramWithSource(self.handle, 1, &start, nil, &code)
        }
        let program = try OpenCLObject(handle, code, "clCreateProgramWithSource", release: api.clReleaseProgram)
        try compile(program, options: options)
        if let key, let binary = binary(of: program) { ProgramCache.write(binary, key) }
        return program
    }

    private func fromBinary(_ binary: [UInt8], options: String) throws(OpenCL.Failure) -> OpenCLObject {
        var code: Int32 = 0
        var status: Int32 = 0
        var id: cl_device_id? = device.handle.id
        var size = binary.count
        let handle = binary.withUnsafeBufferPointer { bytes in
            var start = bytes.baseAddress
            return api.clCreateProgramWithBinary(self.handle, 1, &id, &size, &start, &status, &code)
        }
        let program = try OpenCLObject(handle, code, "clCreateProgramWithBinary", release: api.clReleaseProgram)
        try OpenCL.check(status, "clCreateProgramWithBinary")
        try compile(program, options: options)
        return program
    }

    private func compile(_ program: OpenCLObject, options: String) throws(OpenCL.Failure) {
        var id: cl_device_id? = device.handle.id
        let code = api.clBuildProgram(program.handle, 1, &id, options, nil, nil)
        guard code != CL_SUCCESS else { return }
        let log = OpenCLDevice.text {
            api.clGetProgramBuildInfo(program.handle, device.handle.id, UInt32(CL_PROGRAM_BUILD_LOG), $0, $1, $2)
        }
        throw OpenCL.Failure(call: "clBuildProgram", code: code, detail: String(log.prefix(400)))
    }

    private func binary(of program: OpenCLObject) -> [UInt8]? {
        var size = 0
        guard
            api.clGetProgramInfo(
                program.handle, UInt32(CL_PROGRAM_BINARY_SIZES), MemoryLayout<Int>.size, &size, nil) == CL_SUCCESS,
            size > 0
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: size)
        let code = bytes.withUnsafeMutableBufferPointer { buffer in
            var start = buffer.baseAddress
            return api.clGetProgramInfo(
                program.handle, UInt32(CL_PROGRAM_BINARIES), MemoryLayout.size(ofValue: start), &start, nil)
        }
        return code == CL_SUCCESS ? bytes : nil
    }
}
