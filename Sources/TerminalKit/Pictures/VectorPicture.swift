import Basics

/// A canvas as SVG: letters are text in a monospaced font, each run as wide as its cells; blocks, dots, lines and figures
/// are shapes, so that they join whatever the font. The same canvas gives the same text.
public struct VectorPicture: Sendable {
    public let text: String

    /// - Parameter title: read out in place of the picture.
    public init(_ canvas: Canvas, colors: PictureColors, title: String) {
        var drawing = Drawing(canvas: canvas, colors: colors)
        for y in 0..<canvas.height { drawing.draw(row: y) }
        let (width, height) = (canvas.width * 10, canvas.height * 20)
        func hex(_ color: UInt32) -> String {
            let digits = String(color, radix: 16)
            return "#" + String(repeating: "0", count: 6 - digits.count) + digits
        }
        var lines = [
            #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(width) \#(height)" width="\#(width)" height="\#(height)">"#,
            "<title>\(Self.escaped(title))</title>",
            #"<rect width="\#(width)" height="\#(height)" fill="\#(hex(colors.background))"/>"#,
            #"<g shape-rendering="crispEdges">"#,
        ]
        lines += drawing.boxes.list.map { #"<path fill="\#(hex($0.key.color))" d="\#($0.path)"/>"# }
        lines.append("</g>")
        lines += drawing.figures.list.map { #"<path fill="\#(hex($0.key.color))" d="\#($0.path)"/>"# }
        lines.append(#"<g fill="none" stroke-linejoin="round">"#)
        lines += drawing.strokes.list.map { key, path in
            let cap = key.isRound ? #" stroke-linecap="round""# : ""
            return #"<path stroke="\#(hex(key.color))" stroke-width="\#(Self.number(key.width))"\#(cap) d="\#(path)"/>"#
        }
        lines.append("</g>")
        lines.append(
            #"<g font-family="'DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono',monospace" font-size="16.6" xml:space="preserve">"#
        )
        lines += drawing.texts.map { run in
            let x = run.x * 10
            let count = run.columns
            let length = count > 1 ? #" textLength="\#(count * 10)" lengthAdjust="spacingAndGlyphs""# : ""
            let weight = run.bold ? #" font-weight="bold""# : ""
            return
                #"<text x="\#(x)" y="\#(run.y * 20 + 15)"\#(length)\#(weight) fill="\#(hex(run.color))">\#(Self.escaped(run.text))</text>"#
        }
        lines += ["</g>", "</svg>", ""]
        text = lines.joined(separator: "\n")
    }

    static func escaped(_ text: String) -> String {
        visibleText(text).reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.append(character)
            }
        }
    }

    /// With at most two digits behind the point.
    fileprivate static func number(_ value: Double) -> String {
        let hundredths = Int(bounded: (value * 100).rounded())
        let (whole, rest) = (abs(hundredths) / 100, abs(hundredths) % 100)
        let sign = hundredths < 0 ? "-" : ""
        if rest == 0 { return "\(sign)\(whole)" }
        return "\(sign)\(whole)." + (rest % 10 == 0 ? "\(rest / 10)" : rest < 10 ? "0\(rest)" : "\(rest)")
    }
}

/// The shapes of a canvas, gathered by their looks.
private struct Drawing {
    struct Look: Hashable {
        var color: UInt32
        var width = 0.0
        var isRound = false
    }
    /// Paths by their looks, in the order in which these came.
    struct Paths {
        private var places: [Look: Int] = [:]
        private(set) var list: [(key: Look, path: String)] = []

        mutating func add(_ path: String, _ look: Look) {
            if let place = places[look] {
                list[place].path += path
            } else {
                places[look] = list.count
                list.append((look, path))
            }
        }
    }
    struct Run {
        var x: Int
        var y: Int
        var text: String
        var columns: Int
        var color: UInt32
        var bold: Bool
    }

