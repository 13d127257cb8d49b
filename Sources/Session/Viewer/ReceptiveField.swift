import Engine

/// A rectangle of an image's rows and columns.
public struct ImagePart: Sendable, Hashable {
    public var rows: ClosedRange<Int>
    public var columns: ClosedRange<Int>

    public init(rows: ClosedRange<Int>, columns: ClosedRange<Int>) { (self.rows, self.columns) = (rows, columns) }

    /// The smallest part that holds both.
    func joined(with other: ImagePart) -> ImagePart {
        ImagePart(
            rows: min(rows.lowerBound, other.rows.lowerBound)...max(rows.upperBound, other.rows.upperBound),
            columns: min(
                columns.lowerBound, other.columns.lowerBound)...max(
                    columns.upperBound, other.columns.upperBound))
    }
}

extension Outline {
    /// The part of the network's input image on which a part of a layer's maps depends, the padding left out: the receptive
    /// field. The whole image behind layers that do not tell of windows.
    /// - Returns: nil where the input is no image.
    public func receptiveField(layer: LayerPath, _ part: ImagePart) -> ImagePart? {
        guard let image = ImageShape(input) else { return nil }
        if layer.isInput { return part }
        return field(layer, part, of: ImagePart(rows: 0...image.height - 1, columns: 0...image.width - 1))
    }

    private func field(_ path: LayerPath, _ part: ImagePart, of whole: ImagePart) -> ImagePart {
        guard !path.isInput, let layer = self[path] else { return part }
        if layer.isBlock {
            let fields = joined(in: path).map { field($0, part, of: whole) }
            return fields.dropFirst().reduce(fields.first ?? whole) { $0.joined(with: $1) }
        }
        switch layer.link {
        case .kernels(let window)?, .pool(let window, _)?:
            let before = ImagePart(
                rows: window.sourceRows(part.rows), columns: window.sourceColumns(part.columns))
            return field(source(of: path), before, of: whole)
        case .oneToOne?, nil:
            // Values of the same places.
            guard let before = ImageShape(layer.input), let own = ImageShape(layer.output),
                before.height == own.height, before.width == own.width
            else { return whole }
            return field(source(of: path), part, of: whole)
        case .pass?, .matrix?, .transposedMatrix?, .stepKernels?: return whole
        }
    }
}
