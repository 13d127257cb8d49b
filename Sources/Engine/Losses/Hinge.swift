extension Loss {
    static let hinge = Loss(
        Entry(
            id: "hinge", title: "hinge",
            summary:
                "Zero once an output is on the right side by a margin of 1: only points near the boundary or beyond it count.",
            formula: "L = Σ max(0, 1 − t · y), t = ±1",
            source: "Cortes and Vapnik, Support-vector networks, 1995",
            watch: "It becomes exactly 0 where all points are right by the margin: then nothing moves any more."),
        slope: { y, t in "−\(t) where \(t) · \(y) < 1, else 0" }, suitsRegression: false)
}
