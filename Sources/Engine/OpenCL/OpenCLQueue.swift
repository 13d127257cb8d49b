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

    func write<T: BitwiseCopyable>(
        _ values: [T], to buffer: OpenCLBuffer, at first: Int = 0
    ) throws(OpenCL.Failure) {
        try values.withUnsafeBufferPointer { (values) throws(OpenCL.Failure) in
            try write(values, to: buffer, at: first)
        }
    }

    /// Copies to the device when its turn comes; the bytes must stay as they are until then.
    func begin<T: BitwiseCopyable>(
        writing values: UnsafeBufferPointer<T>, to buffer: OpenCLBuffer, at first: Int = 0
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

    /// Copies from the device when `event` is past; the bytes must stay where they are until then.
    /// - Returns: when they have arrived.
    func begin(
        reading buffer: OpenCLBuffer, bytes: Int, into destination: UnsafeMutableRawPointer, after event: OpenCLEvent
    ) throws(OpenCL.Failure) -> OpenCLEvent {
        precondition(bytes <= buffer.bytes, "outside the buffer")
        var other: OpaquePointer? = event.handle
        var arrival: OpaquePointer?
        let code = api.clEnqueueReadBuffer(
            handle, buffer.handle, 0, 0, bytes, destination, 1, &other, &arrival)
        return try OpenCLEvent(arrival, code, "clEnqueueReadBuffer", api)
    }

    /// Copies all of `source` within the device.
    func copy(_ source: OpenCLBuffer, to destination: OpenCLBuffer, atByte first: Int) throws(OpenCL.Failure) {
        precondition(first + source.bytes <= destination.bytes, "outside the buffer")
        try OpenCL.check(
            api.clEnqueueCopyBuffer(handle, source.handle, destination.handle, 0, first, source.bytes, 0, nil, nil),
            "clEnqueueCopyBuffer")
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

    /// The moment when all commands so far are done.
    func mark() throws(OpenCL.Failure) -> OpenCLEvent {
        var event: OpaquePointer?
        let code = api.clEnqueueMarkerWithWaitList(handle, 0, nil, &event)
        return try OpenCLEvent(event, code, "clEnqueueMarkerWithWaitList", api)
    }

    /// Lets the device begin what it was given.
    func flush() throws(OpenCL.Failure) { try OpenCL.check(api.clFlush(handle), "clFlush") }

    /// Waits until everything is done.
    func finish() throws(OpenCL.Failure) { try OpenCL.check(api.clFinish(handle), "clFinish") }
}

/// A moment in a queue.
final class OpenCLEvent {
    private let object: OpenCLObject
    private let api: lcl_api

    var handle: OpaquePointer { object.handle }

    fileprivate init(_ handle: OpaquePointer?, _ code: Int32, _ call: String, _ api: lcl_api) throws(OpenCL.Failure) {
        object = try OpenCLObject(handle, code, call, release: api.clReleaseEvent)
        self.api = api
    }

    /// - Throws: why what it stands for was not done.
    func isPast() throws(OpenCL.Failure) -> Bool {
        var status: Int32 = 0
        try OpenCL.check(
            api.clGetEventInfo(
                handle, UInt32(CL_EVENT_COMMAND_EXECUTION_STATUS), MemoryLayout<Int32>.size, &status, nil),
            "clGetEventInfo")
        guard status >= 0 else { throw OpenCL.Failure(call: "a command on the device", code: status) }
        return status == CL_COMPLETE
    }

    func wait() throws(OpenCL.Failure) {
        var event: OpaquePointer? = handle
        try OpenCL.check(api.clWaitForEvents(1, &event), "clWaitForEvents")
    }
}
