import COpenCL

/// Commands of one network for a device, done in the order in which they are given. Not Sendable: one thread.
final class OpenCLQueue {
    let context: OpenCLContext
    private let object: OpenCLObject
    private let api: lcl_api

    init(_ context: OpenCLContext) throws(OpenCL.Failure) {
        self.context = context
        api = context.api
        var code: Int32 = 0
        object = try OpenCLObject(
            api.clCreateCommandQueue(context.handle, context.device.handle.id, 0, &code), code, "clCreateCommandQueue",
            release: api.clReleaseCommandQueue)
    }

    var handle: OpaquePointer { object.handle }

    /// Waits for all commands and copies to the device; the bytes may go when this returns.
    func write<T: BitwiseCopyable>(
        _ values: UnsafeBufferPointer<T>, to buffer: OpenCLBuffer, at first: Int = 0
    ) throws(OpenCL.Failure) {
        try write(values, to: buffer, at: first, waits: true)
    }

    /// Copies to the device when its turn comes; the bytes must stay as they are until then.
    func begin<T: BitwiseCopyable>(
        writing values: UnsafeBufferPointer<T>, to buffer: OpenCLBuffer, at first: Int
    ) throws(OpenCL.Failure) {
        try write(values, to: buffer, at: first, waits: false)
    }

    private func write<T: BitwiseCopyable>(
        _ values: UnsafeBufferPointer<T>, to buffer: OpenCLBuffer, at first: Int, waits: Bool
    ) throws(OpenCL.Failure) {
        guard let base = values.baseAddress, values.count > 0 else { return }
        let size = MemoryLayout<T>.stride
        precondition((first + values.count) * size <= buffer.bytes, "outside the buffer")
        try OpenCL.check(
            api.clEnqueueWriteBuffer(
                handle, buffer.handle, waits ? 1 : 0, first * size, values.count * size, base, 0, nil, nil),
            "clEnqueueWriteBuffer")
    }

    func write<T: BitwiseCopyable>(
        _ values: [T], to buffer: OpenCLBuffer, at first: Int = 0
    ) throws(OpenCL.Failure) {
        try values.withUnsafeBufferPointer { (values) throws(OpenCL.Failure) in
            try write(values, to: buffer, at: first)
        }
    }

    /// Waits for all commands and copies from the device.
    func read<T: BitwiseCopyable>(
        _ buffer: OpenCLBuffer, at first: Int = 0, into values: UnsafeMutableBufferPointer<T>
    ) throws(OpenCL.Failure) {
        guard let base = values.baseAddress, values.count > 0 else { return }
        let size = MemoryLayout<T>.stride
        precondition((first + values.count) * size <= buffer.bytes, "outside the buffer")
        try OpenCL.check(
            api.clEnqueueReadBuffer(
                handle, buffer.handle, 1, first * size, values.count * size, base, 0, nil, nil),
            "clEnqueueReadBuffer")
    }

    /// Begins an instance of the kernel.
    /// - Parameters:
    ///   - global: work-items along one or two axes, multiples of `local`'s.
    ///   - local: work-items of a group.
    func run(_ kernel: OpenCLKernel, global: [Int], local: [Int]) throws(OpenCL.Failure) {
        try OpenCL.check(
            api.clEnqueueNDRangeKernel(
                handle, kernel.handle, UInt32(global.count), nil, global, local, 0, nil, nil), kernel.name)
    }

    /// Lets the device begin what it was given.
    func flush() throws(OpenCL.Failure) { try OpenCL.check(api.clFlush(handle), "clFlush") }

    /// Waits until everything is done.
    func finish() throws(OpenCL.Failure) { try OpenCL.check(api.clFinish(handle), "clFinish") }
}

/// Memory of a device.
final class OpenCLBuffer {
    let bytes: Int
    private let object: OpenCLObject

    var handle: OpaquePointer { object.handle }

    /// - Parameter bytes: at least 1 is reserved. What is in them is not defined.
    init(_ context: OpenCLContext, bytes: Int) throws(OpenCL.Failure) {
        self.bytes = max(bytes, 1)
        guard UInt64(self.bytes) <= context.device.memory else {
            throw OpenCL.Failure(
                call: "clCreateBuffer", code: -4,
                detail: "\(self.bytes >> 20) MiB at once, the device has \(context.device.memory >> 20)")
        }
        var code: Int32 = 0
        object = try OpenCLObject(
            context.api.clCreateBuffer(context.handle, LCL_MEM_READ_WRITE, self.bytes, nil, &code), code,
            "clCreateBuffer", release: context.api.clReleaseMemObject)
    }

    /// `count` floats, all 0.
    convenience init(_ queue: OpenCLQueue, zeros count: Int) throws(OpenCL.Failure) {
        try self.init(queue.context, bytes: count * MemoryLayout<Float>.stride)
        try queue.write([Float](repeating: 0, count: count), to: self)
    }
}

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
