import Engine

extension DataDescription {
    /// The names in `classes`; empty: all classes are taken.
    var chosenClasses: [String] {
        guard classes.contains(where: { $0 != " " }) else { return [] }
        return classes.split(separator: ",", omittingEmptySubsequences: false).map {
            String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }
}

extension DataSchema {
    /// The same samples, of some classes alone.
    /// - Parameter names: of the classes, in their new order.
    /// - Returns: the schema, and for each old class its new index, nil where it is left out.
    /// - Throws: a class that there is not, one that is named twice, or less than two of them.
    func choosing(_ names: [String]) throws(DataError) -> (schema: DataSchema, indices: [Int?]) {
        var indices = [Int?](repeating: nil, count: classNames.count)
        for (index, name) in names.enumerated() {
            guard let old = classNames.firstIndex(of: name) else {
                throw DataError(
                    .malformed, place: "data.classes",
                    message: "expected classes among \(listed(classNames.map { visibleText($0) })), found "
                        + quoted(name) + offer(name, among: classNames))
            }
            guard indices[old] == nil else {
                throw DataError(
                    .malformed, place: "data.classes", message: "expected each class once, found \(quoted(name)) twice")
            }
            indices[old] = index
        }
        guard names.count >= 2 else {
            throw DataError(
                .malformed, place: "data.classes",
                message: "expected at least two classes apart by commas, found \(quoted(names[0])) alone")
        }
        return (DataSchema(kind, task: .classification(classes: names.count), classNames: names), indices)
    }
}

/// The images of some classes, in the order of their source.
struct ChosenClasses: ImageSource {
    let schema: DataSchema
    let white: Int
    let trainCount: Int?
    private var bytes: [UInt8] = []
    private var labels: [Int] = []
    private var place = 0

    var count: Int { labels.count }

    /// Reads all images, since none of them says its class before, and keeps those of the classes.
    /// - Parameter names: of the classes, in their new order.
    init(of source: inout any ImageSource, _ names: [String], _ loading: Loading?) throws(DataError) {
        let indices: [Int?]
        (schema, indices) = try source.schema.choosing(names)
        white = source.white
        let width = schema.input(features: []).count
        try ImageFiles.requireRoom(count: source.count, width: width, place: "data")
        var training = 0
        let image = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: width)
        defer { image.deallocate() }
        for number in 0..<source.count {
            try loading?.report(Double(number) / Double(source.count))
            let old = try source.next(into: image)
            guard let label = indices[old] else { continue }
            bytes += image
            labels.append(label)
            if number < source.trainCount ?? 0 { training += 1 }
        }
        trainCount = source.trainCount.map { _ in training }
        guard source.trainCount == nil ? !labels.isEmpty : training > 0 else {
            throw DataError(
                .malformed, place: "data.classes",
                message: "expected training images of the classes \(listed(names.map { visibleText($0) })), found none")
        }
    }

    mutating func next(into image: UnsafeMutableBufferPointer<UInt8>) -> Int {
        let first = place * image.count
        for unit in image.indices { image[unit] = bytes[first + unit] }
        place += 1
        return labels[place - 1]
    }
}
