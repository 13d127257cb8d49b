import Engine

/// The images that a dataset draws or reads, before they are split into training and test images.
protocol ImageSource {
    var count: Int { get }
    /// Images that train, which come first; nil: `trainFraction` splits them.
    var trainCount: Int? { get }
    /// Of the kind `image`.
    var schema: DataSchema { get }
    /// The byte that stands for 1: the network takes in byte / white.
    var white: Int { get }

    /// Writes the bytes of the next image, `[channels, height, width]`. Called `count` times.
    /// - Returns: its class.
    mutating func next(into bytes: UnsafeMutableBufferPointer<UInt8>) throws(DataError) -> Int
}

extension ImageSource {
    var trainCount: Int? { nil }
    var white: Int { 255 }
}
