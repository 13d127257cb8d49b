import COpenCL

/// A kernel with its arguments, which stay until they are set anew. Not Sendable: one thread.
final class OpenCLKernel {
    let name: String
    private let object: OpenCLObject
    private let api: lcl_api

    var handle: OpaquePointer { object.handle }

    init(_ name: String, in program: OpenCLObject, _ context: OpenCLContext) throws(OpenCL.Failure) {
        self.name = name
        api = context.api
        var code: Int32 = 0
        object = try OpenCLObject(
            api.clCreateKernel(program.handle, name, &code), code, name, release: api.clReleaseKernel)
    }

    func set<T: BitwiseCopyable>(_ index: Int, _ value: T) throws(OpenCL.Failure) {
        try withUnsafePointer(to: value) { (pointer) throws(OpenCL.Failure) in
            try OpenCL.check(
                api.clSetKernelArg(handle, UInt32(index), MemoryLayout<T>.size, pointer), "\(name), argument \(index)")
        }
    }

    func set(_ index: Int, _ buffer: OpenCLBuffer) throws(OpenCL.Failure) {
        try set(index, Optional(buffer.handle))
    }

    /// Bytes of local memory for an argument.
    func reserve(_ index: Int, localBytes: Int) throws(OpenCL.Failure) {
        try OpenCL.check(
            api.clSetKernelArg(handle, UInt32(index), localBytes, nil), "\(name), argument \(index)")
    }
}
