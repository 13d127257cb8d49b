import CKernels
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite("The kernels' lists")
struct KernelListTests {
    static let sources = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/Sources/CKernels"

    static func names(in folder: String) throws -> [String] {
        let directory = try #require(opendir(sources + "/" + folder))
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".h") && name != "list.h" { names.append(String(name.dropLast(2))) }
        }
        return names.sorted()
    }

    @Test("Every file of an activation, a loss or an optimizer is in its list")
    func nothingIsForgotten() throws {
        for name in try Self.names(in: "activations") {
            #expect(lc_activation_index(name) >= 0, "add a line for \(name).h in CKernels/activations/list.h")
        }
        for name in try Self.names(in: "losses") {
            let isListed = lc_loss_index(name) >= 0 || lc_loss_index("rule." + name) >= 0
            #expect(isListed, "add a line for \(name).h in CKernels/losses/list.h")
        }
        for name in try Self.names(in: "optimizers") {
            #expect(lc_optimizer_index(name) >= 0, "add a line for \(name).h in CKernels/optimizers/list.h")
        }
    }

    @Test("Every entry is tested against a reference")
    func nothingIsUntested() throws {
        #expect(try Self.names(in: "activations") == ActivationReference.all.map(\.id).sorted())
        let losses = LossReference.all.map { $0.id.split(separator: ".").last.map(String.init)! } + ["rosenblatt"]
        #expect(try Self.names(in: "losses") == losses.sorted())
        #expect(try Self.names(in: "optimizers") == Set(OptimizerReference.all.map(\.id)).sorted())
    }

    @Test("Unknown names have no index, and indices are distinct")
    func indices() {
        #expect(lc_activation_index("tan") == -1 && lc_loss_index("") == -1 && lc_optimizer_index("Adam") == -1)
        #expect(Set(ActivationReference.all.map { lc_activation_index($0.id) }).count == ActivationReference.all.count)
        #expect(Set(LossReference.all.map { lc_loss_index($0.id) }).count == LossReference.all.count)
    }

    @Test("A table says its own level, and the best level is there")
    func levels() {
        for level in kernelLevels { #expect(kernels(level).level == level) }
        #expect(kernelLevels.contains(lc_best_level()) && kernelLevels.first == LC_LEVEL_BASELINE)
        #expect(kernelLevels.map { String(cString: lc_level_name($0)) }.starts(with: ["baseline"]))
    }
}
