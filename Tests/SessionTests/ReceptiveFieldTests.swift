import Engine
import Testing

@testable import Session

/// Receptive fields worked out by hand.
@Suite struct ReceptiveFieldTests {
    private func fields(_ layers: [Choice], input: Shape = Shape(1, 28, 28)) throws -> Outline {
        try NetworkDescription(
            input: input, task: .classification(classes: 2), layers: layers, loss: Choice("squaredError")
        ).outline()
    }

    private func conv(_ kernel: Int, stride: Int = 1, padding: String = "0", dilation: Int = 1) -> Choice {
        Choice(
            "conv2d",
            [
                "filters": .integer(2), "kernel": .integer(kernel), "stride": .integer(stride),
                "padding": .text(padding), "dilation": .integer(dilation),
            ])
    }

    @Test("a stack of convolutions and pooling sees more with every layer")
    func stack() throws {
        let fields = try fields([conv(5, padding: "2"), Choice("maxPool"), conv(5), Choice("maxPool")])
        #expect(fields.field(of: .input, place: 28 + 3) == ImagePart(rows: 1..<2, columns: 3..<4))
        // Row 0 − 2 … 0 + 2 and column 27 − 2 … 27 + 2: over the image's edge.
        #expect(fields.field(of: 0, place: 27) == ImagePart(rows: -2..<3, columns: 25..<30))
        // Places 2 and 3 of the first maps see 0 … 4 and 1 … 5.
        #expect(fields.field(of: 1, place: 14 + 1) == ImagePart(rows: 0..<6, columns: 0..<6))
        // Row 2 of ten: pooled 2 … 6, maps 4 … 13, pixels 2 … 15; column 3: 3 … 7, 6 … 15, 4 … 17.
        #expect(fields.field(of: 2, place: 23) == ImagePart(rows: 2..<16, columns: 4..<18))
        // Rows 0 and 1 of ten: pooled 0 … 5, maps 0 … 11, pixels −2 … 13.
        #expect(fields.field(of: 3, place: 0) == ImagePart(rows: -2..<14, columns: -2..<14))
        #expect(fields.field(of: 4, place: 0) == ImagePart(rows: 0..<28, columns: 0..<28))
    }

    @Test("strides and dilation spread a window")
    func spread() throws {
        let fields = try fields([conv(3, stride: 3), conv(2, dilation: 3)])
        #expect(fields.field(of: 0, place: 9 + 2) == ImagePart(rows: 3..<6, columns: 6..<9))
        // Places 1 and 4 below each other, 0 and 3 beside each other.
        #expect(fields.field(of: 1, place: 6) == ImagePart(rows: 3..<15, columns: 0..<12))
    }

    @Test("a transposed convolution and upsampling look back through their windows")
    func back() throws {
        let transposed = Choice("conv2dTranspose", ["filters": .integer(1), "kernel": .integer(3)])
        let fields = try fields([transposed], input: Shape(1, 4, 4))
        // Nine rows: value i lies on rows 2i … 2i + 2.
        #expect(fields.field(of: 0, place: 4 * 9 + 3) == ImagePart(rows: 1..<3, columns: 1..<2))
        #expect(fields.field(of: 0, place: 0) == ImagePart(rows: 0..<1, columns: 0..<1))
        // Row 4 has the last of value 1 and the first of value 2; column 3 the middle of value 1.
        let larger = try self.fields([Choice("upsample")], input: Shape(1, 4, 4))
        #expect(larger.field(of: 0, place: 5 * 8 + 2) == ImagePart(rows: 2..<3, columns: 1..<2))
    }

    @Test("blocks see what any of their stacks sees")
    func blocks() throws {
        let branches = Choice(
            "branches",
            ["stacks": .list([.list([.choice(conv(1))]), .list([.choice(conv(5, padding: "2"))])])])
        let residual = Choice(
            "residual",
            ["body": .list([.choice(Choice("conv2d", ["filters": .integer(4), "padding": .text("same")]))])])
        let fields = try fields([branches, residual])
        #expect(fields.field(of: 0, place: 10 * 28 + 10) == ImagePart(rows: 8..<13, columns: 8..<13))
        #expect(fields.field(of: 1, place: 10 * 28 + 10) == ImagePart(rows: 7..<14, columns: 7..<14))
        let inside = LayerPath("0.stacks.0.0")!
        #expect(fields.field(of: inside, place: 10 * 28 + 10) == ImagePart(rows: 10..<11, columns: 10..<11))
    }

    @Test("what mixes all values sees the whole image")
    func whole() throws {
        let all = ImagePart(rows: 0..<28, columns: 0..<28)
        for layer in ["layerNorm", "globalMeanPool", "dense"] {
            #expect(try fields([Choice(layer)]).field(of: 0, place: 0) == all)
        }
        let passing = try fields([
            conv(3), Choice("batchNorm"), Choice("dropout", ["rate": .real(0.2)]), Choice("localResponseNorm"),
            Choice("activation"),
        ])
        for layer in 0..<5 {
            #expect(passing.field(of: LayerPath(layer), place: 0) == ImagePart(rows: 0..<3, columns: 0..<3))
        }
        #expect(try fields([], input: Shape(2)).field(of: 0, place: 0) == nil)
    }
}
