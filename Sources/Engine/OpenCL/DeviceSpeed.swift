import COpenCL

/// The peak speed of a device, measured.
public struct DeviceSpeed: Sendable {
    /// Multiplications and additions of floats, in 10⁹ a second.
    public let gigaflops: Double
    /// Bytes read and written in its memory, in 10⁹ a second.
    public let gigabytes: Double

    /// Measures for about a fifth of a second.
    /// - Throws: what the device refuses.
    public init(of device: OpenCLDevice) throws(EngineError) {
        do throws(OpenCL.Failure) {
            let queue = try OpenCLQueue(try OpenCLContext.shared(device))
            let program = try queue.context.program(Self.source)
            let bytes = min(64 << 20, Int(device.largestBuffer / 4)) / 4096 * 4096
            let (from, to) = (
                try OpenCLBuffer(queue, zeros: bytes / 4), try OpenCLBuffer(queue, zeros: bytes / 4)
            )

            let copy = try OpenCLKernel("copy", in: program, queue.context)
            try copy.set(0, from)
            try copy.set(1, to)
            let copies = try Self.rate(queue, copy, items: bytes / 64)
            gigabytes = copies * Double(2 * bytes) / 1e9

            let compute = try OpenCLKernel("compute", in: program, queue.context)
            try compute.set(0, to)
            try compute.set(1, Float(0.5))
            let items = device.kind == .cpu ? 64 * device.computeUnits : 2048 * device.computeUnits
            let runs = try Self.rate(queue, compute, items: min(items, bytes / 64) / 64 * 64)
            gigaflops = runs * Double(min(items, bytes / 64) / 64 * 64) * Self.operations / 1e9
        } catch { throw error.engineError(on: device.name) }
    }

    /// Operations of an item of `compute`: 128 rounds of eight vectors of sixteen, a multiplication and an addition
    /// each.
    private static let operations = 128.0 * 8 * 16 * 2

    private static let source = """
        __kernel void copy(__global const float16 *from, __global float16 *to) {
            to[get_global_id(0)] = from[get_global_id(0)];
        }
        __kernel void compute(__global float16 *out, float factor) {
            float16 a[8];
            #pragma unroll
            for (int k = 0; k < 8; k++) a[k] = (float16)((float)get_global_id(0) + k);
            for (int i = 0; i < 128; i++) {
                #pragma unroll
                for (int k = 0; k < 8; k++) a[k] = a[k] * factor + 1.0f;
            }
            out[get_global_id(0)] = ((a[0] + a[1]) + (a[2] + a[3])) + ((a[4] + a[5]) + (a[6] + a[7]));
        }
        """

    /// Runs of a kernel in a second: the best of some measurements, after one that does not count.
    private static func rate(_ queue: OpenCLQueue, _ kernel: OpenCLKernel, items: Int) throws(OpenCL.Failure) -> Double
    {
        let clock = ContinuousClock()
        func seconds(_ runs: Int) throws(OpenCL.Failure) -> Double {
            let start = clock.now
            for _ in 0..<runs { try queue.run(kernel, global: [items], local: [64]) }
            try queue.finish()
            return (clock.now - start) / .seconds(1)
        }
        var runs = 1
        _ = try seconds(1)
        while runs < 1 << 16, try seconds(runs) < 0.01 { runs *= 2 }
        var best = try seconds(runs)
        for _ in 0..<4 { best = min(best, try seconds(runs)) }
        return Double(runs) / max(best, 1e-9)
    }
}
