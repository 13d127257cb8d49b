import Datasets
import Session
import TerminalKit

/// A computational graph step by step: each node's value from the variables on, then each derivative from the result back.
struct GraphPopup: Popup {
    let text: String
    /// With the values of its variables; nil: a network's graph.
    var formula: String?
    let table: GraphTable
    /// The steps that are done.
    var step = 0

    private var graph: FormulaGraph { table.graph }

    let hints: [(key: String, word: String)] = [
        ("→←", "step"), ("home", "from the start"), ("end", "all"), ("i", "another formula"), ("esc", "back"),
    ]

    func rect(in app: App) -> Rect {
        let screen = app.popupRoom
        return centredRect(
            width: min(76, screen.width - 2), height: min(screen.height, graph.nodes.count + 8), in: screen)
    }

    func handle(_ key: Key, _ app: App) -> PopupAnswer {
        var popup = self
        switch key.code {
        case .escape, .enter, .character("q"): return .closed
        case .right, .character("l"), .character(" "), .down, .character("j"): popup.step += 1
        case .left, .character("h"), .up, .character("k"): popup.step -= 1
        case .home, .character("g"): popup.step = 0
        case .end, .character("G"): popup.step = table.stepCount
        case .character("i"):
            return .closed { [formula] in $0.popup = formula.map { Prompt.graph($0) } ?? Prompt.graph() }
        default: break
        }
        popup.step = min(max(0, popup.step), table.stepCount)
        return .open(popup)
    }

    /// The node that the present step has computed, or the edge, as an index into the steps.
    private var now: (node: Int?, edge: Int?) {
        let forward = table.forwardCount
        if step <= 1 { return (nil, nil) }
        if step <= forward { return (graph.variableCount + step - 2, nil) }
        if step == forward + 1 { return (graph.result, nil) }
        return (graph.steps[step - forward - 2].to, step - forward - 2)
    }

    func draw(into canvas: inout Canvas, _ rect: Rect, _ app: App) {
        drawBox(into: &canvas, rect, title: "Graph · \(text)", style: app.quiet, titleStyle: app.accent, fill: app.text)
        let content = rect.inset(left: 2, top: 1, right: 2, bottom: 1)
        let now = now
        let number = 14
        let titles = max(10, content.width - 2 * number)
        canvas.writeRight("value", maxX: content.x + titles + number, y: content.y, style: app.quiet)
        canvas.writeRight(
            "∂\(graph.nodes[graph.result].name)/∂ of it", maxX: content.maxX, y: content.y, style: app.quiet)
        let rows = max(1, content.height - 5)
        let known = table.knownNodes(after: step)
        // The node at work is in sight.
        let first = min(max(0, (now.node ?? 0) - rows + 1), max(0, graph.nodes.count - rows))
        for place in first..<min(graph.nodes.count, first + rows) {
            let y = content.y + 1 + place - first
            let node = graph.nodes[place]
            let isNow = place == now.node
            if isNow {
                canvas.fill(Rect(x: content.x, y: y, width: content.width, height: 1), with: Cell(" ", app.selected))
            }
            let style = isNow ? app.selected : app.text
            canvas.write(table.title(place), x: content.x, y: y, style: style, limit: titles)
            if place < known {
                canvas.writeRight(GraphTable.number(node.value), maxX: content.x + titles + number, y: y, style: style)
            }
            if table.hasDerivative(place, after: step) {
                canvas.writeRight(GraphTable.number(node.derivative), maxX: content.maxX, y: y, style: style)
            } else if node.isGiven, step > table.forwardCount {
                canvas.writeRight("given", maxX: content.maxX, y: y, style: app.quiet)
            }
        }
        let words = Rect(x: content.x, y: content.maxY - 3, width: content.width, height: 3)
        if let edge = now.edge {
            let step = graph.steps[edge]
            canvas.write(table.title(step), x: words.x, y: words.y, style: app.accent, limit: words.width)
            canvas.write(table.numbers(step), x: words.x, y: words.y + 1, style: app.text, limit: words.width)
        } else if step == 1 {
            canvas.write(given, x: words.x, y: words.y, style: app.accent, limit: words.width)
        } else if let node = now.node, step <= table.forwardCount {
            canvas.write(table.title(node), x: words.x, y: words.y, style: app.accent, limit: words.width)
        } else if step == table.forwardCount + 1 {
            canvas.write(table.seed, x: words.x, y: words.y, style: app.accent, limit: words.width)
        }
        let hint =
            step < table.forwardCount
            ? "forward: → \(step == 0 ? "gives the variables their values" : "computes the next node")"
            : step < table.stepCount ? "backward: → follows the next edge" : "all derivatives are known"
        canvas.write(hint, x: words.x, y: words.y + 2, style: app.quiet, limit: words.width)
    }
}

