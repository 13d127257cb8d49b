import Engine

/// One input column of the raw data.
public struct Column: Sendable, Hashable {
    public var name: String
    /// The range that plots span: the generators' [−6, 6], else the data plus a tenth.
    public var range: ClosedRange<Float>
    /// The training rows' mean: where the column is held when two others are plotted.
    public var mean: Float
    /// 1 where a text or a truth value is there, else 0; it stays so, whatever is standardized.
    public var isIndicator = false
    public init(name: String, range: ClosedRange<Float>, mean: Float = 0) {
        self.name = name
        self.range = range
        self.mean = mean
    }
}

/// Raw samples in original units, as a dataset makes them or a file holds them.
public struct Table: Sendable, Hashable {
    public var columns: [Column]
    /// Row-major `[count, columns]`.
    public var rows: [Float]
    /// A class index or a value for each row.
    public var labels: [Float]
    public var task: Task
    /// One name for each class, in the order of their indices; empty for regression.
    public var classNames: [String]
    /// Test rows whatever the share of training rows is.
    var testRows: Set<Int> = []
    public var count: Int { labels.count }
    public init(columns: [Column], rows: [Float], labels: [Float], task: Task, classNames: [String]) {
        self.columns = columns
        self.rows = rows
        self.labels = labels
        self.task = task
        self.classNames = classNames
    }
}

/// A mistake in the data's description or in a data file, in words for the user.
public struct DataError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable { case malformed, missing, unreadable, cancelled }
    /// malformed → exit status 65, missing → 66.
    public var kind: Kind
    /// "data.noise", "features.2", or "points.csv:12:3" (line and column).
    public var place: String
    public var message: String
    public init(_ kind: Kind, place: String, message: String) {
        self.kind = kind
        self.place = place
        self.message = message
    }
    public var description: String { visibleText("\(place): \(message)") }
}

/// The experiment's `data`.
public struct DataDescription: Sendable, Hashable {
    /// An entry of `Datasets.all` with its knobs (`samples`, `noise`, `file`, …), which stand beside `dataset` in JSON.
    public var dataset: Choice
    /// The rows of the dataset `points`: x1, x2, label (a number or a text).
    public var points: [DrawnPoint]
    /// nil: the dataset's own default.
    public var trainFraction: Double?
    public var seed: UInt64
    public var shuffle: Bool
    /// nil: the generators know theirs, files infer it from the labels.
    public var task: TaskKind?
    /// nil: the dataset's own default.
    public var standardize: Bool?
    /// The columns of a file that are inputs; empty: all but the label.
    public var columns: [String]
    public var table = TableSettings()
    /// Random changes of the training images, in their order: entries of the catalogue's list `augmentation`.
    public var augment: [Choice] = []
    /// Random changes of the test images, drawn once: entries of the same list.
    public var testAugment: [Choice] = []
    /// The classes whose images are taken, by their names apart by commas; empty: all.
    public var classes = ""
    /// Only so many of the first training samples have labels that are learned; nil: all.
    public var labelled: Int?
    /// Images drawn by hand that are training images too, behind the others.
    public var drawings: [DrawnImage] = []

    public init(
        dataset: Choice, points: [DrawnPoint] = [], trainFraction: Double? = nil, seed: UInt64 = 1,
        shuffle: Bool = true,
        task: TaskKind? = nil, standardize: Bool? = nil, columns: [String] = []
    ) {
        self.dataset = dataset
        self.points = points
        self.trainFraction = trainFraction
        self.seed = seed
        self.shuffle = shuffle
        self.task = task
        self.standardize = standardize
        self.columns = columns
    }
}

extension DataDescription {
    /// The same data with every default written out: two descriptions of the same data have the same.
    public var complete: DataDescription {
        guard let known = Datasets.dataset(dataset.id) else { return self }
        var complete = self
        complete.dataset = dataset.complete(for: known.entry)
        complete.trainFraction = trainFraction ?? known.trainFraction
        complete.task = task ?? known.task
        // Augmentation changes images in training alone: the data are the same.
        complete.augment = []
        complete.testAugment = testAugment.map { change in
            Catalogue.entry(.augmentation, change.id).map(change.complete(for:)) ?? change
        }
        complete.standardize = known.standardization == .nothing ? nil : standardizes(known)
        return complete
    }

    func standardizes(_ dataset: Dataset) -> Bool { standardize ?? dataset.standardizesByDefault }
}

public enum TaskKind: String, Sendable, Hashable, CaseIterable { case classification, regression }

/// A point that the user drew: a row of the dataset `points`.
public struct DrawnPoint: Sendable, Hashable {
    public enum Label: Sendable, Hashable { case number(Double), text(String) }
    public var x1: Double
    public var x2: Double
    public var label: Label
    /// It is a test point, whatever part of the points trains.
    public var isTest: Bool
    public init(x1: Double, x2: Double, label: Label, isTest: Bool = false) {
        self.x1 = x1
        self.x2 = x2
        self.label = label
        self.isTest = isTest
    }
}
