/// Double buffering: while the device reads one side of a launch's inputs, the host fills the other.
final class OpenCLTurns {
    private(set) var side = 0
    /// When the device has done with each side.
    private var ends: [OpenCLEvent?] = [nil, nil]

    /// After a launch that read `side`. Waits for the launch before it, whose side comes next.
    func change(_ queue: OpenCLQueue) throws(OpenCL.Failure) {
        ends[side] = try queue.mark()
        try queue.flush()
        side = 1 - side
        let end = ends[side]
        ends[side] = nil
        try end?.wait()
    }
}

/// A list on its way to a kernel, which fills while the device reads the one before (see `OpenCLTurns`).
final class OpenCLStage<Element: BitwiseCopyable> {
    let capacity: Int
    private(set) var count = 0
    private let turns: OpenCLTurns
    private let host: [OpenCLHostMemory]
    private let device: [OpenCLBuffer]
    private var base: UnsafeMutablePointer<Element>

    init(_ queue: OpenCLQueue, capacity: Int, turns: OpenCLTurns) throws(OpenCL.Failure) {
        let bytes = capacity * MemoryLayout<Element>.stride
        self.capacity = capacity
        self.turns = turns
        host = [try OpenCLHostMemory(queue, bytes: bytes), try OpenCLHostMemory(queue, bytes: bytes)]
        device = [try OpenCLBuffer(queue.context, bytes: bytes), try OpenCLBuffer(queue.context, bytes: bytes)]
        base = host[turns.side].base.bindMemory(to: Element.self, capacity: capacity)
    }

    /// The buffer whose turn it is.
    var buffer: OpenCLBuffer { device[turns.side] }

    /// Room for `count` more elements, to be filled at once.
    func append(count: Int) -> UnsafeMutablePointer<Element> {
        precondition(self.count + count <= capacity, "the list is full")
        defer { self.count += count }
        return base + self.count
    }

    func append(_ element: Element) { append(count: 1).pointee = element }

    /// Begins to copy what was appended from `first` on.
    func send(_ queue: OpenCLQueue, from first: Int = 0) throws(OpenCL.Failure) {
        try queue.begin(
            writing: UnsafeBufferPointer(start: base + first, count: count - first), to: buffer, at: first)
    }

    /// After the turns have changed: an empty list.
    func begin() {
        count = 0
        base = host[turns.side].base.bindMemory(to: Element.self, capacity: capacity)
    }
}
