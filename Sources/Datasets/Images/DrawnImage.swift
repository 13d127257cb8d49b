import Basics
import Engine

/// An image that the user drew: a training image of a class.
public struct DrawnImage: Sendable, Hashable {
    /// The name of its class.
    public var label: String
    /// `[channels, height, width]`, 255 the brightest.
    public var pixels: [UInt8]

    public init(label: String, pixels: [UInt8]) { (self.label, self.pixels) = (label, pixels) }

    /// More of them do not stand in a document.
    public static let most = 1000
}

extension [DrawnImage] {
    /// Writes them behind the training images.
    /// - Parameters:
    ///   - first: the first one's place among these.
    ///   - white: the byte that stands for 1.
    ///   - tally: notes the bytes of each.
    func append(
        to images: ImageBuilder, _ labels: inout [Float], from first: Int, schema: DataSchema, white: Int,
        tally: (UnsafeMutableBufferPointer<UInt8>) -> Void
    ) throws(DataError) {
        guard count <= DrawnImage.most else {
            throw DataError(
                .malformed, place: "data.drawings",
                message: "expected at most \(DrawnImage.most) drawings, found \(count); leave some out")
        }
        let shape = schema.input(features: [])
        for (index, drawing) in enumerated() {
            guard drawing.pixels.count == shape.count else {
                throw DataError(
                    .malformed, place: "data.drawings.\(index)",
                    message:
                        "expected \(plural(shape.count, "byte")) for the pixels of these data (\(shape)), found "
                        + "\(drawing.pixels.count): it was drawn for other images; remove it")
            }
            guard let label = schema.classNames.firstIndex(of: drawing.label) else {
                throw DataError(
                    .malformed, place: "data.drawings.\(index)",
                    message: "there is no class \(quoted(drawing.label)); "
                        + NearestName.advice(drawing.label, among: schema.classNames))
            }
            let bytes = images.bytes(of: first + index)
            for (place, pixel) in drawing.pixels.enumerated() {
                bytes[place] = UInt8((Int(pixel) * white + 127) / 255)
            }
            labels[first + index] = Float(label)
            tally(bytes)
        }
    }
}
