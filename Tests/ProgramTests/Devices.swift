import Foundation
import Testing

/// The devices of `layercake devices` on this machine.
enum Devices {
    static let missing: Comment = "no OpenCL device is installed"

    /// The names, in their order.
    static let names: [String] = {
        let report = try? Program.run(["devices", "--format", "json"]).json()
        let devices = report?["devices"] as? [[String: Any]] ?? []
        return devices.compactMap { $0["error"] == nil ? $0["name"] as? String : nil }
    }()

    static var exist: Bool { !names.isEmpty }
}
