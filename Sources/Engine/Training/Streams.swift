import CKernels

/// Samples that follow each other, such as windows of a text, laid out as streams side by side: a batch takes the next sample of
/// each, so that a state that is carried from batch to batch goes on where its text does.
enum Streams {
    /// Streams of equal lengths; samples that are left over come last.
    /// - Returns: the samples' order, ⌊samples / streams⌋ batches of one from each stream.
    static func equal(samples: Int, streams: Int) -> [Int32] {
        let length = samples / streams
        let batches = (0..<length).flatMap { place in (0..<streams).map { Int32($0 * length + place) } }
        return batches + (Int32(streams * length)..<Int32(samples))
    }

    /// All samples; the last stream may be shorter.
    /// - Returns: their order, and the samples of each batch, of which none has more than the one before.
    static func all(samples: Int, streams: Int) -> (order: [Int32], counts: [Int]) {
        let length = (samples + streams - 1) / streams
        var (order, counts): ([Int32], [Int]) = ([], [])
        for place in 0..<length {
            let batch = stride(from: place, to: samples, by: length).map { Int32($0) }
            order += batch
            counts.append(batch.count)
        }
        return (order, counts)
    }

    /// All samples of a set in which a state is carried on while it is measured: as many streams as a vector has lanes, where each
    /// is long enough to matter.
    static func evaluated(samples: Int) -> (order: [Int32], counts: [Int]) {
        all(samples: samples, streams: evaluatedCount(samples: samples))
    }

    static func evaluatedCount(samples: Int) -> Int { max(1, min(Int(LC_LANES), samples / 16)) }
}
