import Engine
import Datasets
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI

@Suite("Layout")
struct LayoutTests {
    private static let requests: [LayoutRequest] = {
        var requests: [LayoutRequest] = []
        for front in ViewSettings.Panel.allCases {
            for side in [PanelID.data, .features, .training, .stack] {
                requests.append(LayoutRequest(front: front, side: side))
            }
        }
        for panel in Panel.all.map(\.id) { requests.append(LayoutRequest(side: .stack, enlarged: panel)) }
        return requests
    }()

    private static let sizes: [(Int, Int)] = [
        (60, 18), (61, 19), (70, 20), (80, 24), (80, 50), (90, 30), (100, 30), (103, 60), (104, 18), (104, 30),
        (110, 33),
        (120, 40), (132, 43), (150, 24), (160, 32), (160, 50), (200, 24), (200, 60), (240, 67), (300, 100),
    ]

    @Test("panels stay between the bars and never overlap, at every size")
    func panelsDoNotOverlap() {
        for (width, height) in Self.sizes {
            for request in Self.requests {
                let layout = Layout(width: width, height: height, request: request)
                var owner: [Int: String] = [:]
                // The title row of panels that share a place belongs to their tabs.
                var rects = layout.areas.compactMap { area in area.tab.map { ("tab \(area.panel)", $0) } }
                rects += layout.areas.filter(\.open).map { area in
                    ("\(area.panel)", area.tab == nil ? area.rect : area.rect.inset(top: 1))
                }
                if let explain = layout.explain { rects.append(("explain", explain)) }
                for (name, rect) in rects {
                    #expect(
                        rect.x >= 0 && rect.maxX <= width && rect.y >= 1 && rect.maxY <= height - 1 && rect.height >= 1,
                        "\(name) \(rect) at \(width)×\(height) \(request)")
                    for y in rect.y..<rect.maxY {
                        for x in rect.x..<rect.maxX {
                            let other = owner.updateValue(name, forKey: y * width + x)
                            if let other { Issue.record("\(name) over \(other) at \(width)×\(height) \(request)") }
                            if other != nil { return }
                        }
                    }
                }
            }
        }
    }

    @Test("at 120×40 and at 200×60 every panel is open")
    func everythingIsOpen() {
        for (width, height) in [(120, 40), (200, 60)] {
            let layout = Layout(width: width, height: height)
            #expect(Set(layout.areas.filter(\.open).map(\.panel)) == Set(Panel.all.map(\.id)))
            #expect(layout.explain != nil)
        }
    }

    @Test("at 80×24 the stack and one plot are open, and every panel shows at least its title")
    func smallScreen() {
        for front in [ViewSettings.Panel.output, .hidden, .loss] {
            let layout = Layout(width: 80, height: 24, request: LayoutRequest(front: front))
            let open = layout.areas.filter(\.open).map(\.panel)
            #expect(open == [.stack, Panel.all.map(\.id).first { "\($0)" == front.rawValue }!])
            #expect(Set(layout.areas.map(\.panel)) == Set(Panel.all.map(\.id)))
        }
    }

    @Test("a tab keeps its place whichever panel is open, so that a second click reaches the same panel")
    func tabsStay() {
        for (width, height) in Self.sizes {
            func tabs(_ front: ViewSettings.Panel, _ side: PanelID) -> [PanelID: Rect] {
                let layout = Layout(width: width, height: height, request: LayoutRequest(front: front, side: side))
                return Dictionary(
                    uniqueKeysWithValues: layout.areas.compactMap { area in area.tab.map { (area.panel, $0) } })
            }
            for side in [PanelID.data, .features, .training, .stack] {
                for front in [ViewSettings.Panel.output, .hidden, .loss] {
                    #expect(tabs(front, side) == tabs(.output, .stack), "\(width)×\(height) \(front) \(side)")
                }
            }
        }
    }

    @Test("the story's place stands wide beneath the network, the same whatever is in front")
    func explanation() {
        for (width, height) in Self.sizes where width >= 104 && height >= 36 {
            let explain = Layout(width: width, height: height).explain
            #expect(explain != nil, "\(width)×\(height)")
            for request in Self.requests where request.enlarged == nil {
                let layout = Layout(width: width, height: height, request: request)
                #expect(layout.explain == explain)
                #expect(layout.explain?.x == layout.area(.stack)?.rect.x)
            }
        }
    }

    @Test("the left column grows on wide screens, and tiles on large ones")
    func grows() {
        let widths = [104, 120, 160, 200, 240].map { Layout(width: $0, height: 60).area(.data)!.rect.width }
        #expect(widths == widths.sorted() && Set(widths).count == widths.count)
        let tiles = [(48, 28), (87, 48), (144, 73)].map { width, height in
            StackLayout(
                rect: Rect(x: 0, y: 0, width: width, height: height), units: [2, 4, 2, 1], selected: 0, inspectorRows: 5
            ).tileHeight
        }
        #expect(tiles == tiles.sorted() && Set(tiles).count == tiles.count, "\(tiles)")
    }

    @Test("the layers that are shown stay when another one among them is selected")
    func layersStay() {
        let units = Array(repeating: 8, count: 20)
        let rect = Rect(x: 0, y: 0, width: 48, height: 30)
        let before = StackLayout(rect: rect, units: units, selected: 8, inspectorRows: 5, scrolled: 6)
        #expect(before.above == 6)
        for row in before.rows {
            let after = StackLayout(
                rect: rect, units: units, selected: row.layer.index, inspectorRows: 5, scrolled: before.above)
            #expect(after.rows == before.rows)
        }
        #expect(
            StackLayout(rect: rect, units: units, selected: 18, inspectorRows: 5, scrolled: 6).rows.last?.layer == 18)
        #expect(
            StackLayout(rect: rect, units: units, selected: -1, inspectorRows: 5, scrolled: 6).rows.first?.layer == -1)
    }

    @Test("below 60×18 there is nothing but the message")
    func tooSmall() {
        #expect(Layout(width: 59, height: 18).tooSmall && Layout(width: 60, height: 17).tooSmall)
        #expect(!Layout(width: 60, height: 18).tooSmall)
        #expect(Layout(width: 20, height: 5).areas.isEmpty)
    }

    @Test("an enlarged panel is the largest")
    func enlarged() {
        for panel in [PanelID.output, .hidden, .loss, .stack] {
            for (width, height) in Self.sizes {
                let plain = Layout(width: width, height: height).area(panel)!.rect
                let whole = Layout(width: width, height: height, request: LayoutRequest(enlarged: panel))
                    .area(panel)!.rect
                #expect(whole.width * whole.height >= plain.width * plain.height, "\(panel) at \(width)×\(height)")
            }
        }
    }

    @Test(
        "the stack's rows, readout and inspector stand below one another inside the panel, with the selected row among them"
    )
    func stackRows() {
        for (width, height) in [(29, 10), (33, 18), (45, 37), (44, 20), (95, 57), (160, 40)] {
            for units in [[2, 1], [2, 4, 2, 1], [784, 512, 512, 10], Array(repeating: 8, count: 12)] {
                for selected in -1..<(units.count - 1) {
                    let rect = Rect(x: 3, y: 2, width: width, height: height)
                    let stack = StackLayout(rect: rect, units: units, selected: selected, inspectorRows: 4)
                    #expect(stack.rows.contains { $0.layer == LayerPath(selected) })
                    #expect(stack.above + stack.rows.count + stack.below == units.count)
                    var y = rect.y
                    for row in stack.rows {
                        #expect(row.label.y >= y, "rows overlap at \(width)×\(height) \(units)")
                        y = max(row.label.maxY, row.tiles.isEmpty ? 0 : row.tiles.maxY)
                    }
                    #expect(y <= stack.inspector.y, "\(width)×\(height) \(units) \(selected)")
                    #expect(stack.inspector.maxY <= rect.maxY)
                }
            }
        }
    }

    @Test("two stacks stand in columns: first lines side by side, names above tiles, the selected layer among them")
    func stackColumns() throws {
        func places(_ units: [Int], from first: Int) -> [StackFlow.Place] {
            units.enumerated().map { StackFlow.Place(layer: LayerPath(first + $0), line: $0, units: $1) }
        }
        for (width, height) in [(36, 8), (38, 18), (44, 29), (44, 40), (95, 57), (160, 40)] {
            for (first, second) in [
                ([2, 8, 8, 2], [2, 8, 8, 1]), ([64, 128, 2], [2, 1]), ([2, 2], Array(repeating: 4, count: 30)),
            ] {
                let columns = [places(first, from: -1), places(second, from: first.count - 1)]
                let head = LayerPath(first.count - 1)
                for selected in columns.joined().map(\.layer) {
                    let rect = Rect(x: 3, y: 2, width: width, height: height)
                    let stack = StackLayout(
                        rect: rect, columns: columns, bands: [head], selected: selected, inspectorRows: 5, scrolled: 0,
                        footRows: 0)
                    #expect(stack.rows.contains { $0.layer == selected }, "\(width)×\(height) \(selected)")
                    for column in columns {
                        let rows = stack.rows.filter { row in column.contains { $0.layer == row.layer } }
                        var y = rect.y
                        for row in rows {
                            #expect(row.label.y >= y && row.tiles.y == row.label.maxY)
                            #expect(row.label.maxX <= rect.maxX && row.tiles.maxX <= rect.maxX)
                            y = max(row.label.maxY, row.tiles.maxY)
                        }
                        #expect(y <= stack.inspector.y, "\(width)×\(height) \(selected)")
                    }
                    let left = stack.rows.first!.label
                    for row in stack.rows
                    where columns[1].contains(where: { $0.layer == row.layer }) && stack.above == 0 {
                        #expect(left.maxX + StackLayout.columnGap <= row.label.x)
                    }
                    if stack.above == 0 { #expect(stack.rows.first { $0.layer == head }?.label.y == left.y) }
                }
            }
        }
    }

    @Test("the message about a window that is too small is whole in it, however small it is")
    func tooSmallMessage() {
        for (width, height) in [(59, 18), (40, 10), (20, 5), (18, 3), (10, 3), (9, 2), (6, 1)] {
            let text = app([], size: (width, height)).draw().lines.joined(separator: "\n")
            #expect(text.contains("q quits") || width < 7, "\(width)×\(height)")
            #expect(!text.contains("60") || text.contains("60×18"), "\(width)×\(height): \(text)")
            if width >= 20, height >= 4 { #expect(text.contains("60×18") && text.contains("\(width)×\(height)")) }
        }
    }

    @Test("with few rows links come back by making tiles smaller, and all units of a usual layer stay")
    func smallTiles() throws {
        for (width, height) in [(80, 24), (100, 30), (120, 40)] {
            let content = panelContent(of: Layout(width: width, height: height).area(.stack)!.rect)
            for units in [[2, 4, 2, 1], [4, 8, 8, 1], [2, 1]] {
                let stack = StackLayout(rect: content, units: units, selected: 0, inspectorRows: 5)
                #expect(stack.showsLinks && stack.rows.count == units.count, "\(width)×\(height) \(units)")
                for (upper, lower) in zip(stack.rows, stack.rows.dropFirst()) {
                    #expect(lower.tiles.y - upper.tiles.maxY >= NetworkLinks.leastRows)
                }
                let room = stack.rows[0].tiles.width
                #expect(units.max()! * (stack.tileWidth + 1) <= room, "\(width)×\(height) \(units)")
            }
        }
        // Too many layers for links are rows of words.
        let narrow = Rect(x: 0, y: 0, width: 37, height: 21)
        #expect(StackLayout(rect: narrow, units: [2, 8, 8, 8, 8, 8, 8, 1], selected: 0, inspectorRows: 5).compact)
    }

    @Test("the left column's height is used: the datasets' pictures grow to all of them, and every row has its place")
    func gallery() throws {
        let all = Datasets.all.count
        func gallery(_ width: Int, _ height: Int) -> DatasetGallery {
            DatasetGallery(panelContent(of: Layout(width: width, height: height).area(.data)!.rect), count: all)
        }
        let sizes = [(80, 24), (120, 40), (200, 60), (300, 90)].map { gallery($0, $1) }
        #expect(sizes[0].lines == 1 && sizes[1].lines == 1 && sizes[2].lines == 2)
        #expect(sizes[3].lines * sizes[3].columns >= all && sizes[3].side >= sizes[2].side)
        for (width, height) in Self.sizes {
            let content = panelContent(of: Layout(width: width, height: height).area(.data)!.rect)
            let gallery = DatasetGallery(content, count: all)
            guard content.height >= 9 else { continue }
            let last = gallery.place(gallery.columns * gallery.lines - 1, in: content)
            #expect(gallery.place(0, in: content).x == content.x + 1, "pictures begin where rows do")
            #expect(last.maxX < content.maxX && last.maxY < content.maxY - 3, "\(width)×\(height)")
            for chosen in 0..<all {
                let shown = gallery.shown(of: all, chosen: chosen, before: 0)
                #expect(shown.contains(chosen) && shown.count <= gallery.columns * gallery.lines)
            }
        }
        let training = Layout(width: 300, height: 90).area(.training)!.rect
        #expect(training.maxY == Layout(width: 300, height: 90).body.maxY && training.height < 30)
    }
}
