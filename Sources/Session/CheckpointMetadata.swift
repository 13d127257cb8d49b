import Basics
import Datasets
import Engine

/// The texts of a checkpoint's header, and the mistakes in them.
struct CheckpointMetadata {
    var texts: [String: String]
    /// The file's; empty: the checkpoint was not read from one.
    var path: String

    /// A mistake at a place of the file.
    func malformed(_ place: String, _ message: String) -> ExperimentError {
        let place = shortened(place, to: mostNamed)
        return ExperimentError(.malformed, place: path.isEmpty ? place : "\(path): \(place)", message: message)
    }

    /// A mistake in a key's text.
    func mistake(_ key: String, _ message: String) -> ExperimentError { malformed("metadata \(key)", message) }

    static func text(_ values: [some CustomStringConvertible]) -> String {
        values.map(\.description).joined(separator: " ")
    }

    /// nil: the file does not have the key.
    func numbers<Number: LosslessStringConvertible>(_ key: String, as type: Number.Type) throws(ExperimentError)
        -> [Number]?
    {
        guard let text = texts[key] else { return nil }
        var numbers: [Number] = []
        for word in text.split(separator: " ") {
            guard let number = Number(String(word)) else {
                throw mistake(key, "expected numbers, found \(quoted(word))")
            }
            numbers.append(number)
        }
        return numbers
    }

    /// A counter; nil where none is there.
    func count(_ key: String) throws(ExperimentError) -> Int? {
        guard let count = try numbers(key, as: Int.self)?.first else { return nil }
        guard TrainingState.counts.contains(count) else {
            throw mistake(
                key,
                "expected a whole number from 0 to \(TrainingState.counts.upperBound), found \(count)"
            )
        }
        return count
    }

    /// The elements of a list in JSON; empty: the file does not have the key.
    func list(_ key: String) throws(ExperimentError) -> [JSON] {
        guard let text = texts[key] else { return [] }
        guard let json = try? JSON(parsing: text), case .array(let elements) = json else {
            throw mistake(key, "expected a list in JSON, found \(quoted(text))")
        }
        return elements
    }
}

/// A record of data as a checkpoint keeps it.
extension DataRecord {
    /// nil: there are weights alone.
    init?(_ metadata: CheckpointMetadata) throws(ExperimentError) {
        guard let means = try metadata.numbers("feature.means", as: Float.self),
            let scales = try metadata.numbers("feature.scales", as: Float.self),
            let mean = try metadata.numbers("target.mean", as: Float.self)?.first,
            let scale = try metadata.numbers("target.scale", as: Float.self)?.first
        else { return nil }
        guard scales.count == means.count, scale != 0,
            (means + scales + [mean, scale]).allSatisfy(\.isFinite), scales.allSatisfy({ $0 != 0 })
        else {
            throw metadata.mistake(
                "feature.means",
                "expected a mean and a deviation above 0 for each feature, found \(means.count) and \(scales.count)")
        }
        var columns: [TableColumn] = []
        for json in try metadata.list("data.columns") {
            guard let column = TableColumn(json) else {
                throw metadata.mistake(
                    "data.columns", "expected columns with name, kind and categories, found \(json.words)")
            }
            columns.append(column)
        }
        var classes: [String] = []
        for json in try metadata.list("data.classes") {
            guard case .string(let name) = json else {
                throw metadata.mistake("data.classes", "expected texts, found \(json.words)")
            }
            classes.append(name)
        }
        var axes: [Int] = []
        for json in try metadata.list("data.image") {
            guard case .number(let side) = json, let side = Int(exactly: side), (1...4096).contains(side) else {
                throw metadata.mistake("data.image", "expected whole numbers from 1 to 4096, found \(json.words)")
            }
            axes.append(side)
        }
        guard axes.isEmpty || axes.count == 3 else {
            throw metadata.mistake(
                "data.image", "expected channels, height and width, found \(plural(axes.count, "number"))")
        }
        self.init(
            columns: columns, label: metadata.texts["data.label"] ?? "", classes: classes, featureMeans: means,
            featureScales: scales, targetMean: mean, targetScale: scale, image: axes.isEmpty ? nil : Shape(axes: axes))
    }

    var metadata: [String: String] {
        var texts = [
            "feature.means": CheckpointMetadata.text(featureMeans),
            "feature.scales": CheckpointMetadata.text(featureScales), "target.mean": "\(targetMean)",
            "target.scale": "\(targetScale)",
        ]
        if !columns.isEmpty {
            texts["data.columns"] = JSON.array(columns.map(\.json)).text(compact: true)
            texts["data.label"] = label
        }
        if !classes.isEmpty { texts["data.classes"] = JSON.array(classes.map { .string($0) }).text(compact: true) }
        if let image { texts["data.image"] = JSON.array(image.axes.map { .number(Double($0)) }).text(compact: true) }
        return texts
    }
}

extension TableColumn {
    /// As a checkpoint keeps it.
    fileprivate var json: JSON {
        var members = [JSON.Member("name", .string(name)), JSON.Member("kind", .string(kind.rawValue))]
        if !categories.isEmpty { members.append(JSON.Member("categories", .array(categories.map { .string($0) }))) }
        switch fill {
        case .number(let number)?: members.append(JSON.Member("fill", .number(Double(number))))
        case .text(let text)?: members.append(JSON.Member("fill", .string(text)))
        case nil: break
        }
        return .object(members)
    }

    fileprivate init?(_ json: JSON) {
        guard case .string(let name)? = json["name"], case .string(let word)? = json["kind"],
            let kind = Kind(rawValue: word)
        else { return nil }
        self.init(name: name, kind: kind)
        switch json["categories"] {
        case .array(let texts)?:
            for text in texts {
                guard case .string(let text) = text else { return nil }
                categories.append(text)
            }
        case nil: break
        default: return nil
        }
        switch json["fill"] {
        case .number(let number)?: fill = .number(Float(number))
        case .string(let text)?: fill = .text(text)
        case nil: break
        default: return nil
        }
    }
}
