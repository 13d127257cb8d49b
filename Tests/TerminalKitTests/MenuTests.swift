import Testing

@testable import TerminalKit

@Suite("Text input and menus")
struct MenuTests {
    @Test("typing edits at the cursor")
    func editing() {
        var field = TextField("0.03")
        for label in ["backspace", "1", "home", "delete", "5", "ctrl-e", "7", "left", "left", "delete"] {
            let result1 = field.handle(Key(label)!)
            #expect(result1)
        }
        #expect(field.text == "5.07")
        #expect(field.cursor == 3)
        field.insert("a\tb\u{1B}\n")
        #expect(field.text == "5.0a b 7")
        let result2 = field.handle(Key("enter")!)
        #expect(!result2)
        let result3 = field.handle(Key("ctrl-q")!)
        #expect(!result3)
        _ = field.handle(Key("ctrl-w")!)
        #expect(field.text == "5.0a 7")
        _ = field.handle(Key("ctrl-u")!)
        #expect(field.text == "7")
        _ = field.handle(Key("ctrl-k")!)
        #expect(field.isEmpty && field.cursor == 0)
        let result4 = field.handle(Key("backspace")!)
        #expect(result4)
    }

    @Test("selected text is replaced by the first character or paste, and kept by keys that move or delete")
    func selected() {
        func after(_ keys: String...) -> String {
            var field = TextField("0.03", selected: true)
            for label in keys { _ = field.handle(Key(label)!) }
            return field.text
        }
        #expect(after("5") == "5" && after("5", "1") == "51")
        #expect(after("end", "5") == "0.035" && after("left", "5") == "0.053" && after("home", "1") == "10.03")
        #expect(after("backspace") == "0.0" && after("backspace", "5") == "0.05")
        var field = TextField("0.03", selected: true)
        var canvas = Canvas(width: 6, height: 1)
        field.draw(into: &canvas, x: 0, y: 0, width: 6)
        #expect((0..<4).allSatisfy { canvas[$0, 0].style.reverse } && !canvas[5, 0].style.reverse)
        field.insert("7")
        #expect(field.text == "7" && !field.isSelected)
        #expect(!TextField("", selected: true).isSelected)
    }

    @Test("the work of showing a text does not grow with its square")
    func largeText() {
        var field = TextField()
        var canvas = Canvas(width: 12, height: 1)
        // Each would take minutes where every character before the cursor is looked at from every other.
        for _ in 0..<20 {
            field.insert(String(repeating: "漢a", count: 50_000))
            field.draw(into: &canvas, x: 0, y: 0, width: 12)
        }
        #expect(canvas.lines == ["a漢a漢a漢a"])
        _ = field.handle(Key("home")!)
        field.draw(into: &canvas, x: 0, y: 0, width: 12)
        #expect(canvas.lines == ["漢a漢a漢a漢a"])
    }

    @Test("a long text scrolls so that the cursor is in sight")
    func scrolling() {
        var field = TextField("abcdefghij")
        var canvas = Canvas(width: 6, height: 1, fill: Cell("x"))
        field.draw(into: &canvas, x: 0, y: 0, width: 5)
        #expect(canvas.lines == ["ghij x"])
        #expect(canvas[4, 0].style.reverse)
        _ = field.handle(Key("home")!)
        field.draw(into: &canvas, x: 0, y: 0, width: 5)
        #expect(canvas.lines == ["abcdex"])
        #expect(canvas[0, 0].style.reverse)
        _ = field.handle(Key("end")!)
        _ = field.handle(Key("ctrl-u")!)
        field.draw(into: &canvas, x: 0, y: 0, width: 5)
        #expect(canvas.lines == ["     x"])
    }

    func menu() -> Menu {
        Menu(
            title: "Presets",
            items: [
                MenuItem("circle", detail: "1"), MenuItem("xor", detail: "2"), MenuItem("spiral", detail: "3"),
                MenuItem("two spirals", detail: "4", disabled: "no data"), MenuItem("gauss", detail: "5"),
            ])
    }

    @Test("typing filters by every word in any case, and enter chooses")
    func filtering() {
        var menu = menu()
        for label in ["S", "p", "i", "r"] {
            let result5 = menu.handle(Key(label)!)
            #expect(result5 == .stays)
        }
        #expect(menu.matches == [2, 3])
        let result6 = menu.handle(Key("enter")!)
        #expect(result6 == .chosen(2))
        _ = menu.handle(Key("down")!)
        #expect(menu.selected == 3)
        let result7 = menu.handle(Key("enter")!)
        #expect(result7 == .stays)
        menu.paste(" zzz")
        #expect(menu.selected == nil)
        let result8 = menu.handle(Key("enter")!)
        #expect(result8 == .stays)
        let result9 = menu.handle(Key("esc")!)
        #expect(result9 == .cancelled)
    }

