import Testing

@testable import Engine

struct MemoryRoomTests {
    private func room(_ files: [String: String], addressLimit: Int? = nil) -> MemoryRoom? {
        MemoryRoom.least(file: { files[$0] }, addressLimit: addressLimit, pageSize: 4096)
    }

    private static let meminfo =
        "MemTotal:       16000000 kB\nMemFree:         1000000 kB\nMemAvailable:    8000000 kB\n"

    @Test("the free memory bounds a process that nothing else does")
    func free() {
        #expect(room(["/proc/meminfo": Self.meminfo])?.bytes == 8_000_000 * 1024)
        #expect(room([:]) == nil)
        #expect(room(["/proc/meminfo": "MemAvailable: many kB\n"]) == nil)
    }

    @Test("a control group's limit counts, and that of each group above it, without what files left behind")
    func groups() {
        let second = [
            "/proc/meminfo": Self.meminfo, "/proc/self/cgroup": "0::/a/b\n", "/sys/fs/cgroup/a/b/memory.max": "max\n",
            "/sys/fs/cgroup/a/b/memory.current": "70\n", "/sys/fs/cgroup/a/memory.max": "1000\n",
            "/sys/fs/cgroup/a/memory.current": "700\n",
            "/sys/fs/cgroup/a/memory.stat": "anon 400\nfile 300\ninactive_file 250\n",
        ]
        #expect(room(second) == MemoryRoom(bytes: 550, bound: "the control group's limit"))
        let first = [
            "/proc/meminfo": Self.meminfo, "/proc/self/cgroup": "9:name=systemd:/\n4:cpu,memory:/host/path\n",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "2000\n",
            "/sys/fs/cgroup/memory/memory.usage_in_bytes": "2500\n",
        ]
        #expect(room(first)?.bytes == 0)
        var unlimited = first
        unlimited["/sys/fs/cgroup/memory/memory.limit_in_bytes"] = "9223372036854771712\n"
        #expect(room(unlimited)?.bound == "the memory that is free")
    }

    @Test("the limit on address space counts what is used already")
    func addresses() {
        let files = ["/proc/meminfo": Self.meminfo, "/proc/self/statm": "1000 500 100 1 0 200 0\n"]
        #expect(room(files, addressLimit: 10_000_000)?.bytes == 10_000_000 - 4_096_000)
        #expect(room(files, addressLimit: 1)?.bytes == 0)
    }

    @Test("more than may be had is refused with both numbers")
    func refusal() {
        let room = MemoryRoom(bytes: 3_000_000_000, bound: "the memory that is free")
        let error = #expect(throws: EngineError.self) {
            try room.require(62_000_000_000, place: "layers", for: "this network", advice: "make it smaller")
        }
        #expect(
            error?.description
                == "layers: this network would take 62 GB, but 3 GB can be had (the memory that is free); make it smaller"
        )
        #expect(throws: Never.self) {
            try room.require(2_900_000_000, place: "layers", for: "this network", advice: "make it smaller")
        }
    }

    @Test("a block that cannot be reserved is an error")
    func block() throws {
        let error = #expect(throws: EngineError.self) { _ = try Block(count: 1 << 48) }
        #expect(error?.place == "memory")
        #expect(try Block(count: 100).array == [Float](repeating: 0, count: 100))
    }

    @Test("a network that does not fit is refused before anything of it is reserved")
    func networks() throws {
        let layers = Array(repeating: Choice("dense", ["units": .integer(4096)]), count: NetworkDescription.mostLayers)
        let network = NetworkDescription(input: Shape(2), task: .regression, layers: layers)
        let learning = LearningDescription(optimizer: Choice("adam"))
        let bytes = try network.trainingBytes(learning, train: 100, test: 0)
        // Weights, gradients, two averages and more, each of 999 · 4096² floats.
        #expect(bytes > 4 * 4 * 999 * 4096 * 4096)
        let room = try #require(MemoryRoom.present)
        guard bytes > room.bytes else { return }
        let samples = Samples(count: 1, inputs: [0, 0], labels: [0])
        #expect(throws: EngineError.self) {
            _ = try GradientDescent(network: network, learning: learning, train: samples, test: samples, seed: 1)
        }
        let member = PopulationMember(network: network, learning: learning, train: samples, test: samples, seed: 1)
        #expect(throws: PopulationError.self) { _ = try Population([member, member]) }
    }

    @Test("networks side by side are estimated at what they take, and a bound holds for all of them")
    func populations() throws {
        let samples = Samples(
            count: 20, inputs: Array(repeating: 0.5, count: 40), labels: Array(repeating: 0, count: 20))
        func members(_ count: Int, batch: Int) -> [PopulationMember] {
            (0..<count).map {
                PopulationMember(
                    network: NetworkDescription(
                        input: Shape(2), task: .regression, layers: [Choice("dense", ["units": .integer(8)])]),
                    learning: LearningDescription(batchSize: batch), train: samples, test: samples, seed: UInt64($0))
            }
        }
        let bytes = try CohortPlan.plans(for: members(32, batch: 10)).reduce(0) { $0 + $1.bytes }
        #expect(bytes > 32 * 4 * 33 * 3 && bytes < 1 << 20)
        #expect(throws: Never.self) { _ = try Population(members(32, batch: 10), mostBytes: 1 << 20) }
        let error = #expect(throws: PopulationError.self) {
            _ = try Population(members(32, batch: 10), mostBytes: 1000)
        }
        #expect(error?.reason.message.contains("32 such networks") == true)
    }
}
