import Basics
import Datasets
import Session
import TerminalKit

/// A way of changing the points of the plane.
struct PenTool: Sendable {
    /// "spray": one word, as the title and the hints say it.
    var name: String
    var words: String
    /// Points are added or taken away; else they move, and keep their order.
    var changesCount = true
    /// It means points of every class.
    var meansAll = false
    /// Changes the points by a stroke, and the pen with them.
    /// - Returns: a notice; nil: there is nothing to say.
    var change: @Sendable (inout [DrawnPoint], inout PointPen, PenStroke) -> Notice?

    static let all = [put, spray, drag, erase]
}

extension PenTool: Hashable {
    static func == (left: PenTool, right: PenTool) -> Bool { left.name == right.name }
    func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// The pen that draws points into the plane.
public struct PointPen: Sendable, Hashable {
    var tool = PenTool.put
    /// The number of the class, or of the value.
    var label = 0
    /// The point that is dragged; nil: none.
    var held: Int?
    /// Counts the points sprayed so far: each falls elsewhere.
    var sprayed: UInt64 = 0

    /// The most points of a drawing.
    static let most = 1000
    /// Of data with more points than `most` the first ones become the drawing: there is room for others then.
    static let mostTaken = 800
    /// Points this near are meant, of the plane's width.
    static let reach = 0.04
    /// Values that a point of a regression can have.
    static let values = [-1.0, -0.5, 0, 0.5, 1]
}

extension PlotContext {
    /// The labels that the pen can draw.
    var penLabels: [DrawnPoint.Label] {
        let labels = snapshot.data.learned.drawnLabels
        return labels.isEmpty ? PointPen.values.map { .number($0) } : labels
    }

    /// The pen's class or value in words.
    var penWords: String {
        guard let pen = plots.pen else { return "" }
        if snapshot.network.generated != nil { return "\(pen.tool.name) real points" }
        if pen.tool.meansAll { return "\(pen.tool.name) points" }
        let label = penLabels[pen.label % penLabels.count]
        let name: String =
            switch label {
            case .number(let value): formatNumber(value)
            case .text(let name): visibleText(name)
            }
        return "\(pen.tool.name) \(snapshot.data.drawnLabels.isEmpty ? "value" : "class") \(name)"
    }
}

extension PlotContext {
    /// The same frame over the plane of the data that are drawn: those that a generator learns, or the network's own.
    fileprivate var ofDrawnData: PlotContext { snapshot.network.generated == nil ? self : ofLearnedData }
}

extension App {
    /// Why no points can be drawn, or nil.
    var penRefusal: String? {
        guard let data = newest?.data.learned else { return "there are no data yet" }
        if takenAway("data.dataset") != nil { return Self.lessonGoesWithout }
        return data.drawnPoints(most: 1) == nil ? "only points of a plane of x1 and x2 can be drawn" : nil
    }

    /// The points of the document, or those of its data.
    private var points: [DrawnPoint] {
        if experiment.data.keepsPlaces { return experiment.data.points }
        guard let data = newest?.data.learned else { return [] }
        let fits = data.trainPoints.count + data.testPoints.count < PointPen.most
        return data.drawnPoints(most: fits ? PointPen.most : PointPen.mostTaken) ?? []
    }

    /// A tool with the key in force.
    fileprivate func words(of tool: PenTool) -> String { tool.words.replacing("(enter)", with: label("pen.put")) }

    mutating func togglePen() {
        if plots.pen != nil { return plots.pen = nil }
        leavePast()
        plots.hand = nil
        plots.pen = PointPen()
        if plots.place == nil { plots.place = PlotPlace(x: 0.5, y: 0.5) }
        notice = Notice(
            "\(words(of: .put)); \(label("pen.tool")) takes another tool, \(label("pen.class")) another class")
    }

    /// One stroke of the pen at the cursor.
    /// - Parameter goesOn: the mouse is dragged; else it is a new stroke.
    mutating func stroke(goesOn: Bool) {
        guard var pen = plots.pen, let place = plots.place, let context = plotContext?.ofDrawnData else { return }
        let (xs, ys) = (context.xRange, context.yRange)
        let width = Double(xs.upperBound - xs.lowerBound)
        let (x, y) = (Double(xs.value(at: place.x)), Double(ys.value(at: place.y)))
        let labels = context.snapshot.data.drawnLabels
        let label = context.penLabels[pen.label % context.penLabels.count]
        var points = points
        let before = points
        let stroke = PenStroke(
            x: x, y: y, width: width, height: Double(ys.upperBound - ys.lowerBound), label: label, labels: labels,
            meansTest: experiment.view.showTestData, goesOn: goesOn, isKey: plots.penIsKey)
        if let words = pen.tool.change(&points, &pen, stroke) { notice = words }
        plots.pen = pen
        if points.count > PointPen.most, points.count > before.count {
            notice = Notice("there are \(PointPen.most) points already, and no room for more")
            return
        }
        if pen.tool.changesCount { points = DrawnPoint.inOrder(points, of: labels) }
        let isFirst = !experiment.data.keepsPlaces
        guard points != before || isFirst else { return }
        let all = context.snapshot.data.train.count + context.snapshot.data.test.count
        // Each stroke is a step of its own.
        if !goesOn { session.endEdit() }
        guard act(.points(points)) == nil, isFirst, before.count < all else { return }
        notice = Notice(
            "the drawing goes on with \(formatCount(before.count)) of the \(formatCount(all)) points; \(self.label("edit.undo")) brings all back"
        )
    }