    @Test("the list scrolls to the selected item and marks what is above and below")
    func drawing() {
        var menu = menu()
        var canvas = Canvas(width: 20, height: 6, fill: Cell("x"))
        menu.filterable = false
        menu.draw(into: &canvas, canvas.bounds)
        #expect(
            canvas.lines == [
                "┌─ Presets ────────┐", "│▸circle         1 │", "│ xor            2 │", "│ spiral         3 │",
                "│ gauss          5 ▾", "└──────────────────┘",
            ])
        _ = menu.handle(Key("end")!)
        menu.draw(into: &canvas, canvas.bounds)
        #expect(canvas.lines[1] == "│ xor            2 ▴")
        #expect(canvas.lines[4] == "│▸two spirals    4 │")
        #expect(canvas[3, 4].style.reverse)
    }

    @Test("a click selects, and another chooses; outside it cancels")
    func clicking() {
        var menu = menu()
        let rect = Rect(x: 10, y: 5, width: 20, height: 9)
        let result10 = menu.handle(Mouse(.press, x: 12, y: 10), in: rect)
        #expect(result10 == .stays)
        #expect(menu.selected == 2)
        let result11 = menu.handle(Mouse(.press, x: 12, y: 10), in: rect)
        #expect(result11 == .chosen(2))
        let result12 = menu.handle(Mouse(.scrollUp, x: 12, y: 10), in: rect)
        #expect(result12 == .stays)
        #expect(menu.selected == 1)
        let result13 = menu.handle(Mouse(.press, x: 0, y: 0), in: rect)
        #expect(result13 == .cancelled)
    }
}

@Suite("What a menu finds")
struct MenuSearchTests {
    private func titles(_ filter: String, _ items: [MenuItem]) -> [String] {
        var menu = Menu(title: "", items: items)
        menu.paste(filter)
        return menu.matches.map { menu.items[$0].title }
    }

    @Test("the likeliest first: the first word of a title, another word, a beginning, the keywords, an inside")
    func order() {
        let items = [
            MenuItem("denoise"), MenuItem("other", keywords: "some noise"), MenuItem("noisy points"),
            MenuItem("the noise"), MenuItem("noise level"), MenuItem("noise"), MenuItem("nothing"),
        ]
        #expect(titles("noise", items) == ["noise", "noise level", "the noise", "other", "denoise"])
        #expect(titles("nois", items).first == "noisy points" && titles("NOISE", items).first == "noise")
        #expect(titles("level noise", items) == ["noise level"])
    }

    @Test("what cannot be chosen stands last, with and without a filter")
    func disabled() {
        let items = [MenuItem("ab", disabled: "why"), MenuItem("a"), MenuItem("xab")]
        #expect(titles("", items) == ["a", "xab", "ab"] && titles("ab", items) == ["xab", "ab"])
    }

    @Test("a reason is written whole or not at all")
    func reasons() {
        var menu = Menu(title: "", items: [MenuItem("item", detail: "key", disabled: "a long reason")])
        func lines(_ width: Int) -> String {
            var canvas = Canvas(width: width, height: 6)
            menu.draw(into: &canvas, Rect(x: 0, y: 0, width: width, height: 6))
            return canvas.lines.joined(separator: "\n")
        }
        #expect(lines(40).contains("key  a long reason"))
        #expect(lines(18).contains("key") && !lines(18).contains("a long"))
    }
}

@Suite("The clipboard")
struct ClipboardTests {
    @Test("a text is handed over in base64, through GNU screen in an envelope of its own")
    func sequence() {
        for (text, code) in [("", ""), ("M", "TQ=="), ("Ma", "TWE="), ("Man", "TWFu"), ("ü→", "w7zihpI=")] {
            let plain = "\u{1B}]52;c;\(code)\u{07}"
            #expect(clipboardSequence(text, term: "xterm-256color", tmux: false) == plain)
            #expect(clipboardSequence(text, term: "screen-256color", tmux: true) == plain)
            #expect(clipboardSequence(text, term: "screen", tmux: false) == "\u{1B}P\(plain)\u{1B}\\")
        }
    }
}