    let canvas: Canvas
    let colors: PictureColors
    /// Rectangles, edge to edge.
    var boxes = Paths()
    var figures = Paths()
    var strokes = Paths()
    var texts: [Run] = []

    mutating func draw(row y: Int) {
        drawGrounds(y)
        for x in 0..<canvas.width where canvas[x, y].scalar.value != 0 { draw(canvas[x, y], x, y) }
        drawTexts(y)
    }

    /// Cells of one ground beside each other are one rectangle.
    private mutating func drawGrounds(_ y: Int) {
        var x = 0
        while x < canvas.width {
            let ground = colors.resolve(canvas[x, y].style).background
            var end = x + 1
            while end < canvas.width, colors.resolve(canvas[end, y].style).background == ground { end += 1 }
            if ground != colors.background {
                boxes.add("M\(x * 10) \(y * 20)h\((end - x) * 10)v20h-\((end - x) * 10)z", Look(color: ground))
            }
            x = end
        }
    }

    private mutating func draw(_ cell: Cell, _ x: Int, _ y: Int) {
        let (front, back) = colors.resolve(cell.style)
        func at(_ point: CellPoint) -> String {
            "\(VectorPicture.number(point.x + Double(x * 10))) \(VectorPicture.number(point.y + Double(y * 20)))"
        }
        func box(_ left: Double, _ top: Double, _ width: Double, _ height: Double) -> String {
            let number = VectorPicture.number
            return "M\(at(CellPoint(x: left, y: top)))h\(number(width))v\(number(height))h\(number(-width))z"
        }
        if cell.style.underline { boxes.add(box(0, 17, 10, 1), Look(color: front)) }
        for shape in CellShape.shapes(of: cell.scalar) ?? [] {
            switch shape {
            case .box(let left, let top, let width, let height, let opacity):
                boxes.add(box(left, top, width, height), Look(color: mixColors(back, front, Float(opacity))))
            case .disc(let centreX, let centreY, let radius):
                let look = Look(color: front, width: radius * 2, isRound: true)
                strokes.add("M\(at(CellPoint(x: centreX, y: centreY)))h0", look)
            case .polygon(let points):
                figures.add("M" + points.map(at).joined(separator: "L") + "z", Look(color: front))
            case .stroke(let points, let width):
                let look = Look(color: front, width: width, isRound: true)
                strokes.add("M" + points.map(at).joined(separator: "L"), look)
            case .line(let points, let width):
                strokes.add("M" + points.map(at).joined(separator: "L"), Look(color: front, width: width))
            }
        }
    }

    /// Words of one look are one text; characters whose width fonts do not agree about stand alone.
    private mutating func drawTexts(_ y: Int) {
        var run: Run?
        func finish(_ drawing: inout Drawing) {
            guard var done = run else { return }
            while done.text.last == " " {
                done.text.removeLast()
                done.columns -= 1
            }
            drawing.texts.append(done)
            run = nil
        }
        for x in 0..<canvas.width {
            let cell = canvas[x, y]
            let isBlank = cell.scalar == " "
            guard cell.scalar.value != 0, CellShape.shapes(of: cell.scalar) == nil, !isBlank || run != nil else {
                finish(&self)
                continue
            }
            let color = colors.resolve(cell.style).foreground
            let isAlone = !cell.scalar.isASCII
            if let open = run {
                let fits = isBlank || (open.color == color && open.bold == cell.style.bold)
                // Two blanks part columns of a table.
                if !fits || isAlone || (isBlank && open.text.hasSuffix(" ")) { finish(&self) }
            }
            if isBlank, run == nil { continue }
            if run == nil {
                run = Run(x: x, y: y, text: "", columns: 0, color: color, bold: cell.style.bold)
            }
            run!.text.unicodeScalars.append(cell.scalar)
            run!.columns += 1
            if isAlone { finish(&self) }
        }
        finish(&self)
    }
}
