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
        for panel in PanelID.allCases {
            for enlargement in [Enlargement.side, .screen] {
                requests.append(LayoutRequest(side: .stack, enlarged: panel, enlargement: enlargement))
            }
        }
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
            #expect(Set(layout.areas.filter(\.open).map(\.panel)) == Set(PanelID.allCases))
            #expect(layout.explain != nil)
        }
    }

    @Test("at 80×24 the stack and one plot are open, and every panel shows at least its title")
    func smallScreen() {
        for front in [ViewSettings.Panel.output, .hidden, .loss] {
            let layout = Layout(width: 80, height: 24, request: LayoutRequest(front: front))
            let open = layout.areas.filter(\.open).map(\.panel)
            #expect(open == [.stack, PanelID.allCases.first { "\($0)" == front.rawValue }!])
            #expect(Set(layout.areas.map(\.panel)) == Set(PanelID.allCases))
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
            for request in Self.requests where request.enlargement == .none {
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
                rect: rect, units: units, selected: row.layer, inspectorRows: 5, scrolled: before.above)
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
                let side = Layout(
                    width: width, height: height, request: LayoutRequest(enlarged: panel, enlargement: .side)
                ).area(panel)!.rect
                let whole = Layout(
                    width: width, height: height, request: LayoutRequest(enlarged: panel, enlargement: .screen)
                ).area(panel)!.rect
                #expect(side.width * side.height >= plain.width * plain.height, "\(panel) at \(width)×\(height)")
                #expect(whole.width * whole.height >= side.width * side.height, "\(panel) at \(width)×\(height)")
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
                    #expect(stack.rows.contains { $0.layer == selected })
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
}
