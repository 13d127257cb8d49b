import Basics
import CImages
import Engine

extension PreparedData {
    /// The same data with the pictures that a procedure asks for.
    /// - Parameters:
    ///   - drawings: the user's, of the data's description.
    ///   - directory: that relative files are relative to; nil: the working folder.
    /// - Throws: a picture that is not there or cannot be read.
    public func holding(
        _ wanted: [WantedPicture], of procedure: String, drawings: [DrawnImage], directory: String?,
        loading: Loading? = nil
    ) throws(DataError) -> PreparedData {
        guard !wanted.isEmpty else {
            guard pictures != nil else { return self }
            var data = self
            data.pictures = nil
            return data
        }
        guard case .image(let channels, _, _) = schema.kind, channels == 1 || channels == 3 else {
            throw DataError(
                .malformed, place: "training.procedure.\(procedure)",
                message: "\(procedure) needs data of images in grey or in colours; choose a dataset of images")
        }
        var pictures: [String: InputPicture] = [:]
        for picture in wanted where !picture.words.isEmpty {
            pictures[picture.knob] = try self.picture(
                picture, channels: channels, place: "training.procedure.\(procedure).\(picture.knob)",
                drawings: drawings, directory: directory, loading: loading)
        }
        var data = self
        data.pictures = InputPictures(pictures, means: featureMeans, scales: featureScales)
        return data
    }

    private func picture(
        _ wanted: WantedPicture, channels: Int, place: String, drawings: [DrawnImage], directory: String?,
        loading: Loading?
    ) throws(DataError) -> InputPicture {
        let words = wanted.words.split(separator: " ").map(String.init)
        if let drawn = DrawnPicture.all.first(where: { [$0.name] == words }) {
            return drawn.picture(side: wanted.side, channels: channels)
        }
        if words.count == 2, let number = Int(words[1]), ["data", "drawing"].contains(words[0]) {
            let (count, name) = words[0] == "data" ? (train.count, "training images") : (drawings.count, "drawings")
            guard number >= 1, number <= count else {
                throw DataError(
                    .malformed, place: place,
                    message: count == 0
                        ? "there are no \(name); draw one (output panel), or choose another picture"
                        : "expected a number from 1 to \(count) of the \(name), found \(number)")
            }
            return try words[0] == "data"
                ? sample(number - 1, side: wanted.side) : drawing(drawings[number - 1], wanted.side, place)
        }
        let path = TablePath.path(wanted.words, directory: directory)
        let known = DrawnPicture.all.map(\.name)
        guard FilePath.exists(path) else {
            guard ImageFolder.isPicture(wanted.words) || wanted.words.contains("/") else {
                throw DataError(
                    .malformed, place: place,
                    message: "there is no picture \(quoted(wanted.words)); expected one that the program draws "
                        + "(\(listed(known))), data or drawing with a number (data 7), or a file "
                        + "(\(listed(ImageFolder.endings)))"
                        + (NearestName.of(wanted.words, among: known).map { "; did you mean \(quoted($0))?" } ?? ""))
            }
            throw DataError(
                .missing, place: place,
                message: "there is no file \(quoted(path)); name a picture in PNG, JPEG, PPM or PGM, or one that the "
                    + "program draws (\(listed(known)))")
        }
        let file: Picture
        do throws(DataError) {
            file = try Picture(ImageFiles.Named(path: path, title: wanted.words), channels: channels, loading)
        } catch {
            // The setting that names the file, too: it is what is to be changed.
            throw DataError(error.kind, place: place, message: "\(error.place): \(error.message)")
        }
        var bytes = [UInt8](repeating: 0, count: channels * wanted.side * wanted.side)
        bytes.withUnsafeMutableBufferPointer { file.write(into: $0, height: wanted.side, width: wanted.side) }
        return InputPicture(channels: channels, side: wanted.side, values: bytes.map { Float($0) / 255 })
    }

    /// A training image, made larger.
    private func sample(_ number: Int, side: Int) -> InputPicture {
        guard case .image(let channels, let height, let width) = schema.kind else { preconditionFailure("no image") }
        let own = min(height, width)
        let (top, left) = ((height - own) / 2, (width - own) / 2)
        var values: [Float] = []
        for channel in 0..<channels {
            for row in 0..<own {
                for column in 0..<own {
                    let unit = (channel * height + top + row) * width + left + column
                    let value = train.inputs[number, unit] * featureScales[channel] + featureMeans[channel]
                    values.append(min(max(value, 0), 1))
                }
            }
        }
        return InputPicture(channels: channels, side: own, values: values).resized(to: side)
    }

    private func drawing(_ drawing: DrawnImage, _ side: Int, _ place: String) throws(DataError) -> InputPicture {
        guard case .image(let channels, let height, let width) = schema.kind, height == width,
            drawing.pixels.count == channels * height * width
        else {
            throw DataError(
                .malformed, place: place, message: "the drawing is of other images, or of images that are no squares")
        }
        return InputPicture(channels: channels, side: height, values: drawing.pixels.map { Float($0) / 255 })
            .resized(to: side)
    }
}

extension InputPicture {
    /// The picture as a PNG file; nil: there is no memory for it.
    public func png() -> [UInt8]? {
        let count = side * side
        var pixels = [UInt8](repeating: 0, count: 3 * count)
        for pixel in 0..<count {
            for channel in 0..<3 {
                let value = values[(channels == 3 ? channel : 0) * count + pixel]
                // After a divergence it may be no number: black.
                pixels[3 * pixel + channel] = value > 0 ? UInt8(min(value, 1) * 255 + 0.5) : 0
            }
        }
        var file = lc_file()
        guard lc_write_png(pixels, Int32(side), Int32(side), &file), let bytes = file.bytes else { return nil }
        defer { lc_file_free(&file) }
        return Array(UnsafeBufferPointer(start: bytes, count: file.count))
    }
}
