import COpenCL

/// C[m, n] = A[m, k] · B[k, n] (+ C) by CLBlast, row after row; either factor may lie transposed.
struct OpenCLProduct {
    struct Matrix {
        var buffer: OpenCLBuffer
        /// The offset of the first row and the distance between rows, in floats.
        var offset: Int
        var stride: Int
    }

    enum Adds { case never, always, whenAccumulating }

    var c: Matrix
    var a: Matrix
    var transposesA = false
    var b: Matrix
    var transposesB = false
    var m: Int
    var n: Int
    var k: Int
    /// Whether to what is in C.
    var adds: Adds

    func run(_ queue: OpenCLQueue, accumulate: Bool) throws(OpenCL.Failure) {
        guard let multiply = lcl_clblast_sgemm() else { throw OpenCL.Failure(call: "CLBlastSgemm", code: -46) }
        let beta: Float = adds == .always || (adds == .whenAccumulating && accumulate) ? 1 : 0
        var handle: OpaquePointer? = queue.handle
        // CLBlast numbers row-major 101, plain 111, transposed 112.
        let code = multiply(
            101, transposesA ? 112 : 111, transposesB ? 112 : 111, m, n, k, 1, a.buffer.handle, a.offset, a.stride,
            b.buffer.handle, b.offset, b.stride, beta, c.buffer.handle, c.offset, c.stride, &handle, nil)
        try OpenCL.check(code, "CLBlastSgemm")
    }
}
