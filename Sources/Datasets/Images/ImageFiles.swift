import Basics
import Engine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where files of images lie, what may be in them, and how many fit.
enum ImageFiles {
    /// The most pixels along each side of an image.
    static let mostSide = 4096
    /// The most bytes of the file of a picture, unpacked.
    static let mostBytes = 256 << 20

    /// Refuses more images than can be numbered, or than memory holds, before any of them is read.
    /// - Parameters:
    ///   - count: of training images and test images together.
    ///   - width: values of each image, over all channels.
    static func requireRoom(count: Int, width: Int, place: String) throws(DataError) {
        guard count <= Int(Int32.max) else {
            throw DataError(.malformed, place: place, message: "expected at most \(Int32.max) images, found \(count)")
        }
        // Beside the pixels, a label, a place and a number in the shuffled order.
        let bytesPerImage = width + MemoryLayout<Float>.stride + 2 * MemoryLayout<Int32>.stride
        do throws(EngineError) {
            try MemoryRoom.require(
                count * bytesPerImage, place: place, for: "\(plural(count, "image")) of \(width) values",
                advice: "use fewer or smaller images")
        } catch { throw DataError(error) }
    }

    /// A path, and how messages call it.
    struct Named {
        let path: String
        let title: String

        /// A file in this folder.
        func with(_ name: String) -> Named { Named(path: path + "/" + name, title: title + "/" + name) }

        /// Another file in the folder of this one.
        func beside(_ name: String) -> Named {
            func replaced(_ text: String) -> String {
                text.lastIndex(of: "/").map { text[...$0] + name } ?? name
            }
            return Named(path: replaced(path), title: replaced(title))
        }
    }

    /// The names of a folder's entries, ascending, without hidden ones.
    static func names(in folder: Named) throws(DataError) -> [String] {
        guard let stream = opendir(folder.path) else {
            throw ReadOnce.mistake(folder.title, path: folder.path, code: errno)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)) {
                    String(cString: $0)
                }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// The file or folder that the description names.
    static func path(_ request: DataRequest) throws(DataError) -> Named {
        let name = request.text("file")
        guard !name.isEmpty else {
            throw DataError(.malformed, place: "data.file", message: "expected a path, found none")
        }
        let path = TablePath.path(name, directory: request.directory)
        guard FilePath.exists(path) else { throw ReadOnce.mistake(name, path: path, code: ENOENT) }
        return Named(path: path, title: name)
    }
}
