import TerminalKit

/// One sign for each class, for places where there is room for one and colours cannot be told apart.
struct ClassSigns {
    /// By class; all different while there are letters and digits for all, else "?".
    let signs: [Character]
    /// The classes' names, behind the sign where it is no part of the name.
    let names: [String]
    /// The columns before a name's sign.
    private let places: [Int]

    /// Names of one sign have it. Of each other name, without what all names begin with, it is the first that no other class has
    /// yet; else a digit or letter that is in use nowhere: the class's number from 0, unless names have digits themselves.
    init(_ names: [String]) {
        var shared = names.count > 1 ? names[0] : ""
        for name in names { while !shared.isEmpty, !name.hasPrefix(shared) || name == shared { shared.removeLast() } }
        let rests = names.map { $0.dropFirst(shared.count) }
        var used = Set(rests.lazy.filter { $0.count == 1 }.map { $0.first! })
        let hasDigits = names.contains { $0.contains(where: \.isNumber) }
        let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        let others = (hasDigits ? [] : Array("0123456789")) + letters
        var (signs, labels, places): ([Character], [String], [Int]) = ([], [], [])
        var singles: Set<Character> = []
        for (number, name) in names.enumerated() {
            let rest = rests[number]
            // Of names that are the same sign the first one has it.
            let isSingle = rest.count == 1 && singles.insert(rest.first!).inserted
            let own =
                isSingle
                ? rest.startIndex
                : rest.indices.first {
                    (rest[$0].isLetter || rest[$0].isNumber || rest[$0].isSymbol) && !used.contains(rest[$0])
                }
            let sign =
                own.map { rest[$0] } ?? others.dropFirst(number).first { !used.contains($0) }
                ?? others.first { !used.contains($0) } ?? "?"
            used.insert(sign)
            signs.append(sign)
            labels.append(own == nil ? "\(sign) \(name)" : name)
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
    var classSigns: ClassSigns { ClassSigns(shortClassNames) }
}
