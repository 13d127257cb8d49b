import Engine

/// Bars or stripes: whole columns or whole rows that are on.
enum BarsAndStripes {
    static let dataset = Dataset(
        images: Entry(
            id: "bars", title: "bars & stripes",
            summary: "Whole columns or whole rows are on, each at even odds: all that is likely can be counted.",
            formula: "p(image) = ½ · 2⁻ˢⁱᵈᵉ, twice that for the empty and the full one",
            source: "MacKay, Information Theory, Inference, and Learning Algorithms, 2003",
            watch: "All likely images are known: the exact likelihood can be compared with the best that is possible.",
            knobs: [
                .images(600), .noise("Every pixel moves by noise of this percentage of white."),
                Knob(
                    "side", title: "image size", summary: "The pixels along each side of an image.",
                    kind: .integer(2...16), default: .integer(4), raise: "for more images than can be counted",
                    lower: "to have the exact likelihood quickly"),
            ]),
        schema: { schema($0) }
    ) { request in
        let side = request.integer("side")
        return DrawnImages(request, schema(request)) { label, _, raster, random in
            let isOn = (0..<side).map { _ in random.uniform() < 0.5 }
            raster.fill([1]) { x, y in
                let line = Int(label == 0 ? x : y)
                return (0..<side).contains(line) && isOn[line]
            }
        }
    }

    private static func schema(_ request: DataRequest) -> DataSchema {
        let side = request.integer("side")
        return DataSchema(
            .image(channels: 1, height: side, width: side), task: .classification(classes: 2),
            classNames: ["bars", "stripes"])
    }
}
