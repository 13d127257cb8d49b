import Engine

/// The list of all datasets, each described by its entry.
public enum Datasets {
    static let list = made + games + files
    private static let made: [Dataset] =
        [
            Circle.dataset, Xor.dataset, Gauss.dataset, Spiral.dataset, TiltedPlane.dataset, RegGauss.dataset,
            And.dataset, Or.dataset, Nand.dataset, XorTable.dataset,
            Moons.dataset, Rings.dataset, Checkerboard.dataset, Heart.dataset, Blobs.dataset, Spirals.dataset,
            Sine.dataset, Function.dataset, Density.dataset,
            Digits.dataset, Lines.dataset, Textures.dataset, Shapes.dataset, BarsAndStripes.dataset,
            TypedImages.dataset,
            Recall.dataset, Adding.dataset, TemporalOrder.dataset, Parity.dataset, Counting.dataset, Copy.dataset,
            Reber.dataset, Waves.dataset, Sums.dataset, Spell.dataset, Sentiment.dataset, Blank.dataset,
            LastNames.dataset, Grammar.dataset,
        ]
    private static let games = Catalogue.entries(.environment).map { Dataset(environment: $0) }
    private static let files: [Dataset] = [
        IDX.dataset, CIFAR.dataset, ImageFolder.dataset, TextFile.dataset, CSVSequences.dataset, CSV.dataset,
        Points.dataset,
    ]
    public static let all: [Entry] = list.map(\.entry)

    private static let byID = Dictionary(uniqueKeysWithValues: list.map { ($0.entry.id, $0) })

    static func dataset(_ id: String) -> Dataset? { byID[id] }

    /// - Throws: that there is none of the description's name, and the nearest that there is.
    static func named(_ description: DataDescription) throws(DataError) -> Dataset {
        let id = description.dataset.id
        guard let dataset = dataset(id) else {
            throw DataError(
                .malformed, place: "data.dataset",
                message: "expected a dataset, found \(quoted(id))" + offer(id, among: all.map(\.id)))
        }
        return dataset
    }

    public static func entry(_ id: String) -> Entry? { dataset(id)?.entry }
    /// The share of the rows that trains when the experiment does not say: 0.5, or 1 for the truth tables.
    public static func defaultTrainFraction(_ id: String) -> Double { dataset(id)?.trainFraction ?? 0.5 }
    /// Whether a dataset's samples are images.
    public static func areImages(_ id: String) -> Bool {
        guard case .images? = dataset(id)?.make else { return false }
        return true
    }
    /// Whether a dataset's samples are sequences.
    public static func areSequences(_ id: String) -> Bool {
        guard case .sequences? = dataset(id)?.make else { return false }
        return true
    }
    /// Whether a dataset has no samples unless a file is named.
    public static func needsFile(_ id: String) -> Bool { dataset(id)?.isBuiltIn == false }
    /// Whether a dataset is a game.
    public static func areGames(_ id: String) -> Bool {
        guard case .states? = dataset(id)?.make else { return false }
        return true
    }
    /// Whether a dataset reads the rows of a table from a file.
    public static func readsTable(_ id: String) -> Bool {
        labelKnob(id) != nil
    }
    /// Whether `data.standardize` is true where the experiment does not say; nil: there is nothing to standardize.
    public static func standardizes(_ id: String) -> Bool? {
        dataset(id).flatMap {
            $0.standardization == .nothing || $0.standardization == .targets ? nil : $0.standardizesByDefault
        }
    }
    /// The dataset of points that are drawn by hand.
    static let drawn = list.first { $0.isDrawn }
    /// Whether a dataset's points stand in the experiment itself.
    public static func isDrawn(_ id: String) -> Bool { dataset(id)?.isDrawn ?? false }
    /// The knob of a dataset that names the column to be learned; nil: it has no such one.
    public static func labelKnob(_ id: String) -> String? { dataset(id)?.labelKnob }
    /// The task of a generator; nil where the data decides (`csv`, `points`).
    public static func task(_ id: String) -> TaskKind? { dataset(id)?.task }
}
