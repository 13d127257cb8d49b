import TerminalKit

/// One sign for each class, for places where there is room for one and colours cannot be told apart.
struct ClassSigns {
    /// By class, all different.
    let signs: [Character]
    /// The classes' names, behind the sign where it is no part of the name.
    let names: [String]
    /// The columns before a name's sign.
    private let places: [Int]

    /// Of each name the first sign that no earlier class has, without what all names begin with; else the class's number, from
    /// 0 as digits and then letters.
    init(_ names: [String]) {
        var shared = names.count > 1 ? names[0] : ""
        for name in names { while !shared.isEmpty, !name.hasPrefix(shared) || name == shared { shared.removeLast() } }
        var signs: [Character] = []
        var labels: [String] = []
        var places: [Int] = []
        for (number, name) in names.enumerated() {
            let rest = name.dropFirst(shared.count)
            let own = rest.indices.first {
                (rest[$0].isLetter || rest[$0].isNumber || rest[$0].isSymbol) && !signs.contains(rest[$0])
            }
            let numbers = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
            signs.append(
                own.map { rest[$0] } ?? numbers.dropFirst(number).first { !signs.contains($0) }
                    ?? numbers.first { !signs.contains($0) } ?? "?")
            labels.append(own == nil ? "\(signs[number]) \(name)" : name)
            places.append(own.map { columnWidth(String(name[..<$0])) } ?? 0)
        }
        (self.signs, self.names, self.places) = (signs, labels, places)
    }

    func text(_ index: Int) -> String { signs.indices.contains(index) ? String(signs[index]) : "?" }

    /// Writes a class's name with its sign in it reversed.
    /// - Returns: the columns written.
    @discardableResult
    func writeName(_ index: Int, into canvas: inout Canvas, x: Int, y: Int, style: Style, limit: Int) -> Int {
        let written = canvas.write(names[index], x: x, y: y, style: style, limit: limit)
        let column = places[index]
        if column < limit {
            var marked = style
            marked.reverse.toggle()
            canvas.write(text(index), x: x + column, y: y, style: marked, limit: limit - column)
        }
        return written
    }
}

extension PlotContext {
    var classSigns: ClassSigns { ClassSigns((0..<kinds).map { shortClassName($0) }) }
}
