import ArgumentParser
import Engine
import FoundationEssentials
import Session

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure the engine's speed on this machine.",
        discussion: "WORKLOAD is one of: "
            + Workload.all.map { "\($0.name) (\($0.summary))" }.joined(separator: "; ") + ".")

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @Argument(
        help: ArgumentHelp("What to measure (default: all).", valueName: "workload"),
        completion: .list(Workload.all.map(\.name)))
    var workloads: [String] = []

    @Option(help: ArgumentHelp("Seconds for each workload, after a warm-up.", valueName: "s"))
    var seconds = 3.0

    @Option(help: ArgumentHelp("Threads (default: all processors).", valueName: "n"))
    var threads: Int?

    @OptionGroup var place: DeviceOption

    @Option(help: "How to print: text or json.")
    var format = Format.text

    func validate() throws {
        guard seconds >= 0.05, seconds <= 3600 else {
            throw ValidationError("--seconds: expected 0.05 to 3600, found \(seconds)")
        }
        if let threads, !(1...256).contains(threads) {
            throw ValidationError("--threads: expected 1 to 256, found \(threads)")
        }
        for name in workloads where !Workload.all.contains(where: { $0.name == name }) {
            throw ValidationError(
                "there is no workload “\(name)”; \(NearestName.advice(name, among: Workload.all.map(\.name)))")
        }
    }

    func run() throws {
        let chosen =
            workloads.isEmpty ? Workload.all : workloads.flatMap { name in Workload.all.filter { $0.name == name } }
        let threads = threads ?? Machine.processors
        let device = try place.open()
        var results: [JSON] = []
        var stuck: [String] = []
        if format == .text {
            print(
                "\(Machine.name), \(Machine.processors) processors, kernels \(try Processor.simdLevel()), \(threads) threads, device \(device.name)\n"
            )
            print(Self.row("workload", "median", "min", "max", "unit", "loss"))
        }
        for workload in chosen {
            let figures = try workload.measure(seconds: seconds, threads: threads, device: device)
            if let losses = figures.losses, !(losses.end < losses.start) {
                stuck.append("\(workload.name): the loss did not fall: \(losses.start) → \(losses.end)")
            }
            func number(_ value: Double?) -> JSON { value.map { $0.isFinite ? .number($0) : .null } ?? .null }
            results.append(
                .object([
                    JSON.Member("workload", .string(workload.name)), JSON.Member("unit", .string(workload.unit)),
                    JSON.Member("median", number(figures.median)), JSON.Member("min", number(figures.min)),
                    JSON.Member("max", number(figures.max)), JSON.Member("threads", .number(Double(threads))),
                    JSON.Member("backend", .string(figures.device.name)),
                    JSON.Member("finalLoss", number(figures.losses?.end)),
                ]))
            guard format == .text else { continue }
            let loss = figures.losses.map { "\(Self.short($0.start)) → \(Self.short($0.end))" } ?? ""
            print(
                Self.row(
                    workload.name, Self.whole(figures.median), Self.whole(figures.min), Self.whole(figures.max),
                    workload.unit, loss))
        }
        if format == .json { try printReport(results) }
        for line in stuck { Failure.writeError("layercake: \(line)\n") }
        if !stuck.isEmpty { throw ExitCode.failure }
    }

    private func printReport(_ results: [JSON]) throws {
        let machine = JSON.object([
            JSON.Member("processor", .string(Machine.name)),
            JSON.Member("processors", .number(Double(Machine.processors))),
            JSON.Member("simd", .string(try Processor.simdLevel())), JSON.Member("blas", .string(Processor.blasName)),
        ])
        print(JSON.object([JSON.Member("results", .array(results)), JSON.Member("machine", machine)]).text())
    }

    private static func row(
        _ name: String, _ median: String, _ min: String, _ max: String, _ unit: String, _ loss: String
    ) -> String {
        func right(_ text: String) -> String { String(repeating: " ", count: Swift.max(0, 14 - text.count)) + text }
        let left = name + String(repeating: " ", count: Swift.max(0, 20 - name.count))
        let line = left + [median, min, max].map(right).joined() + "  " + unit
        return loss.isEmpty ? line : line + String(repeating: " ", count: Swift.max(1, 10 - unit.count)) + loss
    }

    /// "2,340,000".
    private static func whole(_ value: Double) -> String {
        var digits = Array(String(Int(value.rounded())))
        var place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: place)
            place -= 3
        }
        return String(digits)
    }

    private static func short(_ value: Double) -> String {
        "\(Float(value >= 0.001 ? (value * 1e5).rounded() / 1e5 : value))"
    }
}

/// What the figures were measured on.
private enum Machine {
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
