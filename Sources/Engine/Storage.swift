import CKernels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A block of floats, zero at first, that begins at a multiple of 64 bytes and never moves.
///
/// This file is the only one that makes and frees memory by hand; a block is as long-lived as its owner, and owners
/// bind operations to blocks that they keep.
final class Block {
    let count: Int
    let base: UnsafeMutablePointer<Float>
    private let memory: ZeroedMemory

    /// - Throws: that there is not as much memory.
    init(count: Int) throws(EngineError) {
        self.count = count
        // A whole vector more, so that a kernel may read to the end of the last one.
        let bytes = (count + 2 * Int(LC_LANES)) * MemoryLayout<Float>.stride
        try MemoryRoom.require(bytes, for: "a block of \(plural(count, "number"))", advice: MemoryRoom.advice)
        memory = try ZeroedMemory(bytes: bytes)
        base = memory.base.bindMemory(to: Float.self, capacity: count + 2 * Int(LC_LANES))
    }

    deinit { memory.free() }

    subscript(index: Int) -> Float {
        get {
            precondition(index >= 0 && index < count, "outside the block")
            return base[index]
        }
        set {
            precondition(index >= 0 && index < count, "outside the block")
            base[index] = newValue
        }
    }

    /// The values, as a collection to read from or write to in place.
    var values: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: base, count: count) }

    var array: [Float] { Array(values) }

    /// Copies `array` over the first values.
    func write(_ array: [Float]) {
        precondition(array.count <= count, "\(array.count) values do not fit a block of \(count)")
        array.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { base.update(from: start, count: source.count) }
        }
    }

    /// Copies the first `count` values of another block.
    func copy(_ other: Block, count: Int) {
        precondition(count <= self.count && count <= other.count, "blocks of different sizes")
        base.update(from: other.base, count: count)
    }

    func fill(_ value: Float) { base.update(repeating: value, count: count) }
}

/// Bytes, zero at first, that never move.
final class ByteBlock {
    let count: Int
    let base: UnsafeMutablePointer<UInt8>
    private let memory: ZeroedMemory

    /// - Throws: that there is not as much memory.
    init(count: Int) throws(EngineError) {
        self.count = count
        try MemoryRoom.require(count, for: plural(count, "byte"), advice: MemoryRoom.advice)
        memory = try ZeroedMemory(bytes: max(1, count))
        base = memory.base.bindMemory(to: UInt8.self, capacity: max(1, count))
    }

    deinit { memory.free() }
}

/// Bytes that are zero, from a multiple of 64. A large piece is the system's own: it takes memory page by page as it is
/// written, and gives it back at once. The largest are in large pages, where the system has some: the rows of an image's
/// channels lie far apart, and more of them are found without walking the tables of pages.
private struct ZeroedMemory {
    private static let leastMapped = 1 << 20
    /// Bytes of a large page of x86-64, and of arm64 with pages of 4 KiB.
    private static let largePage = 1 << 21
    private static let leastInLargePages = 4 * largePage

    let base: UnsafeMutableRawPointer
    /// All that the system maps for it; nil: it is of the heap.
    private let mapped: UnsafeMutableRawBufferPointer?

    init(bytes: Int) throws(EngineError) {
        let isMapped = bytes >= Self.leastMapped, inLargePages = bytes >= Self.leastInLargePages
        let length = inLargePages ? bytes + Self.largePage : bytes
        var memory: UnsafeMutableRawPointer?
        if isMapped {
            #if canImport(Glibc)
                let flags = MAP_PRIVATE | MAP_ANONYMOUS
            #else
                let flags = MAP_PRIVATE | MAP_ANON
            #endif
            memory = mmap(nil, length, PROT_READ | PROT_WRITE, flags, -1, 0)
            if memory == MAP_FAILED { memory = nil }
        } else if posix_memalign(&memory, 64, bytes) == 0 {
            memory?.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        }
        guard let memory else {
            throw EngineError(
                place: "memory", message: "\(byteWords(bytes)) cannot be reserved; \(MemoryRoom.advice)")
        }
        mapped = isMapped ? UnsafeMutableRawBufferPointer(start: memory, count: length) : nil
        base = inLargePages ? memory.alignedUp(toMultipleOf: Self.largePage) : memory
        #if canImport(Glibc)
            // Where there are none, it is in pages of the usual size.
            if inLargePages { madvise(base, bytes, MADV_HUGEPAGE) }
        #endif
    }

    func free() {
        if let mapped {
            munmap(mapped.baseAddress!, mapped.count)
        } else {
            #if canImport(Glibc)
                Glibc.free(base)
            #else
                Darwin.free(base)
            #endif
        }
    }
}

/// The order in which the rows of a data set are taken, in memory that never moves.
final class RowOrder {
    let count: Int
    let base: UnsafeMutablePointer<Int32>

    init(count: Int) {
        self.count = count
        base = UnsafeMutablePointer<Int32>.allocate(capacity: max(count, 1))
        restore()
    }

    deinit { base.deallocate() }

    /// As the rows are.
    func restore() {
        for index in 0..<count { base[index] = Int32(index) }
    }

    /// Fisher and Yates, from the end, on the present order.
    /// - Parameter count: of the first rows, which alone are moved; nil: all.
    func shuffle(_ random: inout Random, first count: Int? = nil) {
        var last = (count ?? self.count) - 1
        while last > 0 {
            let other = Int(random.uniform() * Double(last + 1))
            (base[last], base[other]) = (base[other], base[last])
            last -= 1
        }
    }

    var array: [Int32] { Array(UnsafeBufferPointer(start: base, count: count)) }

    func write(_ order: [Int32]) {
        precondition(order.count == count, "an order of \(order.count) for \(count) rows")
        for index in 0..<count { base[index] = order[index] }
    }
}

/// Operations bound to memory, one after the other.
final class OperationList {
    let count: Int
    let base: UnsafeMutablePointer<lc_op>

    init(_ operations: [lc_op]) {
        count = operations.count
        base = UnsafeMutablePointer<lc_op>.allocate(capacity: max(operations.count, 1))
        for (index, operation) in operations.enumerated() { (base + index).initialize(to: operation) }
        lc_find_joins(base, Int32(count))
    }

    deinit { base.deallocate() }
}

/// Addresses for the lanes of a vector, in memory that never moves; the caller keeps the memory that they point to.
final class LaneAddresses<Element> {
    let base: UnsafeMutablePointer<UnsafePointer<Element>?>

    init(_ addresses: [UnsafePointer<Element>]) {
        base = UnsafeMutablePointer<UnsafePointer<Element>?>.allocate(capacity: addresses.count)
        for (index, address) in addresses.enumerated() { (base + index).initialize(to: address) }
    }

    deinit { base.deallocate() }
}
