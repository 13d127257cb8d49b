import CKernels

/// A square picture cut into square tiles, each a sample of a pass: a picture alone would fill one lane of sixteen.
///
/// Each tile has rows and columns of its own, its interior, and around them a margin of the pixels beside it. The interiors
/// lie side by side and make the picture. Beyond the edges the picture is mirrored. Where the margin is as wide as a value's
/// window on the picture, the values in the interiors are those of the whole picture within its mirrored frame, and gradients
/// that begin in the interiors add up to the whole picture's.
struct PictureTiles {
    /// Pixels along each side of the picture.
    let side: Int
    /// Pixels along each side of a tile.
    let tile: Int
    /// The rows, and the columns, of a tile's interior.
    let interior: Range<Int>
    /// Tiles along each side.
    let grid: Int
    /// For each pixel of a tile its place in the picture, `[tile², count]`.
    private var places: [Int32]

    var count: Int { grid * grid }

    /// The whole picture as one tile.
    init(whole side: Int) { self.init(side: side, grid: 1, margin: 0) }

    /// - Parameter margin: at most the picture's side.
    init(side: Int, grid: Int, margin: Int) {
        precondition(side % grid == 0 && margin <= side, "tiles that do not fit")
        (self.side, self.grid) = (side, grid)
        tile = side / grid + 2 * margin
        interior = margin..<margin + side / grid
        places = []
        move(down: 0, right: 0)
    }

    /// Cuts the tiles elsewhere, so many pixels further down and right.
    mutating func move(down: Int, right: Int) {
        func mirrored(_ place: Int) -> Int {
            let rest = ((place % (2 * side)) + 2 * side) % (2 * side)
            return rest < side ? rest : 2 * side - 1 - rest
        }
        let (width, margin) = (interior.count, interior.lowerBound)
        let rows = (0..<grid * tile).map { mirrored($0 / tile * width - margin + $0 % tile + down) }
        let columns = (0..<grid * tile).map { mirrored($0 / tile * width - margin + $0 % tile + right) }
        var places: [Int32] = []
        places.reserveCapacity(tile * tile * count)
        for row in 0..<tile {
            for column in 0..<tile {
                for down in 0..<grid {
                    for right in 0..<grid {
                        places.append(Int32(rows[down * tile + row] * side + columns[right * tile + column]))
                    }
                }
            }
        }
        self.places = places
    }

    /// Writes the tiles of a picture into rows of a pass.
    /// - Parameters:
    ///   - picture: `[channels, side²]`.
    ///   - means, scales: the rows take (value − mean) / scale of each channel.
    func gather(
        _ picture: UnsafePointer<Float>, into rows: UnsafeMutablePointer<Float>, stride: Int, means: [Float],
        scales: [Float]
    ) {
        let (pixels, count) = (tile * tile, count)
        places.withUnsafeBufferPointer { places in
            for channel in means.indices {
                let (own, mean, scale) = (picture + channel * side * side, means[channel], scales[channel])
                for pixel in 0..<pixels {
                    let row = rows + (channel * pixels + pixel) * stride
                    for lane in 0..<count { row[lane] = (own[Int(places[pixel * count + lane])] - mean) / scale }
                    for lane in count..<stride { row[lane] = 0 }
                }
            }
        }
    }

    /// Adds the tiles' gradients to the picture's.
    /// - Parameter gradient: `[channels, side²]`.
    func scatter(
        _ rows: UnsafePointer<Float>, stride: Int, into gradient: UnsafeMutablePointer<Float>, scales: [Float]
    ) {
        let (pixels, count) = (tile * tile, count)
        places.withUnsafeBufferPointer { places in
            for channel in scales.indices {
                let (own, scale) = (gradient + channel * side * side, scales[channel])
                for pixel in 0..<pixels {
                    let row = rows + (channel * pixels + pixel) * stride
                    for lane in 0..<count { own[Int(places[pixel * count + lane])] += row[lane] / scale }
                }
            }
        }
    }
}

/// The pixels around a place on which a layer's values depend: those of place p are from p · scale + low to p · scale + high,
/// along each side.
struct PictureReach: Equatable {
    var scale: Int
    var low: Int
    var high: Int

    /// The pixels themselves.
    static let pixel = PictureReach(scale: 1, low: 0, high: 0)

    /// The margin that a tile needs.
    var margin: Int { max(0, -low, high - scale + 1) }

    /// A window's of values with this reach.
    func through(_ window: Window) -> PictureReach {
        let span = window.dilation * (max(window.kernelHeight, window.kernelWidth) - 1)
        return PictureReach(
            scale: scale * window.stride, low: low - scale * window.padding,
            high: high + scale * max(0, span - window.padding))
    }

    /// The reach of rows of values; nil: they are not made place by place, or larger than what they are made of.
    static func reaches(of program: Program, _ wanted: [Slice]) -> [PictureReach?] {
        var known: [(rows: Slice, reach: PictureReach?)] = [(program.input, .pixel)]
        func reach(of rows: Slice) -> PictureReach? {
            var all: PictureReach?
            for part in known where part.rows.overlaps(rows) {
                guard let own = part.reach, all == nil || all!.scale == own.scale else { return nil }
                all = PictureReach(
                    scale: own.scale, low: min(all?.low ?? own.low, own.low), high: max(all?.high ?? own.high, own.high)
                )
            }
            return all
        }
        for operation in program.trainingForward {
            let read = (operation.slices(.reads) + operation.slices(.changes)).filter { $0.block == .values }
            var result: PictureReach?
            let parts = read.map(reach)
            if !parts.isEmpty, parts.allSatisfy({ $0?.scale == parts[0]?.scale && $0 != nil }) {
                let before = PictureReach(
                    scale: parts[0]!.scale, low: parts.map { $0!.low }.min()!, high: parts.map { $0!.high }.max()!)
                if operation.primitive.isOverWindows {
                    result = operation.window.flatMap { $0.isLocal ? nil : before.through($0) }
                } else if operation.primitive.isPlaceByPlace {
                    result = before
                }
            }
            for rows in operation.slices(.writes) where rows.block == .values { known.append((rows, result)) }
        }
        return wanted.map(reach)
    }
}

extension Primitive {
    /// Whether each place of a map is made of a window of places before it.
    fileprivate var isOverWindows: Bool { [.convolve, .poolMaximum, .poolSum].contains(self) }

    /// Whether each place of a map is made of the same place before it.
    fileprivate var isPlaceByPlace: Bool {
        [.activate, .copy, .add, .scale, .maximum, .normalizeByState, .scaleShift, .respond].contains(self)
    }
}
