import CKernels

/// An image as its layers see it: `channels` of height × width values each. The value at (channel, y, x) of a sample is
/// number (channel · height + y) · width + x.
struct Image: Equatable {
    var channels: Int
    var height: Int
    var width: Int

    init(channels: Int, height: Int, width: Int) {
        (self.channels, self.height, self.width) = (channels, height, width)
    }

    /// - Parameters:
    ///   - shape: a layer's input.
    ///   - settings: the layer's, for the message.
    init(_ shape: Shape, for settings: Settings) throws(EngineError) {
        guard shape.axes.count == 3 else {
            throw EngineError(
                place: settings.place,
                message:
                    "\(settings.entry.id) expects an image (channels×height×width), found \(shape.values); choose a dataset "
                    + "of images, or put the layer before those that flatten it, such as dense and flatten")
        }
        (channels, height, width) = (shape.axes[0], shape.axes[1], shape.axes[2])
    }
}

/// How the windows of a layer move over an image. Window (y, x) begins at row y · stride − padding and at column
/// x · stride − padding; its taps lie `dilation` apart.
public struct Window: Sendable, Hashable {
    /// The image that the windows move over.
    public let height: Int
    public let width: Int
    public let kernelHeight: Int
    public let kernelWidth: Int
    public let stride: Int
    public let padding: Int
    public let dilation: Int
    /// The number of windows below and beside each other.
    public let outHeight: Int
    public let outWidth: Int
    /// Whether the kernel is turned by 180°.
    public internal(set) var isFlipped = false
    /// Whether each window has weights of its own.
    public internal(set) var isLocal = false
    /// Those of a filter's weights whose gradients are wanted; nil: all.
    var wantedWeights: Range<Int>?

    /// Windows of size × size taps that lie within the image and its padding.
    /// - Throws: that the window is larger, and which sizes would do.
    init(
        over image: Image, size: Int, stride: Int, padding: Int, dilation: Int = 1, place: String
    ) throws(EngineError) {
        let span = dilation * (size - 1) + 1
        let side = min(image.height, image.width)
        guard span <= side + 2 * padding else {
            let dilated = dilation > 1 ? " with dilation \(dilation)" : ""
            throw EngineError(
                place: place,
                message:
                    "a window of \(size)×\(size)\(dilated) does not fit an image of \(image.height)×\(image.width)"
                    + (padding > 0 ? " with padding \(padding)" : "")
                    + "; sizes up to \((side + 2 * padding - 1) / dilation + 1) do, or padding \((span - side + 1) / 2)"
            )
        }
        self.init(
            image, (size, size), stride: stride, padding: padding, dilation: dilation,
            out: ((image.height + 2 * padding - span) / stride + 1, (image.width + 2 * padding - span) / stride + 1))
    }

    /// As many windows as the image has places, each around its own: of an even size they reach further down and right.
    init(around image: Image, size: Int, dilation: Int) {
        self.init(
            image, (size, size), stride: 1, padding: dilation * (size - 1) / 2, dilation: dilation,
            out: (image.height, image.width))
    }

    /// The windows of a transposed convolution: one for each place of `image`, over the image that they make.
    /// - Parameter more: rows and columns that are added below and beside it.
    /// - Throws: that the padding leaves nothing of it.
    init(
        under image: Image, size: Int, stride: Int, padding: Int, dilation: Int, more: Int, place: String
    ) throws(EngineError) {
        func whole(_ side: Int) -> Int { (side - 1) * stride + dilation * (size - 1) + 1 + more }
        let most = (min(whole(image.height), whole(image.width)) - 1) / 2
        guard padding <= most else {
            throw EngineError(
                place: place,
                message:
                    "a padding of \(padding) leaves nothing of an image of \(whole(image.height))×\(whole(image.width)); "
                    + "expected at most \(most)")
        }
        let large = Image(
            channels: image.channels, height: whole(image.height) - 2 * padding,
            width: whole(image.width) - 2 * padding)
        self.init(
            large, (size, size), stride: stride, padding: padding, dilation: dilation, out: (image.height, image.width))
    }

    /// Windows of size × size that lie side by side over an image so many times as high and as wide as `image`.
    init(times size: Int, _ image: Image) {
        let large = Image(channels: image.channels, height: size * image.height, width: size * image.width)
        self.init(
            large, (size, size), stride: size, padding: 0, dilation: 1, out: (image.height, image.width))
    }

