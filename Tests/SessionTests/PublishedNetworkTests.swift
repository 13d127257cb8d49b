import Engine
import Testing

@testable import Session

@Suite("Published networks")
struct PublishedNetworkTests {
    @Test(
        "each has the parameters that it was published with",
        arguments: [
            ("alexnet", 61_100_840), ("vgg16", 138_357_544), ("googlenet", 6_998_552), ("resnet152", 60_192_808),
        ])
    func parameters(_ name: String, _ count: Int) throws {
        let network = try #require(PublishedNetwork.all.first { $0.name == name })
        let outline = try network.outline()
        #expect(outline.parameterCount == count)
        #expect(outline.layers.last?.output == Shape(1000))
    }

    @Test("the table has every layer with its shape, and the total")
    func table() throws {
        let network = try #require(PublishedNetwork.all.first { $0.name == "vgg16" })
        let text = try PublishedTable(network).text
        #expect(text.contains("VGG-16") && text.contains("512×14×14") && text.contains("138,357,544"))
        #expect(text.contains("Simonyan"))
    }
}