extension GraphPopup {
    /// "3 variables with their values"
    fileprivate var given: String {
        graph.variableCount == 1
            ? "the variable has its value" : "all \(plural(graph.variableCount, "variable")) have their values"
    }
}

extension Prompt {
    /// A formula and the values of its variables.
    static func graph(_ text: String = "(x+y)*z x=-2 y=5 z=-4") -> Prompt {
        Prompt(
            "Computational graph",
            help: "A formula and the values of its variables: (x+y)*z x=-2 y=5 z=-4. "
                + "+ − * / ^, parentheses, sin, cos, tanh, exp, log or ln, sqrt, abs, sigmoid, relu, min, max.",
            field: TextField(text, selected: true)
        ) { app, text in app.showGraph(text) }
    }
}

extension App {
    /// Shows the graph of a formula with the values of its variables.
    /// - Returns: a mistake in them; nil: it is shown.
    fileprivate mutating func showGraph(_ text: String) -> String? {
        do throws(DataError) {
            let graph = try FormulaAndValues(text).graph()
            let formula = FormulaAndValues(text).formula
            popup = GraphPopup(text: formula, formula: formula, table: GraphTable(graph: graph))
            return nil
        } catch { return error.message }
    }
}

extension Palette {
    /// "graph FORMULA x=…": its graph. Where the formula or its values are mistaken the prompt says so, and they are mended there.
    static func graph(in filter: String) -> Finding? {
        let words = filter.split(separator: " ", maxSplits: 1).map(String.init)
        guard words.count == 2, words[0] == "graph" else { return nil }
        let text = words[1].trimmed
        return Finding(
            title: "graph \(text)", summary: "A formula's values forward and its derivatives backward, step by step.",
            keywords: filter
        ) { app in
            if let mistake = app.showGraph(text) { app.popup = Prompt.graph(text).mended(mistake) }
        }
    }
}

extension Command {
    /// A formula's graph, from the palette.
    static let graph = Command(
        "app.graph", "a computational graph: a formula's values forward, its derivatives backward", keys: []
    ) { app in app.popup = Prompt.graph() }.during(.walk)
}

extension App {
    /// Shows the graph of the unit that is walked through, or of the whole network with its loss, at the sample of the walk.
    mutating func showGraph(ofNetwork: Bool) {
        guard let scene = walkScene, let row = scene.context.walkedRow else { return }
        let names = NetworkGraph.Names(
            network: label("walk.networkGraph"), neuron: "\(label("walk.graph")) at one of its units",
            walks: "\(label(WalkCommands.start.id)), and \(label(WalkCommands.motion.id)) for slow motion")
        do throws(ExperimentError) {
            let graph =
                ofNetwork
                ? try NetworkGraph(scene.context.snapshot, row: row, names: names)
                : try NetworkGraph(
                    scene.context.snapshot, row: row, layer: scene.state.layer, unit: scene.unit, names: names)
            popup = GraphPopup(text: graph.title, table: GraphTable(graph: graph.graph))
        } catch { notice = Notice(error.message) }
    }
}
