import ArgumentParser
import Engine
import Session
import TerminalKit

struct Bench: ParsableCommand, DeviceCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure the engine's speed on this machine.",
        discussion: "WORKLOAD is one of:\n"
            + Workload.standard.map { "- \($0.name): \($0.summary)" }.joined(separator: "\n")
            + "\nand where they are named:\n"
            + Workload.groups.map { group in
                "- \(group), or of these: " + Workload.named(group).map(\.name).joined(separator: ", ")
            }.joined(separator: "\n"))

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @Argument(
        help: ArgumentHelp("What to measure (default: all).", valueName: "workload"),
        completion: .list(Workload.names))
    var workloads: [String] = []

    @Option(help: ArgumentHelp("Seconds for each workload, after a warm-up.", valueName: "s"))
    var seconds = 3.0

    @Option(help: ArgumentHelp("Threads (default: all processors).", valueName: "n"))
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "Samples in a step of the workloads that say --batch.",
            valueName: "n"))
    var batch: Int?

    @Option(
        help: ArgumentHelp(
            "Networks of population and rnn-lanes (default: 256 and 64).", valueName: "n"))
    var networks: Int?

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
        for name in workloads where Workload.named(name).isEmpty {
            throw ValidationError(
                "there is no workload \(quoted(name)); \(NearestName.advice(name, among: Workload.names))")
        }
        for (option, value) in [("batch", batch), ("networks", networks)] {
            guard let value else { continue }
            let takers = Workload.all.filter { $0.size?.name == option }
            let chosen = takers.filter { workloads.isEmpty || workloads.contains($0.name) }
            guard !chosen.isEmpty else {
                throw ValidationError(
                    "--\(option): is for \(takers.map(\.name).joined(separator: ", ")); "
                        + "found \(workloads.joined(separator: ", "))")
            }
            for range in chosen.compactMap(\.size?.range) where !range.contains(value) {
                throw ValidationError(
                    "--\(option): expected \(range.lowerBound) to \(range.upperBound), found \(value)")
            }
        }
    }

    /// A workload's size by an option; nil: its standard.
    private func size(of workload: Workload) -> Int? {
        switch workload.size?.name {
        case "batch": batch
        case "networks": networks
        default: nil
        }
    }

    func run() throws {
        let chosen =
            workloads.isEmpty ? Workload.standard : workloads.flatMap(Workload.named)
        let threads = threads ?? Machine.processors
        let device = try place.open()
        var results: [JSON] = []
        var stuck: [String] = []
        if format == .text {
            let kernels = try Processor.simdLevel()
            print("\(Machine.name), \(plural(Machine.processors, "processor")), kernels \(kernels)")
            if case .openCL(let card) = device { print("device \(card.index): \(card.name)") }
            print("\(plural(threads, "thread")), \(formatNumber(seconds)) s for each workload\n\n\(BenchTable.header)")
        }
        for workload in chosen {
            let figures = try workload.measure(
                seconds: seconds, threads: threads, device: device, size: size(of: workload))
            if let losses = figures.losses, !(losses.end < losses.start) {
                stuck.append("\(workload.name): the loss did not fall: \(losses.start) → \(losses.end)")
            }
            func number(_ value: Double?) -> JSON { value.map { $0.isFinite ? .number($0) : .null } ?? .null }
            var members = [
                JSON.Member("workload", .string(workload.name)), JSON.Member("unit", .string(workload.unit)),
                JSON.Member("median", number(figures.median)), JSON.Member("min", number(figures.min)),
                JSON.Member("max", number(figures.max)), JSON.Member("threads", .number(Double(threads))),
                JSON.Member("backend", .string(figures.device.name)),
                JSON.Member("finalLoss", number(figures.losses?.end)),
            ]
            if let kind = workload.size {
                members.append(JSON.Member(kind.name, .number(Double(size(of: workload) ?? kind.standard))))
            }
            if let gigaflops = figures.gigaflops {
                members.append(JSON.Member("gigaflopsPerSecond", number(gigaflops)))
            }
            results.append(.object(members))
            if format == .text { print(BenchTable.text(workload, size: size(of: workload), figures)) }
        }
        if format == .json { try printReport(results) }
        for line in stuck { Output.writeError("layercake: \(line)\n") }
        if !stuck.isEmpty { throw ExitCode.failure }
    }

    private func printReport(_ results: [JSON]) throws {
        let machine = JSON.object([
            JSON.Member("processor", .string(Machine.name)),
            JSON.Member("processors", .number(Double(Machine.processors))),
            JSON.Member("simd", .string(try Processor.simdLevel())), JSON.Member("blas", .string(Processor.blasName)),
        ])
        print(json: JSON.object([JSON.Member("results", .array(results)), JSON.Member("machine", machine)]).text())
    }
}
