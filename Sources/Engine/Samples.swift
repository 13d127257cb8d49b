/// Samples in the form in which a network takes them.
public struct Samples: Sendable, Hashable {
    public var inputs: SampleStore
    /// A class index or a (standardized) value for each sample, or one for each of its steps, row-major `[count, steps]`.
    public var labels: [Float]
    /// Stands in `labels` for a step without a target.
    public static let noLabel = -Float.greatestFiniteMagnitude
    /// Of each step the classes that may stand there, bit k for class k; 0 for a step without a target. nil: the label alone.
    public var legal: [UInt32]?
    /// The task of each sample, where several are learned in turn; nil: there is one task.
    public var tasks: TaskMarks?
    public var count: Int { inputs.count }

    public init(inputs: SampleStore, labels: [Float], legal: [UInt32]? = nil, tasks: TaskMarks? = nil) {
        (self.inputs, self.labels, self.legal, self.tasks) = (inputs, labels, legal, tasks)
    }

    /// The first so many, in the same memory; nil: all.
    public func labelled(_ number: Int?) -> Samples {
        guard let number, number < count else { return self }
        let (kept, own) = (max(1, number), labels.count / count)
        return Samples(
            inputs: inputs.first(kept), labels: Array(labels.prefix(kept * own)),
            legal: legal.map { Array($0.prefix(kept * own)) })
    }

    /// - Parameter inputs: row-major `[count, features]`.
    public init(count: Int, inputs: [Float], labels: [Float]) {
        self.init(inputs: SampleStore(inputs, count: count), labels: labels)
    }
}

extension Samples {
    /// The same for the same samples on every machine (FNV-1a over words).
    public var digest: UInt64 {
        var digest = stableHash([])
        func add(_ number: UInt64) { digest = (digest ^ number) &* 0x100_0000_01B3 }
        add(UInt64(count))
        for unit in 0..<inputs.width {
            for sample in 0..<count { add(UInt64(inputs[sample, unit].bitPattern)) }
        }
        for label in labels { add(UInt64(label.bitPattern)) }
        return digest
    }
}

/// The tasks that samples belong to, counted from 0.
public struct TaskMarks: Sendable, Hashable {
    public var count: Int
    /// Of each sample.
    public var samples: [Int32]
    /// Of each class, where no class belongs to several tasks; else nil.
    public var classes: [Int32]?

    /// - Parameters:
    ///   - samples: the task of each sample.
    ///   - classes: the task of each class; nil: classes belong to several.
    public init(count: Int, samples: [Int32], classes: [Int32]? = nil) {
        (self.count, self.samples, self.classes) = (count, samples, classes)
    }
}
