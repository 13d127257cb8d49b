/// How much of a long run is done, for standard error.
enum ProgressBar {
    /// "[######------------------]  25 %".
    static func text(_ fraction: Double) -> String {
        let width = 24
        let share = min(max(fraction.isFinite ? fraction : 0, 0), 1)
        let filled = Int(share * Double(width))
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled)
        let percent = String(Int(share * 100))
        return "[\(bar)] " + String(repeating: " ", count: 3 - percent.count) + percent + " %"
    }
}
