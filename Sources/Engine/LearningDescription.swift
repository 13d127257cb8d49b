import Basics

/// The settings of training: all of them can change while a network trains.
public struct LearningDescription: Sendable, Hashable {
    public var procedure: Choice
    public var optimizer: Choice
    public var schedule: Choice
    public var batchSize: Int
    public var lastBatch: LastBatch
    public var shuffle: Bool
    public var l1: Double
    public var l2: Double
    /// The largest Euclidean norm of the whole mean gradient (PyTorch's clip_grad_norm_), or nil.
    public var clipNorm: Double?
    /// Random changes of the training images, in their order.
    public var augment: [Choice]
    /// Only so many of the first training samples have labels; nil: all.
    public var labelled: Int?
    /// Single parameters that stay as they are: a tensor's name and the index in it, "output.weight 3".
    public var locked: [String] = []

    public init(
        procedure: Choice = Catalogue.standard(.procedure), optimizer: Choice = Catalogue.standard(.optimizer),
        schedule: Choice = Catalogue.standard(.schedule), batchSize: Int = 10,
        lastBatch: LastBatch = .short, shuffle: Bool = false, l1: Double = 0, l2: Double = 0, clipNorm: Double? = nil,
        augment: [Choice] = [], labelled: Int? = nil
    ) {
        self.procedure = procedure
        self.optimizer = optimizer
        self.schedule = schedule
        self.batchSize = batchSize
        self.lastBatch = lastBatch
        self.shuffle = shuffle
        self.l1 = l1
        self.l2 = l2
        self.clipNorm = clipNorm
        self.augment = augment
        self.labelled = labelled
    }
}

extension LearningDescription {
    /// The random change of inputs that the procedure has a setting for; nil: it has none.
    public var corruption: Choice? {
        let knob = Catalogue.entry(.procedure, procedure.id)?.knobs.first { $0.kind == .choice(.corruption) }
        guard case .choice(let choice)? = knob.map({ procedure.value(of: $0) }) else { return nil }
        return choice
    }

    /// Those of the training samples that the procedure is given.
    public func samples(of all: Samples) -> Samples {
        let takesAll = Catalogue.procedures.first { $0.entry.id == procedure.id }?.learnsFromUnlabelled == true
        return takesAll ? all : all.labelled(labelled)
    }

    /// Why only the processor trains with these settings; nil: devices do too.
    public var deviceRefusal: EngineError? {
        if !augment.isEmpty {
            return EngineError(place: "data.augment", message: "training images are changed on the processor alone")
        }
        if !locked.isEmpty {
            return EngineError(place: "training.locked", message: "single weights are locked on the processor alone")
        }
        guard let type = try? Catalogue.procedure(procedure), !type.isPlainDescent else { return nil }
        return EngineError(
            place: "training.procedure", message: "\(type.entry.title) trains on the processor alone")
    }

    private static func lockedPlace(_ text: String) -> (name: Substring, index: Int)? {
        let words = text.split(separator: " ")
        guard words.count == 2, let index = Int(words[1]), index >= 0 else { return nil }
        return (words[0], index)
    }

    /// The places of the locked parameters in the flat ones; those that a network does not have are left out.
    public func lockedPlaces(in outline: Outline) -> [Int] {
        locked.compactMap { text in
            guard let (name, index) = Self.lockedPlace(text),
                let tensor = outline.tensors.first(where: { $0.name == name }), index < tensor.count
            else { return nil }
            return tensor.offset + index
        }
    }

    /// Checks that the batches are large enough for a network.
    /// - Parameter samples: of training; nil: as many as a batch wants.
    public func checkBatches(of samples: Int? = nil, for outline: Outline) throws(EngineError) {
        guard outline.smallestBatch > 1 else { return }
        _ = try Batches(samples: samples ?? max(1, batchSize), learning: self, smallest: outline.smallestBatch)
    }

    /// The training samples that each epoch leaves out because the network needs larger batches, in words; nil: none.
    public func leftOut(of samples: Int, for outline: Outline) -> String? {
        guard let batches = try? Batches(samples: samples, learning: self, smallest: outline.smallestBatch),
            batches.tooFew > 0
        else { return nil }
        let some = batches.tooFew == 1 ? "one is" : "\(batches.tooFew) are"
        return "batch normalization needs \(outline.smallestBatch) samples in a batch: of \(samples) in batches of "
            + "\(batches.size) \(some) left out of each epoch"
    }

    /// Hints to a user about a network and its samples.
    public func notes(of samples: Int, for outline: Outline) -> [String] {
        [leftOut(of: samples, for: outline), outline.symbolNote].compactMap(\.self)
    }

    /// Checks every setting but those that need the network.
    func check() throws(EngineError) {
        func expect(_ isRight: Bool, _ place: String, _ message: String) throws(EngineError) {
            if !isRight { throw EngineError(place: "training.\(place)", message: message) }
        }
        try expect(batchSize >= 1, "batchSize", "expected at least 1, found \(batchSize)")
        if let labelled { try expect(labelled >= 1, "labelled", "expected at least 1, found \(labelled)") }
        try expect(l1 >= 0 && l1.isFinite, "regularization.l1", "expected a number from 0, found \(l1)")
        try expect(l2 >= 0 && l2.isFinite, "regularization.l2", "expected a number from 0, found \(l2)")
        if let clipNorm {
            try expect(clipNorm > 0 && clipNorm.isFinite, "clipNorm", "expected a number above 0, found \(clipNorm)")
        }
        for (index, text) in locked.enumerated() {
            try expect(
                Self.lockedPlace(text) != nil, "locked.\(index)",
                "expected a tensor's name and an index, such as “output.weight 3”, found \(quoted(text))")
        }
        _ = try Catalogue.procedure(procedure)
        for (index, choice) in augment.enumerated() {
            _ = try Augmenter.settings(choice, place: "data.augment.\(index)")
        }
        try Updater.check(optimizer)
        _ = try LearningRate(schedule, base: 1)
    }
}
