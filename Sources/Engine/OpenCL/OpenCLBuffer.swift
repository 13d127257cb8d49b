import COpenCL

/// Memory of a device.
final class OpenCLBuffer {
    let bytes: Int
    private let reservation: OpenCLReservation
    private let object: OpenCLObject

    var handle: OpaquePointer { object.handle }

    /// - Parameter bytes: at least 1 is reserved. What is in them is not defined.
    init(_ context: OpenCLContext, bytes: Int) throws(OpenCL.Failure) {
        self.bytes = max(bytes, 1)
        reservation = try OpenCLReservation(self.bytes, context)
        var code: Int32 = 0
        object = try OpenCLObject(
            context.api.clCreateBuffer(context.handle, LCL_MEM_READ_WRITE, self.bytes, nil, &code), code,
            "clCreateBuffer", release: context.api.clReleaseMemObject)
    }

    /// `count` floats, all 0.
    convenience init(_ queue: OpenCLQueue, zeros count: Int) throws(OpenCL.Failure) {
        try OpenCLLimits.checkHost(count * MemoryLayout<Float>.stride)
        try self.init(queue.context, bytes: count * MemoryLayout<Float>.stride)
        try queue.write([Float](repeating: 0, count: count), to: self)
    }
}

/// Memory of the host that a device reads and writes by itself while both go on.
final class OpenCLHostMemory {
    let bytes: Int
    let base: UnsafeMutableRawPointer
    private let queue: OpenCLQueue
    private let object: OpenCLObject

    /// - Parameter queue: of the context whose device uses it.
    init(_ queue: OpenCLQueue, bytes: Int) throws(OpenCL.Failure) {
        try OpenCLLimits.checkHost(bytes)
        self.bytes = max(bytes, 1)
        self.queue = queue
        let api = queue.context.api
        var code: Int32 = 0
        object = try OpenCLObject(
            api.clCreateBuffer(
                queue.context.handle, LCL_MEM_READ_WRITE | LCL_MEM_ALLOC_HOST_PTR, self.bytes, nil, &code),
            code, "clCreateBuffer", release: api.clReleaseMemObject)
        // It stays mapped as long as it lives: drivers keep such memory in place.
        let address = api.clEnqueueMapBuffer(
            queue.handle, object.handle, 1, LCL_MAP_READ_WRITE, 0, self.bytes, 0, nil, nil, &code)
        try OpenCL.check(code, "clEnqueueMapBuffer")
        guard let address else { throw OpenCL.Failure(call: "clEnqueueMapBuffer", code: -6) }
        base = address
    }

    deinit {
        _ = queue.context.api.clEnqueueUnmapMemObject(queue.handle, object.handle, base, 0, nil, nil)
        try? queue.finish()
    }
}
