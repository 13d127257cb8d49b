import CKernels

/// Takes training images into a batch, each changed at random. The randomness hangs on the pass and the sample alone, so a
/// run repeats whatever shares its work.
final class Augmenter {
    private let steps: [(effect: Augmentation.Effect, settings: Settings)]
    private let shape: Shape
    /// One image, before and after it is moved.
    fileprivate let memory: (Block, Block)

    /// - Parameters:
    ///   - shape: `[channels, height, width]`.
    ///   - place: the key path that mistakes name.
    /// nil: there is nothing to change.
    /// - Throws: samples that are no images, an augmentation that there is not, or a setting out of range.
    init?(_ choices: [Choice], shape: Shape, place: String = "data.augment") throws(EngineError) {
        guard !choices.isEmpty else { return nil }
        guard shape.axes.count == 3 else {
            throw EngineError(
                place: place, message: "expected images to change, found samples of shape \(shape)")
        }
        var steps: [(Augmentation.Effect, Settings)] = []
        for (index, choice) in choices.enumerated() {
            let settings = try Self.settings(choice, place: "\(place).\(index)")
            steps.append((Catalogue.augmentations.first { $0.entry.id == choice.id }!.effect, settings))
        }
        self.steps = steps
        self.shape = shape
        memory = (try Block(count: shape.count), try Block(count: shape.count))
    }

    static func settings(_ choice: Choice, place: String) throws(EngineError) -> Settings {
        try Settings(choice, in: .augmentation, place: place)
    }

    /// Writes rows order[first …< first + count] of `data`, each changed, into a batch of `shape.count` rows of `stride`
    /// floats; zeros fill the last vector.
    /// - Parameters: seed, counter: the key and the number of the pass.
    func gather(
        _ out: UnsafeMutablePointer<Float>, stride: Int, from data: ResidentRows, order: RowOrder?, first: Int,
        count: Int,
        seed: UInt64, counter: UInt64
    ) {
        let lanes = Int(LC_LANES)
        for lane in 0..<(count + lanes - 1) / lanes * lanes {
            guard lane < count else {
                for unit in 0..<shape.count { out[unit * stride + lane] = 0 }
                continue
            }
            let sample = order.map { Int($0.base[first + lane]) } ?? first + lane
            let image = changed(data, sample, seed: seed, counter: counter)
            if let bytes = data.bytes {
                let size = shape.axes[1] * shape.axes[2]
                for unit in 0..<shape.count {
                    out[unit * stride + lane] = bytes.standardized(image.base[unit], channel: unit / size)
                }
            } else {
                for unit in 0..<shape.count { out[unit * stride + lane] = image.base[unit] }
            }
        }
    }

    /// A number that depends on both.
    static func mixed(_ one: UInt64, _ other: UInt64) -> UInt64 {
        var random = Random(seed: one ^ (other &+ 1) &* 0x9E37_79B9_7F4A_7C15)
        return random.next()
    }

    /// One image in one of its variants, from 0 to 1; its memory is the augmenter's until the next call.
    func changed(_ data: ResidentRows, _ sample: Int, seed: UInt64, counter: UInt64) -> ImageValues {
        for unit in 0..<shape.count { memory.0.base[unit] = data.bytes?.raw(unit, sample) ?? data[unit, sample] }
        return changedImage(sample, seed: seed, counter: counter)
    }

    /// The image in the first part of the memory, in one of its variants.
    fileprivate func changedImage(_ sample: Int, seed: UInt64, counter: UInt64) -> ImageValues {
        let (channels, height, width) = (shape.axes[0], shape.axes[1], shape.axes[2])
        var (image, other) = (
            ImageValues(channels: channels, height: height, width: width, base: memory.0.base),
            ImageValues(channels: channels, height: height, width: width, base: memory.1.base)
        )
        var random = Random(seed: Self.mixed(Self.mixed(seed, counter), UInt64(sample)))
        var placement = Placement(height: height, width: width)
        func move() {
            guard !placement.isIdentity else { return }
            placement.apply(image, into: other)
            swap(&image, &other)
            placement = Placement(height: height, width: width)
        }
        for step in steps {
            switch step.effect {
            // Moves that follow one another are one, so that pixels are mixed but once.
            case .place(let place): place(step.settings, &random, &placement)
            case .values(let change):
                move()
                change(step.settings, &random, image)
            }
        }
        move()
        return image
    }
}

/// Changes images of bytes once and for all, in place.
public final class ByteAugmenter {
    private let augmenter: Augmenter
    private let seed: UInt64

    /// - Parameters:
    ///   - shape: `[channels, height, width]`.
    ///   - place: the key path that mistakes name.
    /// nil: there is nothing to change.
    /// - Throws: an augmentation that there is not, or a setting out of range.
    public init?(_ choices: [Choice], shape: Shape, seed: UInt64, place: String) throws(EngineError) {
        guard let augmenter = try Augmenter(choices, shape: shape, place: place) else { return nil }
        (self.augmenter, self.seed) = (augmenter, seed)
    }

    /// - Parameters:
    ///   - bytes: of one image; byte / white is the value from 0 (black) to 1.
    ///   - sample: the number of the image, on which the randomness hangs besides the seed.
    public func change(_ bytes: UnsafeMutableBufferPointer<UInt8>, white: Int, sample: Int) {
        let image = augmenter.memory.0.base
        for place in bytes.indices { image[place] = Float(bytes[place]) / Float(white) }
        let changed = augmenter.changedImage(sample, seed: seed, counter: 0)
        for place in bytes.indices {
            bytes[place] = UInt8(min(max((changed.base[place] * Float(white)).rounded(), 0), 255))
        }
    }
}

extension SampleStore {
    /// The images that training may take in place of one: variants of it, `[channels, height, width]`, 0…1.
    /// - Parameter shape: of the image.
    /// - Throws: samples that are no images, or an augmentation that is mistaken.
    public func variants(
        of sample: Int, shape: Shape, augment: [Choice], count: Int, seed: UInt64
    ) throws(EngineError) -> [[Float]] {
        guard sample >= 0, sample < self.count, let augmenter = try Augmenter(augment, shape: shape) else { return [] }
        return (0..<max(0, count)).map { number in
            Array(augmenter.changed(rows, sample, seed: seed, counter: UInt64(number)).values)
        }
    }
}
