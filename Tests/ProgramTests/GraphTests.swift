import Testing

@Suite("layercake graph")
struct GraphTests {
    @Test("prints the lectures' graph forward and backward")
    func lecture() throws {
        let result = try Program.run(["graph", "(x+y)*z", "x=-2", "y=5", "z=-4"])
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        for line in [
            "q1 = x + y", "f = q1 · z", "∂f/∂q1 = ∂f/∂f · z", "1 · −4 = −4", "∂f/∂z = ∂f/∂f · q1", "1 · 3 = 3",
        ] {
            #expect(result.output.contains(line), "\(line):\n\(result.output)")
        }
        let plain = try Program.run(
            ["graph", "(x+y)*z", "x=-2", "y=5", "z=-4"], environment: ["LC_ALL": "C"])
        #expect(plain.status == 0 && plain.output.utf8.allSatisfy { $0 < 0x7F }, "\(plain.output)")
    }

    @Test("prints it as JSON")
    func json() throws {
        let result = try Program.run(["graph", "x*y", "x=2", "y=3", "--format", "json"])
        let graph = try result.json()
        #expect(graph["value"] as? Double == 6)
        let nodes = try #require(graph["nodes"] as? [[String: Any]])
        #expect(nodes.map { $0["derivative"] as? Double } == [3, 2, 1])
    }

    @Test("a mistake ends with 65 and says what to write")
    func mistake() throws {
        let result = try Program.run(["graph", "(x+y)*z", "x=-2", "y=5"])
        #expect(result.status == 65 && result.output.isEmpty)
        #expect(result.errors.contains("expected a variable (x, y)"), "\(result.errors)")
    }

    @Test("a formula may begin with a minus sign, wherever the options stand")
    func minus() throws {
        for arguments in [["-x^2", "x=3"], ["--format", "text", "-x^2", "x=3"], ["-x^2", "x=3", "--format=text"]] {
            let result = try Program.run(["graph"] + arguments)
            #expect(result.status == 0 && result.output.contains("∂f/∂x"), "\(result.errors)")
        }
        #expect(try Program.run(["graph", "--help"]).output.contains("FORMULA"))
        #expect(try Program.run(["graph", "x", "x=1", "--nothing"]).status == 64)
    }

    @Test("a neuron and a small network of an experiment have graphs too, in the engine's numbers")
    func network() throws {
        let neuron = try Program.run([
            "graph", "circle", "--set", "data.samples=60", "--epochs", "2", "--layer", "0", "--neuron", "2",
        ])
        #expect(neuron.status == 0 && neuron.errors.isEmpty, "\(neuron.errors)")
        for line in ["z(h2) = p(x1→h2) + p(x2→h2) + b(h2)", "h2 = tanh(z(h2))", "∂h2/∂w(x1→h2)"] {
            #expect(neuron.output.contains(line), "\(line):\n\(neuron.output)")
        }
        let all = try Program.run(["graph", "circle", "--network", "--sample", "3", "--format", "json"])
        let nodes = try #require(try all.json()["nodes"] as? [[String: Any]])
        #expect(nodes.last?["name"] as? String == "L" && nodes.last?["derivative"] as? Double == 1)
        for (arguments, status, words) in [
            (["graph", "circle", "--neuron", "9"], 65, "the neurons 1 to"),
            (["graph", "digits-cnn", "--network"], 65, "table of rows"),
            (["graph", "x*y", "x=1", "y=2", "--epochs", "3"], 64, "add --neuron 1 or --network"),
            (["graph", "circle", "x=1", "--network"], 64, "takes no values"),
            (["graph", "circle"], 64, "circle is a preset: add --network"),
            (["graph", "circle", "--network", "--layer", "0"], 64, "leave --layer"),
        ] {
            let result = try Program.run(arguments)
            #expect(Int(result.status) == status && result.errors.contains(words), "\(arguments): \(result.errors)")
        }
    }

    @Test("where there is no derivative the reason stands in its place")
    func reason() throws {
        let result = try Program.run(["graph", "log(0*x)", "x=1"])
        #expect(result.status == 0 && result.output.contains("none: f is −∞ here"), "\(result.output)")
        #expect(result.output.contains("none, as ∂f/∂q1") && !result.output.lowercased().contains("nan"))
        let root = try Program.run(["graph", "sqrt(0*x)", "x=1"])
        #expect(root.output.contains("none: ∞ · 0 is no number"), "\(root.output)")
    }
}
