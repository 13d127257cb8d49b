import FoundationEssentials

/// The machine that figures are measured on.
enum Machine {
    static var processors: Int { ProcessInfo.processInfo.activeProcessorCount }

    /// As the system names the processor.
    static var name: String {
        guard
            let text = FileManager.default.contents(atPath: "/proc/cpuinfo").map({ String(decoding: $0, as: UTF8.self) }
            )
        else { return "unknown processor" }
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        guard let value = line?.split(separator: ":", maxSplits: 1).last else { return "unknown processor" }
        return String(value.drop { $0 == " " })
    }
}
