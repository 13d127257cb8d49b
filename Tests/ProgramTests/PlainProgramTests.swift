import Foundation
import Testing

@Suite("layercake --plain, and layercake config")
struct PlainProgramTests {
    /// Plays lines into the program: no terminal is there.
    private func play(_ arguments: [String], _ lines: [String], environment: [String: String] = [:]) throws -> [String]
    {
        let result = try Program.run(
            ["--plain"] + arguments, environment: environment, input: lines.map { $0 + "\n" }.joined())
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        let out = result.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for line in out {
            #expect(line.count <= 80, "\(line)")
            #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }, "\(line)")
        }
        return out
    }

    @Test("without a terminal the same lines give the same answers, in words and numbers")
    func deterministic() throws {
        let lines = ["report never", "epochs 200", "describe", "describe loss", "set learningRate 0.1", "status"]
        let first = try play(["circle"], lines)
        #expect(first.contains { $0.contains("inside a closed curve around") }, "\(first)")
        #expect(first.contains { $0.hasPrefix("learning rate 0.03 → 0.1; ") }, "\(first)")
        // The summary names the time that training took and the file that keeps the experiment.
        func same(_ lines: [String]) -> [String] { Array(lines.prefix { !$0.contains(", seed 1") }) }
        #expect(same(try play(["circle"], lines)) == same(first))
    }

    /// The greeting and the answers; the summary behind them tells how long it took.
    private func answers(_ preset: String, _ lines: [String]) throws -> [String] {
        Array(try play([preset], lines).prefix { !$0.contains(", seed 1") })
    }

    @Test("a session with XOR, line by line")
    func exclusiveOr() throws {
        let lines = ["report never", "epochs 100", "describe", "describe loss", ":noise 10", "noise", "status"]
        #expect(
            try answers("xor", lines) == [
                "layercake in lines: help lists the commands, describe tells the picture",
                "Exclusive or, paused",
                "network 2 → 4 → 2 → 1, 25 parameters",
                "epoch 0: train loss 0.509, test loss 0.513, train accuracy 0.544, test accuracy",
                "  0.532",
                "figures are told never",
                "epoch 100: train loss 0.00877, test loss 0.00995, train accuracy 1, test",
                "  accuracy 1",
                "blue: 48 % of the plane around (0.0, 0.1), accuracy 1, loss 0.00995",
                "orange in 2 parts: 26 % of the plane around (2.9, −3.1); 25 % of the plane",
                "  around (−3.0, 3.0)",
                "on the wrong side: 0 of 250 training points, 0 of 250 test points",
                "train loss fell from 0.509 to 0.00877 in 100 epochs",
                "test loss fell from 0.513 to 0.00995 in 100 epochs",
                "train accuracy rose from 0.544 to 1 in 100 epochs",
                "test accuracy rose from 0.532 to 1 in 100 epochs",
                "noise 0 % → 10 %; new data: training starts again with the weights that fit",
                "data.noise: 10 %. Labels are those of points moved by up to this percentage of",
                "  5.",
                "Exclusive or, paused, edited",
                "network 2 → 4 → 2 → 1, 25 parameters",
                "epoch 0: train loss 0.0236, test loss 0.0216, train accuracy 0.988, test",
                "  accuracy 0.992",
            ])
    }

    @Test("a session with the circle, line by line, as the README shows it")
    func circle() throws {
        let lines = ["report never", "epochs 200", "describe", "set learningRate 0.1", "add dense", "undo"]
        #expect(
            try answers("circle", lines) == [
                "layercake in lines: help lists the commands, describe tells the picture",
                "Circle, paused",
                "network 2 → 4 → 2 → 1, 25 parameters",
                "epoch 0: train loss 0.515, test loss 0.525, train accuracy 0.516, test accuracy",
                "  0.516",
                "figures are told never",
                "epoch 200: train loss 0.00161, test loss 0.00408, train accuracy 1, test",
                "  accuracy 1",
                "blue inside a closed curve around (0.1, 0.1), radius 2.6 to 3.3, accuracy 1,",
                "  loss 0.00408",
                "on the wrong side: 0 of 250 training points, 0 of 250 test points",
                "learning rate 0.03 → 0.1; the weights stay",
                "layer 3 added: dense units 4; another network: training starts again with the",
                "  weights that fit",
                "layer 3 removed: dense units 4; another network: training starts again with the",
                "  weights that fit",
            ])
    }

    @Test("training goes on while lines come, and SIGINT lets it rest, then leaves")
    func interruption() throws {
        let folder = try TemporaryFolder()
        let output = folder.path("output")
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let id = try Program.start(
            ["--plain", "xor"],
            files: [
                ("/proc/self/fd/\(ends[0])", O_RDONLY), (output, O_WRONLY | O_CREAT), ("/dev/null", O_WRONLY),
            ])
        func text() -> String { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" }
        func wait(_ words: String, times: Int = 1) {
            func isThere() -> Bool { text().components(separatedBy: words).count > times }
            let end = Date(timeIntervalSinceNow: 60)
            while !isThere(), Date() < end { usleep(20_000) }
            #expect(isThere(), "\(text())")
        }
        func send(_ line: String) {
            let bytes = Array((line + "\n").utf8)
            #expect(write(ends[1], bytes, bytes.count) == bytes.count)
        }
        wait("paused")
        send("play")
        // The figures come with the first snapshots after the epochs 1, 2 and 4.
        wait("train loss", times: 4)
        kill(id, SIGINT)
        wait("interrupted")
        kill(id, SIGINT)
        var ended: Int32 = 0
        while waitpid(id, &ended, 0) < 0, errno == EINTR {}
        #expect(Program.exitStatus(ended) == 0)
    }

    @Test("config tells mistakes with their places, and nothing stops")
    func configuration() throws {
        let folder = try TemporaryFolder()
        let environment = ["XDG_CONFIG_HOME": folder.url.path]
        #expect(try Program.run(["config"], environment: environment).output.contains("not there"))
        try FileManager.default.createDirectory(
            atPath: folder.path("layercake"), withIntermediateDirectories: true)
        let file = try folder.write(
            "{\"keys\": {\"training.pley\": \"P\"}, \"palette\": \"highContrast\"}", as: "layercake/config.json")
        let result = try Program.run(["config"], environment: environment)
        #expect(result.status == 65)
        #expect(
            result.output == "\(file): keys.training.pley: no such command; did you mean “training.play”?\n",
            "\(result.output)")
        let lines = try play(["xor"], ["status"], environment: environment)
        #expect(lines.joined(separator: " ").contains("keys.training.pley"), "\(lines)")
        _ = try folder.write("", as: "layercake/config.json")
        #expect(try Program.run(["config"], environment: environment).status == 65)
        let whole = try Program.run(["config", "--default"])
        _ = try folder.write(whole.output, as: "layercake/config.json")
        let checked = try Program.run(["config"], environment: environment)
        #expect(checked.status == 0 && checked.output == "\(file): all is well\n", "\(checked.output)")
        #expect(try whole.json()["keys"] is [String: Any])
    }

    @Test("a palette of no such name is told with the nearest one")
    func palette() throws {
        let result = try Program.run(["--plain", "xor"], environment: ["LAYERCAKE_PALETTE": "colourblnd"], input: "")
        #expect(result.status == 64 && result.errors.contains("did you mean “colourBlind”?"), "\(result.errors)")
    }
}