    /// A single window over the whole image.
    init(whole image: Image) {
        self.init(image, (image.height, image.width), stride: 1, padding: 0, dilation: 1, out: (1, 1))
    }

    private init(
        _ image: Image, _ kernel: (height: Int, width: Int), stride: Int, padding: Int, dilation: Int,
        out: (height: Int, width: Int)
    ) {
        (height, width) = (image.height, image.width)
        (kernelHeight, kernelWidth) = kernel
        (self.stride, self.padding, self.dilation) = (stride, padding, dilation)
        (outHeight, outWidth) = out
    }

    /// Taps of a window.
    public var taps: Int { kernelHeight * kernelWidth }

    /// Windows.
    public var places: Int { outHeight * outWidth }

    /// The row and column of the image on which a tap lies.
    /// - Parameters:
    ///   - tap: 0 ..< taps, row by row.
    ///   - place: the window, 0 ..< places, row by row.
    /// - Returns: nil: in the padding.
    public func source(ofTap tap: Int, at place: Int) -> (row: Int, column: Int)? {
        let row = place / outWidth * stride - padding + tap / kernelWidth * dilation
        let column = place % outWidth * stride - padding + tap % kernelWidth * dilation
        return (0..<height).contains(row) && (0..<width).contains(column) ? (row, column) : nil
    }

    /// The number of a tap's weight among those of a kernel [kernelHeight, kernelWidth].
    public func weight(ofTap tap: Int) -> Int { isFlipped ? taps - 1 - tap : tap }

    /// The row and column of the window whose tap lies on a place of the image.
    /// - Parameters:
    ///   - tap: 0 ..< taps, row by row.
    ///   - place: of the image, row by row.
    /// - Returns: nil: there is none.
    public func window(ofTap tap: Int, on place: Int) -> (row: Int, column: Int)? {
        func number(_ place: Int, _ tap: Int, of windows: Int) -> Int? {
            let first = place + padding - tap * dilation
            return first >= 0 && first % stride == 0 && first / stride < windows ? first / stride : nil
        }
        guard let row = number(place / width, tap / kernelWidth, of: outHeight),
            let column = number(place % width, tap % kernelWidth, of: outWidth)
        else { return nil }
        return (row, column)
    }

    /// The rows of the image that windows reach.
    /// - Parameters:
    ///   - windows: rows of windows, at least one.
    ///   - reachingOver: those beyond the image's edge too.
    public func rows(of windows: Range<Int>, reachingOver: Bool = false) -> Range<Int> {
        reach(windows, kernelHeight, of: height, reachingOver)
    }

    /// The columns of the image that windows reach.
    public func columns(of windows: Range<Int>, reachingOver: Bool = false) -> Range<Int> {
        reach(windows, kernelWidth, of: width, reachingOver)
    }

    private func reach(_ windows: Range<Int>, _ size: Int, of side: Int, _ reachingOver: Bool) -> Range<Int> {
        let first = windows.lowerBound * stride - padding
        let end = (windows.upperBound - 1) * stride - padding + dilation * (size - 1) + 1
        if reachingOver { return first..<end }
        return min(max(0, first), side - 1)..<min(max(1, end), side)
    }

    /// The rows of windows that reach rows of the image, as far as there are such.
    public func windowRows(on rows: Range<Int>) -> Range<Int> { windows(on: rows, kernelHeight, of: outHeight) }

    /// The columns of windows that reach columns of the image.
    public func windowColumns(on columns: Range<Int>) -> Range<Int> { windows(on: columns, kernelWidth, of: outWidth) }

    private func windows(on places: Range<Int>, _ size: Int, of count: Int) -> Range<Int> {
        let first = places.lowerBound + padding - dilation * (size - 1)
        let least = min(max(0, (first + stride - 1) / stride), count - 1)
        return least..<max(least, min((places.upperBound - 1 + padding) / stride, count - 1)) + 1
    }

    /// As the kernels take it.
    var bound: lc_window {
        lc_window(
            height: Int32(height), width: Int32(width), outHeight: Int32(outHeight), outWidth: Int32(outWidth),
            kernelHeight: Int32(kernelHeight), kernelWidth: Int32(kernelWidth), stride: Int32(stride),
            padding: Int32(padding), dilation: Int32(dilation), flips: isFlipped, isLocal: isLocal,
            firstTap: Int32(wantedWeights?.lowerBound ?? 0), tapCount: Int32(wantedWeights?.count ?? 0))
    }
}
