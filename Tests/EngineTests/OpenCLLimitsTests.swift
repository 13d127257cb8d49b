import Testing

@testable import Engine

@Suite("Limits of OpenCL devices", .enabled(if: OpenCLSupport.isHere, OpenCLSupport.word))
struct OpenCLLimitsTests {
    private var context: OpenCLContext { get throws { try OpenCLContext.shared(try #require(OpenCLSupport.device)) } }

    @Test("Groups are powers of two, as large as wished or as the device lets them be")
    func groups() throws {
        #expect([1, 2, 3, 63, 64, 1000].map(OpenCLLimits.powerOfTwo) == [1, 2, 2, 32, 64, 512])
        let device = try #require(OpenCLSupport.device)
        #expect(device.group(upTo: 64) <= 64 && device.group(upTo: 1) == 1 && device.tile(upTo: 1) == 1)
        let (group, tile) = (device.group(upTo: 1 << 40), device.tile(upTo: 1 << 20))
        #expect(group >= 1 && group < 1 << 40 && tile * tile <= group * group && tile < 1 << 20)
    }

    @Test("A device with smaller groups makes smaller tiles", arguments: [1, 4])
    func smallGroups(_ tile: Int) throws {
        var style = KernelText.Style(lanes: 1, hasDouble: true)
        (style.tile, style.group) = (tile, 2 * tile)
        let network = classifier([dense(37, Choice("prelu")), dropout(0.2), dense(18, Choice("tanh"))], classes: 3)
        try PassPair(network, style: style, capacity: 70, count: 66).expectParity("tiles of \(tile)")
    }

    @Test("A kernel that cannot have its group says so")
    func kernelGroup() throws {
        let context = try context
        let program = try context.program("__kernel void one(__global float *x) { x[get_global_id(0)] = 1; }")
        let kernel = try OpenCLKernel("one", in: program, context)
        try kernel.expect(local: [1], context)
        let failure = #expect(throws: OpenCL.Failure.self) { try kernel.expect(local: [1 << 15, 1 << 15], context) }
        let message = failure?.engineError(on: "card").message
        #expect(message?.hasPrefix("invalid work-group size (one): it needs groups of 1073741824 work-items") == true)
    }

    @Test("A batch whose values no kernel can count is refused, with what to do")
    func largeBatch() throws {
        let plan = try Plan(classifier([dense(4, Choice("tanh"))]))
        let context = try context
        let style = KernelText.Style(lanes: 1, hasDouble: true)
        let memory = try OpenCLMemory(
            queue: try OpenCLQueue(context), style: style, parameterCount: plan.outline.flatCount)
        let kernels = try OpenCLSupport.program(style, context)
        let failure = #expect(throws: OpenCL.Failure.self) {
            try OpenCLPass(plan.program, part: .training, capacity: 1 << 29, kernels: kernels, memory: memory)
        }
        let message = failure?.engineError(on: "card").message
        #expect(message?.hasPrefix("the values of a batch of 536870912 samples are ") == true)
        #expect(message?.hasSuffix("kernels count to 2147483647; use a smaller batch or a smaller network") == true)
    }

    @Test("More memory than there is is refused, with sizes and what to do; what is given back can be had again")
    func memory() throws {
        let context = try context
        let largest = Int(clamping: min(context.device.largestBuffer, context.device.memory))
        let failure = #expect(throws: OpenCL.Failure.self) { try OpenCLReservation(2 * largest, context) }
        let message = try #require(failure?.engineError(on: "card").message)
        #expect(message.hasPrefix("out of device memory (clCreateBuffer): \(OpenCLReservation.size(2 * largest))"))
        #expect(message.contains("the device has \(OpenCLReservation.size(context.device.memory))"))
        #expect(message.hasSuffix("a smaller batch, fewer samples or a smaller network need less"))
        for _ in 0..<3 { _ = try OpenCLReservation(largest, context) }
        // As of a driver that reserves memory late.
        let late = OpenCLContext.report(
            OpenCL.Failure(call: "clEnqueueWriteBuffer", code: -4), context.device
        )
        #expect(late.message.contains("are in use by this program, the device has "))
        #expect(OpenCLReservation.size(10 << 30) == "10 GiB" && OpenCLReservation.size(9 << 30) == "9216 MiB")
        #expect(OpenCLReservation.size(0) == "0 bytes")
    }
}
