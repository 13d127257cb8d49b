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
        let spans = Self.spans(from: self.side, to: side)
        var values = [Float](repeating: 0, count: channels * side * side)
        // First across, then down.
        var rows = [Float](repeating: 0, count: self.side * side)
        for channel in 0..<channels {
            let own = channel * self.side * self.side
            for row in 0..<self.side {
                for (column, span) in spans.enumerated() {
                    rows[row * side + column] = span.reduce(0) {
                        $0 + $1.share * self.values[own + row * self.side + $1.place]
                    }
                }
            }
            for (row, span) in spans.enumerated() {
                for column in 0..<side {
                    values[(channel * side + row) * side + column] = span.reduce(0) {
                        $0 + $1.share * rows[$1.place * side + column]
                    }
                }
            }
        }
        return InputPicture(channels: channels, side: side, values: values)
    }

    /// For each pixel of the result the pixels that it is made of.
    private static func spans(from old: Int, to new: Int) -> [[(place: Int, share: Float)]] {
        let step = Double(old) / Double(new)
        var spans: [[(place: Int, share: Float)]] = []
        for pixel in 0..<new {
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
            spans.append(span)
        }
        return spans
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
