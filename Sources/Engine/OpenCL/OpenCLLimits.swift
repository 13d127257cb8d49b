import COpenCL
import Synchronization

/// The limits of a device and its kernels. An error names the amount that was asked for, and what to do.
enum OpenCLLimits {
    /// Kernels count places in 32 bits.
    ///
    /// - Parameters:
    ///   - floats: numbers of one buffer.
    ///   - what: what they are, "the values of a batch of 10 samples".
    static func check(floats: Int, _ what: @autoclosure () -> String, advice: String) throws(OpenCL.Failure) {
        guard floats > Int(Int32.max) else { return }
        throw OpenCL.Failure(
            call: "", code: -61,
            detail: "\(what()) are \(floats) numbers, but kernels count to \(Int32.max); \(advice)")
    }

    /// The host's memory, from which a device is filled.
    static func checkHost(_ bytes: Int) throws(OpenCL.Failure) {
        do throws(EngineError) {
            try MemoryRoom.require(bytes, for: "what the device is to have", advice: MemoryRoom.advice)
        } catch { throw OpenCL.Failure(call: "", code: -6, detail: error.message) }
    }

    /// The largest power of two up to `limit`.
    static func powerOfTwo(upTo limit: Int) -> Int {
        var power = 1
        while 2 * power <= limit { power *= 2 }
        return power
    }
}

extension OpenCLDevice {
    /// Work-items of a group along the first two axes.
    private var largestSides: (Int, Int) {
        // As many axes as a device likes, at least three.
        var axes = [Int](repeating: 1, count: 16)
        _ = OpenCL.api?.clGetDeviceInfo(
            handle.id, UInt32(CL_DEVICE_MAX_WORK_ITEM_SIZES), MemoryLayout<Int>.size * axes.count, &axes, nil)
        return (axes[0], axes[1])
    }

    /// Work-items of a group along one axis, a power of two and at most `wish`.
    func group(upTo wish: Int) -> Int {
        OpenCLLimits.powerOfTwo(upTo: min(wish, largestWorkGroup, largestSides.0))
    }

    /// Work-items along each side of a square group, a power of two and at most `wish`.
    func tile(upTo wish: Int) -> Int {
        let sides = largestSides
        var tile = OpenCLLimits.powerOfTwo(upTo: min(wish, sides.0, sides.1))
        while tile > 1, tile * tile > largestWorkGroup { tile /= 2 }
        return tile
    }
}

extension OpenCLKernel {
    /// A kernel that needs many registers may have less room than the device.
    /// - Parameter local: work-items of the group that it is to run with, along each axis.
    func expect(local: [Int], _ context: OpenCLContext) throws(OpenCL.Failure) {
        let items = local.reduce(1, *)
        var limit = items
        try OpenCL.check(
            context.api.clGetKernelWorkGroupInfo(
                handle, context.device.handle.id, UInt32(CL_KERNEL_WORK_GROUP_SIZE), MemoryLayout<Int>.size, &limit,
                nil), "clGetKernelWorkGroupInfo")
        guard items > limit else { return }
        throw OpenCL.Failure(
            call: name, code: -54, detail: "it needs groups of \(items) work-items, the device gives it \(limit)")
    }
}

/// A reserved part of a device's memory, for as long as this object lives.
final class OpenCLReservation {
    private let bytes: Int
    private let context: OpenCLContext

    /// - Throws: that the device has not as much, or not in one buffer.
    init(_ bytes: Int, _ context: OpenCLContext) throws(OpenCL.Failure) {
        let device = context.device
        // Some devices do not say how large a buffer may be.
        let largest = device.largestBuffer > 0 ? min(device.largestBuffer, device.memory) : device.memory
        guard UInt64(bytes) <= largest else {
            throw OpenCL.Failure(
                call: "clCreateBuffer", code: -4,
                detail: "\(Self.size(bytes)) asked for at once, the device has \(Self.size(device.memory)) and gives "
                    + "up to \(Self.size(largest)) at once; \(Self.advice)")
        }
        // Its memory is the host's.
        if device.kind == .cpu { try OpenCLLimits.checkHost(bytes) }
        (self.bytes, self.context) = (bytes, context)
        context.reserved.add(bytes, ordering: .relaxed)
    }

    deinit { context.reserved.subtract(bytes, ordering: .relaxed) }

    private static let advice = "a smaller batch, fewer samples or a smaller network need less"

    static func size(_ bytes: some BinaryInteger) -> String {
        // Of little more than the limit, more digits show that it is more.
        let units: [(name: String, bytes: Int)] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
        guard let unit = units.first(where: { Int(bytes) >= 10 * $0.bytes }) else { return "\(bytes) bytes" }
        return "\((Int(bytes) + unit.bytes - 1) / unit.bytes) \(unit.name)"
    }

    /// The advice after a failure for want of memory that does not name the amount.
    static func detail(_ context: OpenCLContext) -> String {
        "\(size(context.reserved.load(ordering: .relaxed))) are in use by this program, the device has "
            + "\(size(context.device.memory)); \(advice)"
    }
}