    /// A drawing that begins anew: of each class the last training point stays, of real samples one, at the cursor.
    mutating func clearDrawing() {
        guard let place = plots.place, let context = plotContext?.ofDrawnData else { return }
        var kept: [DrawnPoint] = []
        if context.snapshot.network.generated != nil, let label = context.penLabels.first {
            let (x, y) = (context.xRange.value(at: place.x), context.yRange.value(at: place.y))
            kept = [DrawnPoint(x1: Double(x), x2: Double(y), label: label)]
        } else {
            let all = points.filter { !$0.isTest }
            let labels = context.snapshot.data.drawnLabels
            // A class that has test points alone keeps one of these, which trains from now on.
            func last(_ label: DrawnPoint.Label) -> DrawnPoint? {
                var point = all.last { $0.label == label } ?? points.last { $0.label == label }
                point?.isTest = false
                return point
            }
            kept = labels.isEmpty ? Array(all.suffix(1)) : labels.compactMap(last)
        }
        guard !kept.isEmpty, act(.points(kept)) == nil else { return }
        plots.pen?.held = nil
        notice = "an empty plane; \(label("edit.undo")) brings the points back"
    }

    /// The cursor moves one step; a point that is held comes with it.
    mutating func movePen(x: Double, y: Double) {
        guard var place = plots.place else { return plots.place = PlotPlace(x: 0.5, y: 0.5) }
        place.x = min(max(place.x + x / 40, 0.0125), 0.9875)
        place.y = min(max(place.y + y / 20, 0.025), 0.975)
        plots.place = place
        if plots.pen?.held != nil { stroke(goesOn: true) }
    }
}

/// The keys of the pen.
enum PenCommands {
    static let start = Command(
        "output.draw", "draw points of your own: put, spray, drag and erase them while training goes on",
        hint: "draw data", keys: ["P"], panels: [.output], views: [.plane, .adversarialPlane], control: "data.points",
        disabled: \.penRefusal
    ) { $0.togglePen() }.bringingView

    static let export = Command(
        "output.export", "write the points of the plane as a table (CSV)", keys: [], panels: [.output],
        disabled: \.penRefusal
    ) { $0.popup = Prompt.points }

    static let all: [Command] = [
        moving("left", "h", -1, 0), moving("right", "l", 1, 0), moving("up", "k", 0, 1), moving("down", "j", 0, -1),
        pen("put", "a stroke of the pen", ["enter"], "draw") { app in
            app.plots.penIsKey = true
            app.stroke(goesOn: false)
            app.plots.penIsKey = false
        },
        pen("tool", "the next tool: put, spray, drag, erase", ["t"], "tool") { app in
            guard let pen = app.plots.pen, let place = PenTool.all.firstIndex(of: pen.tool) else { return }
            let tool = PenTool.all[(place + 1) % PenTool.all.count]
            app.plots.pen?.tool = tool
            app.plots.pen?.held = nil
            app.notice = Notice(app.words(of: tool))
        },
        pen("class", "the next class, or the next value", ["c"], "class") { app in
            guard let count = app.plotContext?.penLabels.count else { return }
            let label = app.plots.pen?.label ?? 0
            app.plots.pen?.label = (label + 1) % count
            app.notice = app.plotContext.map { Notice($0.penWords) }
        },
        pen("erase", "take the points around the cursor away", ["backspace", "x"], "erase") { app in
            let tool = app.plots.pen?.tool
            app.plots.pen?.tool = .erase
            app.stroke(goesOn: false)
            if let tool { app.plots.pen?.tool = tool }
        },
        pen("clear", "an empty plane: of each class one point stays", ["C"], "clear") { $0.clearDrawing() },
        pen("leave", "put the pen away", ["esc", "P"], "done") { $0.togglePen() },
    ]

    private static func moving(_ key: String, _ letter: String, _ x: Double, _ y: Double) -> Command {
        pen(key, "the pen one step \(key)", [key, letter], "move") { $0.movePen(x: x, y: y) }
    }

    private static func pen(
        _ id: String, _ help: String, _ keys: [String], _ hint: String, _ run: @escaping @Sendable (inout App) -> Void
    ) -> Command {
        Command(
            "pen.\(id)", help, hint: hint, keys: keys, panels: [.output],
            disabled: { $0.plots.pen == nil ? "\($0.label(start.id)) in the output panel takes the pen" : nil },
            run: run)
    }
}

extension Prompt {
    /// The file of the points.
    static var points: Prompt {
        Prompt(
            "Save points", help: "A path. A row for each point: x1, x2, label.", field: TextField("points.csv"),
            completion: Completion()
        ) { app, text in
            let path = FilePath.expanded(text)
            if FilePath.exists(path) { return "\(path) is there already: choose another name" }
            let drawn = app.experiment.data.points
            let points = drawn.isEmpty ? app.newest?.data.learned.drawnPoints(most: .max) ?? [] : drawn
            app.outbox.append(.write(DrawnPoint.csv(points), path: path))
            return nil
        }
    }
}
