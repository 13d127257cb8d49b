import Engine

/// A rectangle of an image's rows and columns, which may reach over the image's edge.
public struct ImagePart: Sendable, Hashable {
    public var rows: Range<Int>
    public var columns: Range<Int>

    public init(rows: Range<Int>, columns: Range<Int>) { (self.rows, self.columns) = (rows, columns) }

    /// One place.
    public init(row: Int, column: Int) { self.init(rows: row..<row + 1, columns: column..<column + 1) }

    /// All of an image.
    public init(whole image: ImageShape) { self.init(rows: 0..<image.height, columns: 0..<image.width) }

    /// The smallest part that holds both.
    fileprivate func joined(with other: ImagePart) -> ImagePart {
        func joined(_ one: Range<Int>, _ other: Range<Int>) -> Range<Int> {
            min(one.lowerBound, other.lowerBound)..<max(one.upperBound, other.upperBound)
        }
        return ImagePart(rows: joined(rows, other.rows), columns: joined(columns, other.columns))
    }
}

extension ImageShape {
    /// The place of a pixel, counted row by row.
    public func part(ofPixel pixel: Int) -> ImagePart { ImagePart(row: pixel / width, column: pixel % width) }
}

extension Window {
    /// The map with a value for each window.
    public var map: ImageShape { ImageShape(channels: 1, height: outHeight, width: outWidth) }

    /// The part of the image that a part of the windows reaches.
    /// - Parameter reachingOver: the part beyond the image's edge too.
    public func image(of windows: ImagePart, reachingOver: Bool = false) -> ImagePart {
        ImagePart(
            rows: rows(of: windows.rows, reachingOver: reachingOver),
            columns: columns(of: windows.columns, reachingOver: reachingOver))
    }

    /// The part of the windows that reach a part of the image.
    public func windows(on image: ImagePart) -> ImagePart {
        ImagePart(rows: windowRows(on: image.rows), columns: windowColumns(on: image.columns))
    }
}

extension Outline {
    /// The part of the network's input image on which a part of a layer's maps depends: the receptive field. It is the whole
    /// image behind layers that mix all places.
    /// - Parameters:
    ///   - part: of a layer with maps; of another one it is of no account.
    ///   - reachingOver: at the image's edge the field keeps its size and reaches into the padding; else the padding is left out.
    /// - Returns: nil where the input is no image.
    public func receptiveField(of layer: LayerPath, _ part: ImagePart, reachingOver: Bool = false) -> ImagePart? {
        guard let image = ImageShape(input) else { return nil }
        var (path, part) = (layer, part)
        while !path.isInput {
            guard let own = self[path], let before = own.sources(of: part, reachingOver) else {
                return ImagePart(whole: image)
            }
            (path, part) = (directlyBefore(path), before)
        }
        return part
    }
}

extension Outline.Layer {
    /// The part of what comes in on which a part of the layer's maps depends; nil: on all of it.
    fileprivate func sources(of part: ImagePart, _ reachingOver: Bool) -> ImagePart? {
        switch link {
        case .kernels(let window)?, .pool(let window, _)?:
            return window.image(of: part, reachingOver: reachingOver)
        case .transposedKernels(let window)?, .repeated(let window)?:
            return window.windows(on: part)
        case .oneToOne?, .response?: return part
        case .pass?: return input == output ? part : nil
        case .join?:
            var joined: ImagePart?
            for stack in stacks {
                var field = part
                for layer in stack.layers.reversed() {
                    guard let before = layer.sources(of: field, reachingOver) else { return nil }
                    field = before
                }
                joined = joined?.joined(with: field) ?? field
            }
            return joined
        case .oneByAll?, .matrix?, .transposedMatrix?, .stepKernels?, nil: return nil
        }
    }
}
