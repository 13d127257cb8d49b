import Engine

/// The description of a dataset's samples, without the samples: a network's inputs and the targets that it learns.
public struct DataSchema: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// Numbers by name, of which the features are made.
        case columns([String])
        /// Values in rows and columns, for each channel.
        case image(channels: Int, height: Int, width: Int)
    }
    public var kind: Kind
    public var task: Task
    /// One name for each class, in the order of their indices; empty for regression.
    public var classNames: [String]

    public init(_ kind: Kind, task: Task, classNames: [String] = []) {
        (self.kind, self.task, self.classNames) = (kind, task, classNames)
    }

    /// The columns' names; none for images.
    public var columns: [String] {
        guard case .columns(let names) = kind else { return [] }
        return names
    }

    /// The shape of one sample as the network takes it.
    /// - Parameter features: names or formulas; empty: every column.
    public func input(features: [String]) -> Shape {
        switch kind {
        case .columns(let names): Shape(features.isEmpty ? names.count : features.count)
        case .image(let channels, let height, let width): Shape(channels, height, width)
        }
    }
}

extension DataSchema {
    /// - Throws: a feature that is no formula of the columns; of images, any.
    public func check(features: [String]) throws(DataError) {
        if case .columns(let names) = kind {
            _ = try FeatureMap(features, columns: names)
        } else if !features.isEmpty {
            throw DataError(
                .malformed, place: "features",
                message:
                    "expected none, found \(listed(features.map { quoted($0) })): the network takes in every pixel of "
                    + "an image")
        }
    }

    /// Two classes of points in the plane, labels 0 (−1, orange) and 1 (+1, blue).
    static let twoClassPlane = plane(.classification(classes: 2), ["−1", "+1"])

    /// Points in the plane with a value each.
    static let valuePlane = plane(.regression, [])

    /// Classes of points in the plane, named A, B, C, …
    static func classPlane(_ count: Int) -> DataSchema {
        plane(.classification(classes: count), (0..<UInt8(count)).map { String(UnicodeScalar(65 + $0)) })
    }

    static func plane(_ task: Task, _ classNames: [String]) -> DataSchema {
        DataSchema(.columns(["x1", "x2"]), task: task, classNames: classNames)
    }
}

extension DataDescription {
    /// The schema of the samples, from the description alone.
    /// - Returns: nil where only a file can tell.
    /// - Throws: a mistake in the description, in a formula for example.
    public func schema() throws(DataError) -> DataSchema? {
        let dataset = try Datasets.named(self)
        let schema = try dataset.schema(DataRequest(self, entry: dataset.entry))
        return try chosenClasses.isEmpty ? schema : schema?.choosing(chosenClasses).schema
    }
}
