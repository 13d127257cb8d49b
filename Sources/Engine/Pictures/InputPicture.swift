/// A square picture.
public struct InputPicture: Sendable, Hashable {
    public let channels: Int
    public let side: Int
    /// 0…1, `[channels, side, side]`.
    public let values: [Float]

    public init(channels: Int, side: Int, values: [Float]) {
        precondition(values.count == channels * side * side, "values of another size")
        (self.channels, self.side, self.values) = (channels, side, values)
    }

    /// The picture in another size: of fewer pixels each is the mean over its area, of more they blend into each other.
    public func resized(to side: Int) -> InputPicture {
        guard side != self.side else { return self }
        let resizing = PictureResizing(from: self.side, to: side)
        return InputPicture(channels: channels, side: side, values: resizing.resized(values, channels: channels))
    }
}

/// Makes square pictures smaller or larger, and brings gradients of the result back to the picture.
struct PictureResizing {
    let old: Int
    let new: Int
    /// For each pixel along a side of the result the pixels that it is made of.
    private let spans: [[(place: Int, share: Float)]]

    init(from old: Int, to new: Int) {
        (self.old, self.new) = (old, new)
        let step = Double(old) / Double(new)
        spans = (0..<new).map { pixel in
            var span: [(place: Int, share: Float)] = []
            if step > 1 {
                let (first, end) = (Double(pixel) * step, Double(pixel + 1) * step)
                for place in Int(first)...min(old - 1, Int(end)) {
                    let share = min(end, Double(place + 1)) - max(first, Double(place))
                    if share > 1e-9 { span.append((place: place, share: Float(share / step))) }
                }
            } else {
                let middle = min(max((Double(pixel) + 0.5) * step - 0.5, 0), Double(old - 1))
                let below = Int(middle)
                let share = Float(middle - Double(below))
                span.append((place: below, share: 1 - share))
                if share > 0 { span.append((place: below + 1, share: share)) }
            }
            return span
        }
    }

    /// - Parameter values: `[channels, old²]`.
    /// - Returns: `[channels, new²]`.
    func resized(_ values: [Float], channels: Int) -> [Float] {
        values.withUnsafeBufferPointer { resized($0.baseAddress!, channels: channels) }
    }

    func resized(_ values: UnsafePointer<Float>, channels: Int) -> [Float] {
        var result = [Float](repeating: 0, count: channels * new * new)
        // First across, then down.
        var rows = [Float](repeating: 0, count: old * new)
        for channel in 0..<channels {
            let own = values + channel * old * old
            for row in 0..<old {
                for (column, span) in spans.enumerated() {
                    rows[row * new + column] = span.reduce(0) { $0 + $1.share * own[row * old + $1.place] }
                }
            }
            for (row, span) in spans.enumerated() {
                for column in 0..<new {
                    result[(channel * new + row) * new + column] = span.reduce(0) {
                        $0 + $1.share * rows[$1.place * new + column]
                    }
                }
            }
        }
        return result
    }

    /// Adds a gradient at the result to that at the picture.
    /// - Parameters:
    ///   - gradient: `[channels, new²]`.
    ///   - sum: `[channels, old²]`.
    func addGradient(_ gradient: [Float], to sum: UnsafeMutablePointer<Float>, channels: Int) {
        var rows = [Float](repeating: 0, count: old * new)
        for channel in 0..<channels {
            for place in rows.indices { rows[place] = 0 }
            for (row, span) in spans.enumerated() {
                for column in 0..<new {
                    let value = gradient[(channel * new + row) * new + column]
                    for part in span { rows[part.place * new + column] += part.share * value }
                }
            }
            let own = sum + channel * old * old
            for row in 0..<old {
                for (column, span) in spans.enumerated() {
                    for part in span { own[row * old + part.place] += part.share * rows[row * new + column] }
                }
            }
        }
    }
}

/// A picture that a procedure asks for.
public struct WantedPicture: Sendable, Hashable {
    /// The knob that names it: "content".
    public var knob: String
    /// The knob's text: a file, one of the pictures that the program draws, or a sample; empty: none is needed.
    public var words: String
    public var side: Int

    public init(knob: String, words: String, side: Int) { (self.knob, self.words, self.side) = (knob, words, side) }
}

/// The pictures of a procedure, and what the network takes in of a value.
public struct InputPictures: Sendable, Hashable {
    /// By their knobs.
    public var pictures: [String: InputPicture]
    /// The network takes (value − mean) / scale of each channel.
    public var means: [Float]
    public var scales: [Float]

    public init(_ pictures: [String: InputPicture], means: [Float], scales: [Float]) {
        (self.pictures, self.means, self.scales) = (pictures, means, scales)
    }
}

/// A picture that is changed, as it stands, and those beside it.
public struct PictureReport: Sendable {
    public struct Beside: Sendable {
        /// "content".
        public var title: String
        public var picture: InputPicture
    }

    public var now: InputPicture
    public var beside: [Beside]
    /// The channels of the network's images: 1 grey, 3 colours.
    public var channels: Int { now.channels }
}
